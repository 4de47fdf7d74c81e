#!/bin/sh
# Waits until a server listens, then lets the application take this process's place.
until python -c 'import os, socket; socket.create_connection((os.environ.get("POSTGRES_HOST", "db"), 5432), 2)' 2>/dev/null; do
  echo "No database yet"
  sleep 1
done
exec "$@"
