#!/usr/bin/env bash
# Installs Debian's chromium where there is none and where this user may.
set -euo pipefail
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing chromium for the tests of the pages ..."
    if { apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "There is no chromium here and it cannot be installed: the browser tests will be skipped."
