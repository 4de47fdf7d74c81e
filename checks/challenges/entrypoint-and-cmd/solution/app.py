"""Greets with the words of greeting.txt: `greet NAME...` once, and `serve` on port 8000 until it is stopped."""

import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

GREETING = Path("greeting.txt")
USAGE = "usage: app.py serve, or app.py greet NAME..."


def greeting():
    if not GREETING.exists():
        sys.exit(f"{GREETING} is missing in {Path.cwd()}")
    return GREETING.read_text().strip()


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{greeting()}, visitor!\n".encode())


def serve():
    print(f"{greeting()}! The page is on port 8000.", flush=True)
    ThreadingHTTPServer(("", 8000), Page).serve_forever()


def stop(*_):
    print("Goodbye!", flush=True)
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["greet", *names] if names:
            for name in names:
                print(f"{greeting()}, {name}!")
        case _:
            sys.exit(USAGE)
