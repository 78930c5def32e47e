# What the scripts in this folder share: a scratch folder that goes away, processes that end with it, a newsroom, a verdict.
# Settings from the environment: PROFILE (release) is what is built; DAYWIRE names a program instead.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=$(basename "$0" .sh)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/daywire-ha.XXXXXX")
chmod 711 "$scratch"
cd "$scratch"
pids=()      # what was started in the background
clusters=()  # PostgreSQL's data folders
failed=0

say() { printf '%s: %s\n' "$name" "$*"; }
stop() { say "$*" >&2; exit 1; }
need() { for program; do command -v "$program" >/dev/null || stop "$program is not here; see $here/README.md"; done; }

# Says what was checked, and whether it held.
check() {
    local what=$1
    shift
    if "$@"; then say "ok      $what"; else say "FAILED  $what"; failed=1; fi
}

# Waits until a command succeeds.
until_so() {
    local what=$1 end=$((SECONDS + ${WAIT_SECONDS:-60}))
    shift
    until "$@" >/dev/null 2>&1; do
        if ((SECONDS > end)); then stop "it did not happen in time: $what"; fi
        sleep 0.05
    done
}

tidy_up() {
    local status=$? pid data
    trap - EXIT
    for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
    for pid in ${pids[@]+"${pids[@]}"}; do wait "$pid" 2>/dev/null || true; done
    for data in ${clusters[@]+"${clusters[@]}"}; do
        if [ -e "$data/postmaster.pid" ]; then server pg_ctl -D "$data" -m immediate -w stop >/dev/null 2>&1 || true; fi
    done
    if [ -n "${KEEP:-}" ]; then say "kept: $scratch"; else rm -rf "$scratch"; fi
    if [ "$status" = 0 ] && [ "$failed" = 0 ]; then say PASSED; else say FAILED; exit 1; fi
}
trap tidy_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# PostgreSQL and its friends refuse to run as root, so there they run as a user without rights.
as=() user=
if [ "$(id -u)" = 0 ]; then
    user=$(id -nu postgres 2>/dev/null || echo nobody)
    as=(setpriv "--reuid=$user" "--regid=$(id -gn "$user")" --init-groups)
fi

bin=${DAYWIRE_TEST_POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)}
[ -x "$bin/initdb" ] || stop "PostgreSQL's server programs are not here; DAYWIRE_TEST_POSTGRES_BIN can name their folder"
server() { local program=$1; shift; ${as[@]+"${as[@]}"} "$bin/$program" "$@"; }

# A folder for what runs as the server's user.
own() { mkdir -p "$1"; if [ -n "$user" ]; then chown "$user" "$1"; fi; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Runs a program in the background, its words in NAME.log; its id is in $!.
begin() {
    local log=$scratch/$1.log
    shift
    "$@" >>"$log" 2>&1 &
    pids+=($!)
}

# A primary: initdb FOLDER.
make_primary() {
    own "$1"
    clusters+=("$1/data")
    server initdb -D "$1/data" -U postgres -A trust -E UTF8 --locale=C -N >/dev/null
}

# A standby of the server on PORT: FOLDER PORT.
make_standby() {
    own "$1"
    clusters+=("$1/data")
    server pg_basebackup -D "$1/data" -d "host=127.0.0.1 port=$2 user=postgres application_name=standby" -R -c fast -N
}

# Starts a server: FOLDER PORT [-c SETTING=VALUE…].
start_server() {
    local folder=$1 port=$2
    shift 2
    server pg_ctl -D "$folder/data" -l "$folder/log" -w -t 60 start >/dev/null \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=200 $*"
}

# What the server on PORT says to a statement.
ask() { "$bin/psql" -h 127.0.0.1 -p "$1" -U postgres -d "${3:-postgres}" -Atqc "$2"; }

find_daywire() {
    if [ -z "${DAYWIRE:-}" ]; then
        local profile=${PROFILE:-release}
        (cd "$here/.." && cargo build --locked --profile "$profile") || stop "it does not build"
        [ "$profile" != dev ] || profile=debug
        DAYWIRE=${CARGO_TARGET_DIR:-$here/../target}/$profile/daywire
    fi
    [ -x "$DAYWIRE" ] || stop "$DAYWIRE is not there"
}

# A program with a relay does not send in the name of nobody.
export DAYWIRE_SITE__NAME="Example Wire" DAYWIRE_SITE__URL=https://news.example DAYWIRE_MAIL__FROM="Example Wire <wire@news.example>"

# Readers and articles for the newsletter `daily`: COUNT of readers.
make_newsroom() {
    printf 'slug = "daily"\nname = "Daily"\n' >daily.toml
    python3 - "$1" >readers.csv <<'PY'
import sys
print("email", *(f"reader{n}@reader.example" for n in range(int(sys.argv[1]))), sep="\n")
PY
    python3 - >wire.jsonl <<'PY'
import json
for n in range(8):
    print(json.dumps({"title": f"Story {n}", "url": f"https://wire.example/{n}", "text": f"What happened. {n} " * 20}))
PY
    "$DAYWIRE" migrate
    "$DAYWIRE" newsletter apply daily.toml
    "$DAYWIRE" article import wire.jsonl --newsletter daily
    "$DAYWIRE" subscriber import readers.csv --newsletter daily --status confirmed --provenance "made up" | head -3
}

# The id of a new issue.
build_issue() { "$DAYWIRE" issue build --newsletter daily --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])'; }
issue_is() { "$DAYWIRE" issue show "$1" --json | grep -q "\"state\": *\"$2\""; }

