import sys
import urllib.request

with urllib.request.urlopen("http://127.0.0.1:5000/health") as answer:
    sys.exit(answer.status != 200)
