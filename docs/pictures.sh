#!/usr/bin/env bash
# Takes the screenshots docs/pictures/*.png of a running demo on loopback. Needs curl and Chromium; pngquant, if installed, makes the
# files smaller. DAYWIRE names a built binary; without it the script builds one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

browser=${DAYWIRE_TEST_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
out=$PWD/docs/pictures
scratch=$(mktemp -d "${TMPDIR:-/tmp}/daywire-pictures.XXXXXX")
demo=""

tidy_up() {
    if [ -n "$demo" ]; then kill "$demo" 2>/dev/null && wait "$demo" || true; fi
    rm -rf "$scratch"
}
trap tidy_up EXIT

if [ -z "${DAYWIRE:-}" ]; then
    cargo build --locked --quiet
    DAYWIRE=${CARGO_TARGET_DIR:-$PWD/target}/debug/daywire
fi
(cd "$scratch" && exec "$DAYWIRE" demo) >"$scratch/demo" 2>&1 &
demo=$!
for _ in $(seq 150); do
    if grep -q 'Control-C' "$scratch/demo"; then break; fi
    kill -0 "$demo" 2>/dev/null || { cat "$scratch/demo" >&2; exit 1; }
    sleep 0.2
done
site=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$scratch/demo" | head -n 1)
# The newest mail in the inbox is the digest.
mail=$(curl -fsS "$site/inbox" | grep -oE '/inbox/[0-9a-f-]+' | head -n 1)
curl -fsS "$site$mail/html" >"$scratch/digest.html"

# shot NAME WIDTH HEIGHT URL: takes a screenshot of a page.
shot() {
    "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$scratch/profile" \
        --disable-quic --disable-background-networking --disable-component-update --disable-sync --no-first-run \
        --window-size="$2,$3" --virtual-time-budget=3000 --screenshot="$out/$1.png" "$4" >/dev/null 2>&1
    if command -v pngquant >/dev/null; then pngquant --force --skip-if-larger --ext .png 64 "$out/$1.png" || true; fi
    printf '%7d  docs/pictures/%s.png\n' "$(wc -c <"$out/$1.png")" "$1"
}

# both_schemes NAME WIDTH HEIGHT URL: shows the page in the light and in the dark colour scheme, side by side. Chromium has a
# minimum window width; a frame inside the page can be as narrow as a phone.
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
both_schemes digest 440 680 "file://$scratch/digest.html"
shot sign-up 760 860 "$site/subscribe"
