from pathlib import Path

from flask import Flask, send_file

app = Flask(__name__)


@app.route("/")
def page():
    return send_file(Path(__file__).with_name("page.html"))


app.run("0.0.0.0", 5000)
