#!/usr/bin/env bash
# Installs a release of grader: bash install.sh [--version 0.1.0] [--to DIR]. The archive's SHA-256 is checked.
set -euo pipefail

version=latest
to=${HOME:-.}/.local/bin
downloads=${GRADER_DOWNLOADS:-https://github.com/OWNER/grader/releases}

say() { printf 'install: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    --version) version=${2:?--version wants a version}; shift 2 ;;
    --to) to=${2:?--to wants a folder}; shift 2 ;;
    *) fail "unknown option $1: there are --version and --to." ;;
  esac
done
case $version in
  latest) from=$downloads/latest/download ;;
  *[!0-9A-Za-z.-]*) fail "\`$version\` is no version." ;;
  *) from=$downloads/download/v${version#v} ;;
esac

case $(uname -s):$(uname -m) in
  Linux:x86_64 | Linux:amd64) target=x86_64-unknown-linux-musl ;;
  Linux:aarch64 | Linux:arm64) target=aarch64-unknown-linux-musl ;;
  Darwin:x86_64) target=x86_64-apple-darwin ;;
  Darwin:arm64) target=aarch64-apple-darwin ;;
  MINGW*:x86_64 | MSYS*:x86_64) target=x86_64-pc-windows-msvc ;;
  *) fail "there is no release for $(uname -sm); build it: cargo install --locked --path ." ;;
esac
archive=grader-$target.tar.gz

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
get() { # FILE
  curl --fail --silent --show-error --location --proto '=https,file' --retry 3 --output "$temporary/$1" "$from/$1" ||
    fail "$from/$1 could not be had."
}
get "$archive"
get SHA256SUMS
cd "$temporary"
grep -E "^[0-9a-f]{64} [ *]$archive\$" SHA256SUMS >expected || fail "SHA256SUMS does not name $archive."
if command -v sha256sum >/dev/null; then sha256sum --quiet --check expected >&2
else shasum -a 256 --quiet --check expected >&2
fi || fail "$archive is not what SHA256SUMS says: nothing was installed."
mkdir -p out "$to"
tar -xzf "$archive" -C out
program=$(find out -type f \( -name grader -o -name grader.exe \) | head -n 1)
[ -n "$program" ] || fail "$archive holds no grader."
mv "$program" "$to/"
chmod 755 "$to/${program##*/}"
say "grader $("$to/grader" --version | cut -d' ' -f2) is in $to"
