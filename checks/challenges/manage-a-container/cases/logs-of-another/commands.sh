#!/bin/sh
# The life of a container. Works as it is typed, too: sh commands.sh
set -e

# 1. A web server in the background, with a name
docker run -d --name web -p 8080:80 nginx:1.27
sleep 2

# 2. It answers
curl -s localhost:8080

# 3. What it has printed
docker logs nginx

# 4. A look inside
docker exec web ls /usr/share/nginx/html

# 5. Another page, and its configuration
docker cp index.html web:/usr/share/nginx/html/index.html
docker cp web:/etc/nginx/nginx.conf nginx.conf

# 6. A pause
docker stop web
docker start web

# 7. The end
docker stop web
docker rm web
