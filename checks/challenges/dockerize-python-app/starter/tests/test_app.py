"""Run with `pip install -r requirements.txt pytest` and `python -m pytest`."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

import app as api  # noqa: E402


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(api, "REDIS_URL", None)
    return api.app.test_client()


def test_health(client):
    assert client.get("/health").json == {"status": "healthy"}


def test_greeting(client):
    assert client.get("/api/greeting/Ada").json == {"message": "Hello, Ada!"}


def test_counter_counts_nothing_without_redis(client):
    answer = client.get("/api/counter")
    assert answer.status_code == 200
    assert "count" not in answer.json


def test_counter_says_so_when_redis_is_away(client, monkeypatch):
    monkeypatch.setattr(api, "REDIS_URL", "redis://127.0.0.1:1")
    answer = client.get("/api/counter")
    assert answer.status_code == 503
    assert "Redis" in answer.json["error"]


def test_info(client):
    assert client.get("/api/info").json["counter"] == "off"
