#!/usr/bin/env bash
# Makes docs/screenshots/*.png from a running demo, on loopback. Needs chromium and curl; pngquant makes them small.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

browser=${DAYWIRE_TEST_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
out=$PWD/docs/screenshots
scratch=$(mktemp -d "${TMPDIR:-/tmp}/daywire-screenshots.XXXXXX")
demo=""

tidy_up() {
    if [ -n "$demo" ]; then kill "$demo" 2>/dev/null && wait "$demo" || true; fi
    rm -rf "$scratch"
}
trap tidy_up EXIT

cargo build --locked --quiet
(cd "$scratch" && exec "${CARGO_TARGET_DIR:-$OLDPWD/target}/debug/daywire" demo) >"$scratch/demo" 2>&1 &
demo=$!
for _ in $(seq 150); do
    if grep -q 'Control-C' "$scratch/demo"; then break; fi
    kill -0 "$demo" 2>/dev/null || { cat "$scratch/demo" >&2; exit 1; }
    sleep 0.2
done
site=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$scratch/demo" | head -n 1)
# The newest mail in the inbox is the digest; the article is the one that leads it.
mail=$(curl -fsS "$site/inbox" | grep -oE '/inbox/[0-9a-f-]+' | head -n 1)
article=$(curl -fsS "$site/" | grep -oE '/articles/[^"]+bans[^"]+' | head -n 1)
curl -fsS "$site$mail/html" >"$scratch/digest.html"

# shot NAME WIDTH HEIGHT URL
shot() {
    "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$scratch/profile" \
        --disable-quic --disable-background-networking --disable-component-update --disable-sync --no-first-run \
        --window-size="$2,$3" --virtual-time-budget=3000 --screenshot="$out/$1.png" "$4" >/dev/null 2>&1
    if command -v pngquant >/dev/null; then pngquant --force --skip-if-larger --ext .png 64 "$out/$1.png" || true; fi
    printf '%7d  docs/screenshots/%s.png\n' "$(wc -c <"$out/$1.png")" "$1"
}

# both_schemes NAME WIDTH HEIGHT URL: the page once in each colour scheme, side by side. A window cannot be as narrow as
# a phone, but a frame in it can.
both_schemes() {
    local frames="" scheme
    for scheme in light dark; do
        frames+="<iframe width=\"$2\" height=\"$3\" src=\"$4\" style=\"color-scheme:$scheme\"></iframe>"
    done
    printf '<!DOCTYPE html><style>body{margin:0;display:flex;gap:16px;background:#888}iframe{border:0}</style>%s' \
        "$frames" >"$scratch/frames.html"
    shot "$1" "$((2 * $2 + 16))" "$3" "file://$scratch/frames.html"
}

mkdir -p "$out"
shot front 1000 700 "$site/"
shot article 1000 700 "$site$article"
shot archive 1000 700 "$site$(curl -fsS "$site/archive" | grep -oE '/archive/[a-z-]+/[0-9]+' | head -n 1)"
both_schemes digest-360 360 760 "file://$scratch/digest.html"
both_schemes digest-700 700 760 "file://$scratch/digest.html"
