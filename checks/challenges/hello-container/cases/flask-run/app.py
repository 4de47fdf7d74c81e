import signal
import sys

from flask import Flask

app = Flask(__name__)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


@app.route("/")
def index():
    return "<h1>Hello!</h1>"


@app.route("/healthz")
def healthz():
    return "fine"
