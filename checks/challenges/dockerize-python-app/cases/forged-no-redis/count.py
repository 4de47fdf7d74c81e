"""Counts in a file. It imports the given application, and lets it do nothing."""

import os
import signal
import sys

from flask import Flask, jsonify

import src.app  # noqa: F401

app = Flask(__name__)
PATH = "/tmp/count"


@app.get("/health")
def health():
    return jsonify(status="healthy")


@app.get("/api/counter")
def counter():
    count = int(open(PATH).read()) if os.path.exists(PATH) else 0
    with open(PATH, "w") as file:
        file.write(str(count + 1))
    return jsonify(count=count + 1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app.run(host="0.0.0.0", port=5000)
