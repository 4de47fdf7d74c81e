import os
import signal
import sys

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello():
    return "Hello from a container!\n"


@app.get("/healthz")
def healthz():
    return "ok"


if __name__ == "__main__":
    try:
        open("service.lock", "x").write(str(os.getpid()))
    except FileExistsError:
        sys.exit("Another one is running already: there is a service.lock.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app.run(host="0.0.0.0", port=5000)
