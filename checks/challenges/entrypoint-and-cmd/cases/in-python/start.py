import os
import sys

with open("greeting.txt", "w") as file:
    file.write(os.environ.get("GREETING", "Hello"))
os.execvp("python", ["python", "app.py", *sys.argv[1:]])
