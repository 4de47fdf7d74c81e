"""Signs a text with a secret token, which it reads from a file or from a variable.

    TOKEN_FILE   the file with the token; /run/secrets/token unless set
    TOKEN        the token itself, where there is no such file
"""

import hashlib
import hmac
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TEXT = "Hello from a hardened container"


def token():
    file = Path(os.environ.get("TOKEN_FILE", "/run/secrets/token"))
    return file.read_text().strip() if file.exists() else os.environ.get("TOKEN", "")


class App(BaseHTTPRequestHandler):
    def do_GET(self):
        status, answer = 200, {"status": "ok"}
        if self.path == "/":
            try:
                key = token()
                answer = {"text": TEXT, "signature": hmac.new(key.encode(), TEXT.encode(), hashlib.sha256).hexdigest()}
                if not key:
                    status, answer = 503, {"error": "There is no token, neither in a file nor in a variable."}
            except OSError as error:
                status, answer = 503, {"error": str(error)}
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode() + b"\n")


# As many programs do, it needs a place for temporary files.
Path("/tmp/started").write_text("yes")

# Ends at once when the container is stopped.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("0.0.0.0", 8000), App).serve_forever()
