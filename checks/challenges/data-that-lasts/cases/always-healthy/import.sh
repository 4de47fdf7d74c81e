# As long as an import of much data takes.
sleep 8
