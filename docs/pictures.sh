#!/usr/bin/env bash
# Takes the screenshots docs/pictures/*.png of a running demo on loopback. Needs curl and Chromium; pngquant, if installed, makes the
# files smaller. DAYWIRE names a built binary; without it the script builds one.
#
# `docs/pictures.sh --every FOLDER` takes pictures of every page and mail instead: in both voices, in English, German and Arabic, in a
# narrow and a wide window, in the light and the dark colour scheme. `docs/pictures.sh --console FOLDER` does the same for the console, in
# the plain voice; without a folder it takes the pictures of docs/how-to/console.md. `docs/pictures.sh --brands` takes those of the examples in docs/brands. All of these need Node.js, and npm for the
# packages of tests/browser.
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

# wait_for_socket LOG: prints where the program listens, as soon as its log says so.
wait_for_socket() {
    local socket
    for _ in $(seq 150); do
        socket=$(sed -nE 's/.*site listening.*"listen.address":"([^"]+)".*/\1/p; s/.*"listen.address":"([^"]+)".*site listening.*/\1/p' "$1" | head -n 1)
        if [ -n "$socket" ]; then
            printf '%s' "$socket"
            return
        fi
        kill -0 "$demo" 2>/dev/null || break
        sleep 0.2
    done
    cat "$1" >&2
    return 1
}

# every_page VOICE LANGUAGE FOLDER [PART]: starts the program with a new database, and takes pictures of its pages.
every_page() {
    local folder=$scratch/$1-$2 socket=""
    mkdir "$folder"
    export DAYWIRE_SITE__VOICE=$1 DAYWIRE_SITE__LANGUAGE=$2
    (cd "$folder" && exec "$DAYWIRE" serve) >"$folder/out" 2>"$folder/log" &
    demo=$!
    socket=$(wait_for_socket "$folder/log")
    DAYWIRE_TEST_SETUP_LINK=$(grep -hoE 'https?://[^ "]+/admin/setup/[^ "]+' "$folder/out" "$folder/log" | head -n 1 || true)
    export DAYWIRE_TEST_SETUP_LINK
    (cd "$folder" && node "$project/tests/browser/pictures.mjs" "$socket" "$3" "$1-$2" "$2" "${4:-}")
    kill "$demo" && wait "$demo" || true
    demo=""
}

# brand NAME: starts the program with the example of docs/brands, and takes the picture of the front page and of the digest.
brand() {
    local example=$PWD/docs/brands/$1 folder=$scratch/$1 socket=""
    mkdir "$folder"
    printf 'slug = "daily"\nname = "Morning briefing"\nstory_note = false\n' >"$folder/daily.toml"
    (
        cd "$folder"
        "$DAYWIRE" --config "$example/daywire.toml" migrate
        "$DAYWIRE" --config "$example/daywire.toml" newsletter apply daily.toml
        "$DAYWIRE" --config "$example/daywire.toml" article import "$example/articles.jsonl" --newsletter daily
        "$DAYWIRE" --config "$example/daywire.toml" issue preview --newsletter daily --out preview
    ) >/dev/null
    (cd "$folder" && exec "$DAYWIRE" --config "$example/daywire.toml" serve) >"$folder/out" 2>"$folder/log" &
    demo=$!
    socket=$(wait_for_socket "$folder/log")
    node tests/browser/brands.mjs "$socket" "$(ls "$folder"/preview/*.html)" "$out/brand-$1.png"
    if command -v pngquant >/dev/null; then pngquant --force --skip-if-larger --ext .png 128 "$out/brand-$1.png" || true; fi
    kill "$demo" && wait "$demo" || true
    demo=""
}

if [ "${1:-}" = --brands ]; then
    [ -d tests/browser/node_modules ] || (cd tests/browser && npm ci --ignore-scripts --no-audit --no-fund)
    # The browser connects to the program's socket when it opens this address.
    export DAYWIRE_SITE__URL=http://news.example DAYWIRE_HTTP__LISTEN=127.0.0.1:0 DAYWIRE_LOG__FORMAT=json
    export DAYWIRE_TEST_CHROMIUM=$browser
    for name in harbour ledger; do
        export DAYWIRE_DATABASE__URL=sqlite:$scratch/$name.db
        brand "$name"
    done
    exit 0
fi

if [ "${1:-}" = --every ] || [ "${1:-}" = --console ]; then
    project=$PWD
    every=${2:-$out}
    mkdir -p "$every"
    every=$(cd "$every" && pwd)
    [ -d tests/browser/node_modules ] || (cd tests/browser && npm ci --ignore-scripts --no-audit --no-fund)
    # The browser connects to the program's socket when it opens the address of the site. The console needs HTTPS except on localhost.
    export DAYWIRE_SITE__URL=http://news.example DAYWIRE_SITE__NAME="Example Wire" DAYWIRE_HTTP__LISTEN=127.0.0.1:0
    export DAYWIRE_MAIL__FROM="Example Wire <news@news.example>" DAYWIRE_LOG__FORMAT=json DAYWIRE_INBOX__ACCESS=public DAYWIRE_SIGNUP__FORM_MIN_AGE=1ms
    export DAYWIRE_SITE__PAGES=$project/tests/browser/own-pages
    export DAYWIRE_TEST_CHROMIUM=$browser DAYWIRE_TEST_PROGRAM=$DAYWIRE
    if [ "$1" = --console ]; then
        # Nothing listens there.
        export DAYWIRE_SITE__URL=http://localhost DAYWIRE_WEBHOOKS__ALLOW=127.0.0.1:9 DAYWIRE_COMMENTS__PROVIDER=builtin
        if [ $# = 1 ]; then
            every_page plain en "$every" guide
            if command -v pngquant >/dev/null; then pngquant --force --skip-if-larger --ext .png 64 "$every"/console-*.png || true; fi
            exit 0
        fi
        for language in en de ar; do every_page plain "$language" "$every" console; done
        exit 0
    fi
    for voice in plain radio; do
        for language in en de ar; do every_page "$voice" "$language" "$every"; done
    done
    exit 0
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
shot front 1280 1100 "$site/"
