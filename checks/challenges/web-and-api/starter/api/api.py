"""Has one message and hands it to any caller."""

import signal
import sys

from flask import Flask, jsonify

app = Flask(__name__)

MESSAGE = "Greetings from the API container"


@app.get("/")
def message():
    return jsonify(message=MESSAGE)


if __name__ == "__main__":
    # Ends at once when the container is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app.run(host="0.0.0.0", port=5001)
