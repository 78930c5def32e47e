# Commands for developers. .ci/run calls the same ones.

set positional-arguments

# Print this list.
default:
    @{{ just_executable() }} --list --unsorted

# Run all checks of CI, on a machine where everything is installed.
ci: fmt-check lint test deny demo

# Format the code.
fmt:
    cargo fmt

# Check the format of the code.
fmt-check:
    cargo fmt --check

# Run clippy; every warning is an error.
lint:
    cargo clippy --locked --all-targets -- -D warnings

# Run all tests on both databases; arguments go to cargo test.
test *arguments:
    ./test "$@"

# Run the demo: a whole day on loopback, from sign-up to unsubscribe.
demo:
    cargo run --locked -- demo --once

# Check a digest with SpamAssassin, html-validate and preflight: the messages in files, or the demo's digest.
mail-check *arguments:
    .ci/mail-check "$@"

# Measure pages of the demo with Lighthouse, which npx fetches.
lighthouse:
    .ci/lighthouse

# Check the licences, sources and bans of the dependencies.
deny:
    cargo deny --locked check licenses sources bans

# Check the dependencies for known vulnerabilities; fetches the advisory database.
audit:
    cargo deny --locked check advisories

# Build the static binary for packages, with its manual pages and completions. Needs a C compiler for musl (Debian: musl-tools).
static:
    #!/usr/bin/env bash
    set -euo pipefail
    rustup target add "$(uname -m)-unknown-linux-musl"
    cargo build --locked --profile dist --target "$(uname -m)-unknown-linux-musl"
    rm -rf target/package
    mkdir -p target/package/completions
    cp "target/$(uname -m)-unknown-linux-musl/dist/daywire" target/package/
    target/package/daywire man target/package/man
    for shell in bash zsh fish; do
        target/package/daywire completions "$shell" >"target/package/completions/daywire.$shell"
    done
    ls -l target/package/daywire

# Make the Debian package from what `just static` has built. Needs cargo-deb: cargo install --locked cargo-deb@3.8.0
deb:
    cargo deb --no-build --profile dist --target "$(uname -m)-unknown-linux-musl" --output target/package/

# Write the root file system of the image into a folder, from what `just static` has built, and run the demo in it without a network.
image-root folder:
    config/image-root.sh target/package/daywire "{{ folder }}"
    unshare --user --map-root-user --net --mount -- sh -c 'ip link set lo up && exec chroot "$1" /daywire demo --once' sh "{{ folder }}"

# Build the OCI image; DOCKER=podman uses podman.
image:
    ${DOCKER:-docker} build --file config/Dockerfile --tag daywire .

# List the components of the binary as a CycloneDX SBOM. Needs cargo-cyclonedx: cargo install --locked cargo-cyclonedx@0.5.9
sbom:
    cargo cyclonedx --format json --target "$(uname -m)-unknown-linux-musl" --override-filename daywire.cdx
    mkdir -p target/package
    mv daywire.cdx.json target/package/

# Build everything that a release publishes into target/package/, with checksums.
package: static deb sbom
    cd target/package && tar -czf "daywire-$(uname -m)-linux-musl.tar.gz" daywire man completions
    cd target/package && sha256sum -- *.deb *.tar.gz *.cdx.json >SHA256SUMS

# Rehearse high availability on loopback: pgbouncer, standby or patroni.
ha script:
    ha/{{ script }}.sh

# Measure how fast an issue is delivered, compared with Postfix's smtp-source; `just bench-delivery --help` lists the scenarios.
bench-delivery *arguments:
    cargo bench --locked --bench delivery -- "$@"

# Measure how long a sign-up waits for its response while 15,000 articles, and then hundreds of editions, are compiled.
bench-signup *arguments:
    cargo bench --locked --bench delivery -- --only compile "$@"

# Measure how many sign-ups a second are stored, beside a bare axum handler; needs wrk. `just bench-signup-rate --help` lists the options.
bench-signup-rate *arguments:
    cargo bench --locked --bench signup -- "$@"

# Measure how many pages a second the site sends, whole and as 304, beside a bare axum handler; needs wrk.
bench-pages *arguments:
    cargo bench --locked --bench pages -- "$@"

# Check the delivery guarantees while senders are killed, and relays and databases misbehave; `just chaos --help` lists the scenarios.
chaos *arguments:
    cargo bench --locked --bench chaos -- "$@"

# Simulate a month of 200 feeds and three newsletters in which processes die, on both databases. --seed N repeats a month.
month *arguments:
    #!/usr/bin/env bash
    set -euo pipefail
    seed=random
    if [ "${1:-}" = --seed ]; then seed=$2; fi
    DAYWIRE_TEST_MONTH_SEED=$seed DAYWIRE_TEST_MONTH_FEEDS=200 DAYWIRE_TEST_MONTH_DAYS=31 \
        ./test --release --test integration month:: -- --nocapture

# Measure how long the feed parser takes for hostile documents: generated ones, and the given files.
bench-feeds *arguments:
    cargo bench --locked --bench feeds -- "$@"

# Measure how many rows a second an import of a million readers writes, and the peak memory; `just bench-import --help` lists the options.
bench-import *arguments:
    cargo bench --locked --bench import -- "$@"

# Measure how fast 100,000 returned messages are processed, and the peak memory; `just bench-returned-mail --help` lists the options.
bench-returned-mail *arguments:
    cargo bench --locked --bench returned_mail -- "$@"

# Measure how well and how fast headlines are grouped into stories, from a CSV with the columns TITLE and STORY.
bench-stories file *arguments:
    cargo bench --locked --bench stories -- "$@"
