from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"Hello\n")


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 8000), Hello).serve_forever()
