#!/bin/sh
set -eu
cat >greeting.txt <<END
${GREETING-Hello}
END
if [ "$1" != python ]; then
  set -- python app.py "$@"
fi
exec "$@"