# How the sink's log compares with the readers: "readers copies other-ids", other-ids being doubles with another Message-ID.
account() {
    python3 - mails <<'PY'
import collections, sys
mails = collections.defaultdict(list)
for line in open(sys.argv[1]):
    recipient, message_id, _ = line.split("\t")
    mails[recipient].append(message_id)
print(len(mails), sum(map(len, mails.values())), sum(len(set(ids)) > 1 for ids in mails.values()))
PY
}

takes_writes() { [ "$(ask "$1" "SELECT pg_is_in_recovery()")" = f ]; }
sent() { [ "$(wc -l <mails)" -ge "$1" ]; }
silent() { local before; before=$(wc -l <mails); sleep 0.5; [ "$(wc -l <mails)" = "$before" ]; }

# Sends an issue to READERS (20000) by two processes and lets the database fail in the middle: PORT is where the next primary will listen,
# END ends the present one, PROMOTE makes the next one if nobody else does.
rehearse() {
    local port=$1 end=$2 promote=${3:-true} readers=${READERS:-20000} connections=${CONNECTIONS:-10}
    local relay issue before promoted copies doubled others resumed
    relay=$(free_port)
    : >mails
    begin sink python3 "$here/sink.py" "$relay" mails "${DELAY:-0.02}"
    export DAYWIRE_RELAY__URL="smtp://127.0.0.1:$relay" DAYWIRE_RELAY__CONNECTIONS=$connections
    make_newsroom "$readers"
    issue=$(build_issue)
    begin sender1 "$DAYWIRE" serve --role sender
    begin sender2 "$DAYWIRE" serve --role sender
    "$DAYWIRE" issue send "$issue" >/dev/null
    WAIT_SECONDS=600 until_so "a third is sent" sent $((readers / 3))
    say "the primary dies"
    "$end"
    # Nothing is sent that could not be recorded.
    until_so "sending stops" silent
    before=$(wc -l <mails)
    "$promote"
    until_so "the standby takes writes" takes_writes "$port"
    promoted=$(date +%s.%N)
    say "the standby takes writes; $before of $readers mails are out"
    WAIT_SECONDS=600 until_so "the issue is sent" issue_is "$issue" sent
    read -r reached copies others < <(account)
    doubled=$((copies - reached))
    resumed=$(sed -n "$((before + 1))p" mails | python3 -c "print(round(float(input().split('\t')[2]) - $promoted, 1))")
    check "it was in the middle of the issue ($before of $readers)" [ "$before" -lt "$readers" ]
    check "sending went on within 10 s of the promotion (after $resumed s)" python3 -c "exit($resumed > 10)"
    check "every reader got the issue ($reached of $readers)" [ "$reached" = "$readers" ]
    check "at most one mail for each of $((connections * 2)) connections came twice ($doubled)" \
        [ "$doubled" -le $((connections * 2)) ]
    check "what came twice has one Message-ID ($others have not)" [ "$others" = 0 ]
    check "the account balances" "$DAYWIRE" issue proof "$issue"
}
