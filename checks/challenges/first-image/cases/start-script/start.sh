#!/bin/sh
echo "It starts."
exec python /opt/hello.py
