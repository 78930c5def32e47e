# What a developer runs, and CI too: .ci/run calls the same commands.

set positional-arguments

# This list.
default:
    @{{ just_executable() }} --list --unsorted

# Everything CI checks, on a machine that lacks nothing.
ci: fmt-check lint test deny demo

# Lay the code out.
fmt:
    cargo fmt

# Is the code laid out?
fmt-check:
    cargo fmt --check

# Every warning is an error.
lint:
    cargo clippy --locked --all-targets -- -D warnings

# All tests on both databases; arguments go to cargo test.
test *arguments:
    ./test "$@"

# A whole day on loopback, from sign-up to the last unsubscribe.
demo:
    cargo run --locked -- demo --once

# What SpamAssassin and html-validate say of a digest, and preflight; takes messages as files, or the demo's.
mail-check *arguments:
    .ci/mail-check "$@"

# Licences, sources and banned crates of the dependencies.
deny:
    cargo deny --locked check licenses sources bans

# Known holes in the dependencies; fetches the advisory database.
audit:
    cargo deny --locked check advisories

# A high-availability rehearsal on loopback: pgbouncer, standby or patroni.
ha script:
    ha/{{ script }}.sh

# How fast an issue is delivered, beside Postfix's smtp-source; `just bench-delivery --help` lists what can be measured.
bench-delivery *arguments:
    cargo bench --locked --bench delivery -- "$@"

# How long a sign-up waits for its answer while 15,000 articles, and then 255 editions, are compiled.
bench-signup *arguments:
    cargo bench --locked --bench delivery -- --only compile "$@"

# Senders killed, relays and databases that misbehave: who was lost, what was doubled; `just chaos --help` lists it.
chaos *arguments:
    cargo bench --locked --bench chaos -- "$@"

# Simulates a month of 200 feeds and three newsletters in which processes die, on both databases. --seed N repeats one.
month *arguments:
    #!/usr/bin/env bash
    set -euo pipefail
    seed=random
    if [ "${1:-}" = --seed ]; then seed=$2; fi
    DAYWIRE_TEST_MONTH_SEED=$seed DAYWIRE_TEST_MONTH_FEEDS=200 DAYWIRE_TEST_MONTH_DAYS=31 \
        ./test --release --test integration month:: -- --nocapture

# How long the feed parser takes for hostile documents; takes files, such as XML bombs, besides its own.
bench-feeds *arguments:
    cargo bench --locked --bench feeds -- "$@"

# How well and how fast headlines are grouped into stories: a CSV with the columns TITLE and STORY.
bench-stories file *arguments:
    cargo bench --locked --bench stories -- "$@"
