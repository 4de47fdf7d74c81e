"""Serves a page with the number of visits, for which it asks the API."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

API_URL = os.environ.get("API_URL", "http://api:5001")


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            with urlopen(API_URL, timeout=3) as answer:
                status, page = 200, json.load(answer)
        except HTTPError as error:
            status, page = 502, json.load(error)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            reason = getattr(reason, "strerror", None) or reason
            status, page = 502, {"error": f"web: Error connecting to {urlsplit(API_URL).netloc}. {reason}."}
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(page).encode() + b"\n")


# Ends at once when the container is stopped.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("0.0.0.0", 5000), Page).serve_forever()
