#!/bin/sh
# Write your commands below each task, one a line. Try them at a terminal first.
set -e

# 1. Start a container called web in the background, from the image nginx with a version as its tag.
#    Port 8080 of your computer leads to port 80 of the container.

# 2. Ask the web server with curl. A `sleep 2` before gives it time to start.

# 3. Show what the container has printed.

# 4. Run `ls /usr/share/nginx/html` in the container.

# 5. Copy index.html there, and copy /etc/nginx/nginx.conf out of the container into this folder.

# 6. Stop the container, and start it again.

# 7. Remove it. Nothing of it is left.
