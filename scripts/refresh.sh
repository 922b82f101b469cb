#!/usr/bin/env bash
# Refreshes the board as the workflow does: fetches what is due, scores, renders.
#
#   scripts/refresh.sh [--open] [--publish] [options of benchmart all]
#
# Where BENCHMART_SITE names the published site, changes are told against the scoreboard there.
#
# --publish puts a board that changed on Cloudflare Pages; it needs CLOUDFLARE_ACCOUNT_ID and
# CLOUDFLARE_API_TOKEN, from the environment or .env. --open shows the page in a browser. Paths are
# those of the project's folder.
set -euo pipefail
cd "$(dirname "$0")/.."

wrangler=wrangler@4.164.0
out=out
open=
publish=
handed_on=()
while [ $# -gt 0 ]; do
    case $1 in
        --open) open=yes ;;
        --publish) publish=yes ;;
        --out)
            if [ $# -lt 2 ]; then
                echo "refresh: --out: name a folder." >&2
                exit 2
            fi
            out=$2; handed_on+=("$1" "$2"); shift ;;
        --out=*) out=${1#--out=}; handed_on+=("$1") ;;
        *) handed_on+=("$1") ;;
    esac
    shift
done

make install

from_dotenv() {
    if [ -z "${!1:-}" ] && [ -f .env ]; then
        export "$1=$(.venv/bin/dotenv -f .env get "$1" 2>/dev/null || true)"
    fi
}
from_dotenv CLOUDFLARE_ACCOUNT_ID
from_dotenv CLOUDFLARE_API_TOKEN
from_dotenv CLOUDFLARE_PROJECT
if [ -n "$publish" ]; then
    for name in CLOUDFLARE_ACCOUNT_ID CLOUDFLARE_API_TOKEN; do
        if [ -z "${!name:-}" ]; then
            echo "refresh: --publish needs $name. Set it, or write it into .env." >&2
            exit 2
        fi
    done
fi

# Without a snapshot of its own the run tells changes against the board that is online, if it can be had.
if [ -n "${BENCHMART_SITE:-}" ] && ! compgen -G "snapshots/*/receipt.json" >/dev/null; then
    mkdir -p build
    online=build/online-scoreboard.toml
    if curl --fail --silent --show-error --location --max-time 60 --max-filesize 67108864 \
        --output "$online" "${BENCHMART_SITE%/}/scoreboard.toml" && grep -q '^\[models.figures' "$online"; then
        handed_on+=(--prev "$online")
    else
        echo "refresh: no scoreboard to compare with is online; changes are not told." >&2
    fi
fi

# Exit 1 may mean that a source failed: the board of the others is whole all the same. Whether this
# run made or found a whole board stands in build/board.
code=0
rm -f build/board
.venv/bin/benchmart all ${handed_on[@]+"${handed_on[@]}"} || code=$?
if [ ! -f build/board ] || ! grep -q "\"board_id\": \"$(cat build/board)\"" "$out/board.json"; then
    exit "$code"
fi

if [ -n "$publish" ]; then
    if cmp -s "$out/board.json" build/online.json; then
        echo "The board that is online is this one: nothing to publish."
    else
        rm -rf build/site
        cp -R "$out/site" build/site
        cp "$out/scoreboard.toml" "$out/coefficients.toml" build/site/
        cp "$out/board.json" build/going-online.json
        .venv/bin/dbt --quiet docs generate --static
        .venv/bin/python -m site_builder.lineage --site build/site
        # The deploy tool is handed the one key that it needs.
        env -u AA_API_KEY -u OPENROUTER_API_KEY -u HF_TOKEN npx --yes "$wrangler" \
            pages deploy build/site \
            --project-name "${CLOUDFLARE_PROJECT:-benchmart}" --branch main --commit-dirty=true
        mv build/going-online.json build/online.json
    fi
fi
if [ -n "$open" ]; then
    .venv/bin/python -m webbrowser "file://$(cd "$out" && pwd)/site/index.html"
fi
exit "$code"
