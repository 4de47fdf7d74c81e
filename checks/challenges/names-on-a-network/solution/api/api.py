"""Counts the visits in the database, and hands out their number."""

import json
import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DB_HOST = os.environ.get("DB_HOST", "db")


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            with socket.create_connection((DB_HOST, 6379), 3) as database:
                database.sendall(b"INCR visits\r\n")
                status, answer = 200, {"visits": int(database.recv(64).lstrip(b":"))}
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            status, answer = 503, {"error": f"api: Error connecting to {DB_HOST}:6379. {reason}."}
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())


# Ends at once when the container is stopped.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("0.0.0.0", 5001), Api).serve_forever()
