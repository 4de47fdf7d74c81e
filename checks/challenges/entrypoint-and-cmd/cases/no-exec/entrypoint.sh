#!/bin/sh
echo "${GREETING:-Hello}" >greeting.txt
python app.py "$@"
