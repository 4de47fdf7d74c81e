#!/bin/sh
echo "$GREETING" >greeting.txt
exec python app.py "$@"
