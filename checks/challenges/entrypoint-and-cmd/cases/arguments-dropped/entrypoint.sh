#!/bin/sh
echo "${GREETING:-Hello}" >greeting.txt
exec python app.py "$1"
