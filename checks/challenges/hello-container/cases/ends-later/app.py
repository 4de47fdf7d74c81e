import os
import signal
import sys
import threading

from flask import Flask, jsonify

app = Flask(__name__)


@app.get("/")
def hello():
    return "Hello from a container!\n"


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")


def expire():
    print("license expired", flush=True)
    os._exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    threading.Timer(9, expire).start()
    app.run(host="0.0.0.0", port=5000)
