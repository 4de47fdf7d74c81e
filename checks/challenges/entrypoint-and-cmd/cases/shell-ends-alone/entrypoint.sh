#!/bin/sh
trap 'exit 0' TERM
echo "${GREETING:-Hello}" >greeting.txt
python app.py "$@" &
wait $!
