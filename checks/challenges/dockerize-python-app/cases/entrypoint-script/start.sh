#!/bin/sh
set -e
cd src
echo "Starting"
exec python app.py
