"""Your service. The README says what it has to do."""

from flask import Flask

app = Flask(__name__)

# TODO: GET / says hello.

# TODO: GET /healthz says that all is well.

# TODO: start the server.
