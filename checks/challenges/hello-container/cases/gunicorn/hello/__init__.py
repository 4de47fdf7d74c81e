from flask import Flask


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def hello():
        return {"message": "hello, world"}

    @app.get("/healthz")
    def healthz():
        return "", 200

    return app
