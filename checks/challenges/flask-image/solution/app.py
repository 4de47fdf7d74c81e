"""Serves a page with the version of the app and the name of its author. Both come from the environment."""

import os
import signal
import sys

from flask import Flask

app = Flask(__name__)


@app.get("/")
def page():
    version = os.environ.get("APP_VERSION", "unknown")
    author = os.environ.get("AUTHOR_NAME", "unknown")
    text = f"Hello from a container!\nVersion: {version}\nAuthor: {author}\n"
    return text, {"Content-Type": "text/plain; charset=utf-8"}


if __name__ == "__main__":
    # Ends at once when the container is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app.run(host="0.0.0.0", port=5000)
