#!/usr/bin/env bash
# Says in one line what is wrong with the Java that Spark would start, before anything is installed for it.
set -euo pipefail
least=17
advice="install one (for Debian: openjdk-17-jre-headless), or set JAVA_HOME"
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if ! command -v "$java" >/dev/null; then
    echo "spark: Spark needs Java $least or newer and there is none: $advice." >&2
    exit 2
fi
# The first line reads: openjdk version "17.0.15" 2025-04-15; up to Java 8: java version "1.8.0_402".
version=$("$java" -XX:-UsePerfData -version 2>&1 | sed -n 's/.* version "\(1\.\)\{0,1\}\([0-9]\{1,\}\).*/\2/p' | head -n 1)
if [ "${version:-0}" -lt "$least" ]; then
    echo "spark: Spark needs Java $least or newer and $java is ${version:-of an unknown version}: $advice." >&2
    exit 2
fi
