#!/bin/sh
exec flask --app app run --host 0.0.0.0 --port "${PORT:-5000}"
