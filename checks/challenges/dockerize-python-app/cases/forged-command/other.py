"""A small web API: it says hello, and counts its visits where there is a Redis."""

import os
import platform
import signal
import sys

import redis
from flask import Flask, jsonify

app = Flask(__name__)
REDIS_URL = os.environ.get("REDIS_URL")


@app.get("/health")
def health():
    return jsonify(status="healthy")


@app.get("/api/greeting/<name>")
def greeting(name):
    return jsonify(message=f"Hi, {name}!")


@app.get("/api/counter")
def counter():
    if not REDIS_URL:
        return jsonify(message="Nothing is counted: REDIS_URL is not set.")
    try:
        visits = redis.Redis.from_url(REDIS_URL, socket_timeout=2).incr("visits")
    except redis.RedisError as error:
        return jsonify(error=f"No answer from Redis: {error}"), 503
    return jsonify(count=visits)


@app.get("/api/info")
def info():
    return jsonify(
        app="dockerize-python-app",
        python=platform.python_version(),
        counter="redis" if REDIS_URL else "off",
    )


def stop(*_):
    """`docker stop` sends SIGTERM, which the first process of a container ignores unless told."""
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    # 0.0.0.0: all of the container's addresses. On 127.0.0.1 nothing outside of it could call.
    app.run(host="0.0.0.0", port=5000)
