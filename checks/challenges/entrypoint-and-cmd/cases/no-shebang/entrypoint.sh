# Prepares greeting.txt.
echo "${GREETING:-Hello}" >greeting.txt
exec python app.py "$@"
