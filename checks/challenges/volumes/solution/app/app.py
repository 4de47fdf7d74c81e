"""Counts its visits in three places at once: in a folder of the container, in /data and in /scratch.

The title of the page is the text in /site/title.txt.
"""

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

PLACES = {"container": Path("/app/own"), "visits": Path("/data"), "session": Path("/scratch")}
TITLE = Path("/site/title.txt")


def count(folder):
    """One more than the number in the folder, which is kept there."""
    file = folder / "visits"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = int(file.read_text()) + 1 if file.exists() else 1
        file.write_text(str(number))
        return number
    except OSError as error:
        return f"{error.strerror}: {file}"


def title():
    try:
        return TITLE.read_text().strip()
    except OSError as error:
        return f"{error.strerror}: {TITLE}"


class App(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/":
            answer = {"title": title()} | {name: count(folder) for name, folder in PLACES.items()}
        else:
            answer = {"status": "ok"}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode() + b"\n")


# Ends at once when the container is stopped.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
HTTPServer(("0.0.0.0", 5000), App).serve_forever()
