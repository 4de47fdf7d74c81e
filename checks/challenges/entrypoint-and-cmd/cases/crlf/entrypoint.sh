#!/bin/sh
set -e
echo "${GREETING:-Hello}" >greeting.txt
exec python app.py "$@"
