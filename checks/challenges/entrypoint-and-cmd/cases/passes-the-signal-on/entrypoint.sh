#!/bin/bash
: "${GREETING:=Hello}"
printf '%s\n' "$GREETING" >greeting.txt
python -u app.py "${@}" &
trap 'kill -TERM $!; wait $!' TERM
wait $!
