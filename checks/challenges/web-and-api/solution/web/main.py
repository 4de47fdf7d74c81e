"""Serves a page with the message that the API has for it."""

import json
import os
import signal
import sys
from urllib.parse import urlsplit
from urllib.request import urlopen

from flask import Flask
from markupsafe import escape

app = Flask(__name__)
API_URL = os.environ.get("API_URL", "http://localhost:5001")


@app.get("/")
def page():
    try:
        with urlopen(API_URL, timeout=3) as answer:
            return f"<h1>{escape(json.load(answer)['message'])}</h1>\n"
    except (OSError, ValueError, KeyError) as error:
        reason = getattr(error, "reason", error)
        reason = getattr(reason, "strerror", None) or reason
        return f"<h1>No message</h1>\n<p>Error connecting to {escape(urlsplit(API_URL).netloc)}. {escape(reason)}.</p>\n", 502


@app.get("/healthz")
def healthz():
    return "ok\n"


if __name__ == "__main__":
    # Ends at once when the container is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app.run(host="0.0.0.0", port=5000)
