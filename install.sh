#!/usr/bin/env bash
# Installs a release of grader: bash install.sh [--version 0.1.0] [--to DIR]. The archive's SHA-256 is checked.
set -euo pipefail

say() { printf 'install: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

get() { # FROM FILE
  curl --fail --silent --show-error --location --proto '=https,file' --retry 3 --output "$2" "$1/$2" ||
    fail "$1/$2 could not be downloaded; is there such a release?"
}

main() {
  local version=latest to=${HOME:+$HOME/.local/bin} target from archive program installed
  local downloads=${GRADER_DOWNLOADS:-https://github.com/OWNER/grader/releases}
  while [ $# -gt 0 ]; do
    case $1 in
      --version) version=${2:?--version wants a version}; shift 2 ;;
      --to) to=${2:?--to wants a folder}; shift 2 ;;
      *) fail "unknown option $1: there are --version and --to." ;;
    esac
  done
  case $version in
    latest) from=$downloads/latest/download ;;
    v | v[!0-9]* | [!0-9v]* | *[!0-9A-Za-z.+-]*) fail "\`$version\` is no version: give one such as 0.1.0, or latest." ;;
    *) from=$downloads/download/v${version#v} ;;
  esac

  case $(uname -s):$(uname -m) in
    Linux:x86_64 | Linux:amd64) target=x86_64-unknown-linux-musl ;;
    Linux:aarch64 | Linux:arm64) target=aarch64-unknown-linux-musl ;;
    Darwin:x86_64) target=x86_64-apple-darwin ;;
    Darwin:arm64) target=aarch64-apple-darwin ;;
    # Windows on ARM runs it too.
    MINGW*:* | MSYS*:*) target=x86_64-pc-windows-msvc ;;
    *) fail "there is no release for $(uname -sm); build it: cargo install --locked --path ." ;;
  esac
  archive=grader-$target.tar.gz

  command -v curl >/dev/null || fail "curl is missing: install it first."
  command -v sha256sum >/dev/null || command -v shasum >/dev/null ||
    fail "neither sha256sum nor shasum is there, to check what is downloaded: install one first."
  [ -n "$to" ] || fail "HOME is not set: say --to FOLDER."
  mkdir -p "$to"
  to=$(cd "$to" && pwd)
  temporary=$(mktemp -d)
  trap 'rm -rf "$temporary"' EXIT
  cd "$temporary"
  get "$from" "$archive"
  get "$from" SHA256SUMS
  awk -v name="$archive" 'length($1) == 64 && $1 ~ /^[0-9a-f]+$/ && ($2 == name || $2 == "*" name)' SHA256SUMS >expected
  [ -s expected ] || fail "SHA256SUMS does not name $archive."
  if command -v sha256sum >/dev/null; then
    sha256sum --check expected >/dev/null 2>&1
  else
    shasum -a 256 --check expected >/dev/null 2>&1
  fi || fail "$archive is not what SHA256SUMS says: nothing was installed."
  mkdir out
  tar -xzf "$archive" -C out || fail "$archive cannot be unpacked: nothing was installed."
  program=$(find out -type f \( -name grader -o -name grader.exe \) | head -n 1)
  [ -n "$program" ] || fail "$archive holds no grader: nothing was installed."
  chmod 755 "$program"
  installed=$("$program" --version) || fail "this grader does not run here: nothing was installed."
  mv -f "$program" "$to/"
  say "$installed is in $to"
  case :$PATH: in
    *":$to:"*) ;;
    *) [ ! -t 2 ] || say "add that folder to PATH, so that your shell finds it." ;;
  esac
}

# Only here does anything happen: half a script, as a broken download leaves it, does nothing.
main "$@"
