"""Runs the application on all addresses."""

from src.app import app

if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
