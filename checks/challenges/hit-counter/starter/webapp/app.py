"""Counts its page hits in Redis and shows the count."""

import os

import redis
from flask import Flask, jsonify

app = Flask(__name__)
store = redis.Redis(host=os.environ.get("REDIS_HOST", "redis"), port=6379, decode_responses=True, socket_timeout=3)

GREETING = "Hello from Compose"


@app.get("/")
def index():
    return jsonify(greeting=GREETING, hits=store.incr("hits"))


@app.get("/healthz")
def healthz():
    store.ping()
    return jsonify(status="ok")


@app.errorhandler(redis.exceptions.RedisError)
def unreachable(error):
    return jsonify(greeting=GREETING, error=str(error)), 503


if __name__ == "__main__":
    # The reloader restarts the app as soon as app.py changes.
    app.run(host="0.0.0.0", port=5000, use_reloader=True)
