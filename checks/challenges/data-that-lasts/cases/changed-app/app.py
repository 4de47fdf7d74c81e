from flask import Flask, jsonify

app = Flask(__name__)
visits = 0


@app.get("/")
def visit():
    global visits
    visits += 1
    return jsonify(visits=visits)


app.run(host="0.0.0.0", port=5000)
