"""Serves a page with a heading."""

import signal
import sys

from flask import Flask

app = Flask(__name__)


@app.get("/")
def page():
    return "<h1>Hello from inside a container!</h1>\n"


if __name__ == "__main__":
    # Ends at once when the container is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # On every address of the container: a published port reaches no other.
    app.run(host="0.0.0.0", port=5000)
