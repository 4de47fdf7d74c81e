#!/bin/sh
echo "Here we go"
exec "$@"
