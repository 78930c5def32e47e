# Shared by the scripts in this folder: a scratch folder, background processes that end with the script, a newsletter with
# subscribers, and the verdict. Environment variables: PROFILE is the build profile (default: release); DAYWIRE is the path of a
# binary to use instead.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=$(basename "$0" .sh)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/daywire-ha.XXXXXX")
chmod 711 "$scratch"
cd "$scratch"
pids=()      # background processes
clusters=()  # data folders of PostgreSQL
failed=0

say() { printf '%s: %s\n' "$name" "$*"; }
stop() { say "$*" >&2; exit 1; }
need() { for program; do command -v "$program" >/dev/null || stop "$program is not installed; see $here/README.md"; done; }

# Runs a command as a check, and prints its description with the result: DESCRIPTION COMMAND…
check() {
    local description=$1
    shift
    if "$@"; then say "ok      $description"; else say "FAILED  $description"; failed=1; fi
}

# Waits until a command succeeds: DESCRIPTION COMMAND…
wait_until() {
    local description=$1 end=$((SECONDS + ${WAIT_SECONDS:-60}))
    shift
    until "$@" >/dev/null 2>&1; do
        if ((SECONDS > end)); then stop "timed out before: $description"; fi
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

# PostgreSQL, Patroni and PgBouncer refuse to run as root. For root they run as an unprivileged user.
as=() user=
if [ "$(id -u)" = 0 ]; then
    user=$(id -nu postgres 2>/dev/null || echo nobody)
    as=(setpriv "--reuid=$user" "--regid=$(id -gn "$user")" --init-groups)
fi

bin=${DAYWIRE_TEST_POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)}
[ -x "$bin/initdb" ] || stop "PostgreSQL's server programs are not installed; if they are elsewhere, set DAYWIRE_TEST_POSTGRES_BIN to their folder"
server() { local program=$1; shift; ${as[@]+"${as[@]}"} "$bin/$program" "$@"; }

# Creates a folder that the server's user owns.
make_server_folder() { mkdir -p "$1"; if [ -n "$user" ]; then chown "$user" "$1"; fi; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Starts a program in the background and sets $! to its process id. Its output goes to NAME.log: NAME COMMAND…
start() {
    local log=$scratch/$1.log
    shift
    "$@" >>"$log" 2>&1 &
    pids+=($!)
}

# Creates a primary: FOLDER.
make_primary() {
    make_server_folder "$1"
    clusters+=("$1/data")
    server initdb -D "$1/data" -U postgres -A trust -E UTF8 --locale=C -N >/dev/null
}

# Creates a standby of the server on PORT: FOLDER PORT.
make_standby() {
    make_server_folder "$1"
    clusters+=("$1/data")
    server pg_basebackup -D "$1/data" -d "host=127.0.0.1 port=$2 user=postgres application_name=standby" -R -c fast -N
}

# Starts a PostgreSQL server: FOLDER PORT [-c SETTING=VALUE…].
start_server() {
    local folder=$1 port=$2
    shift 2
    server pg_ctl -D "$folder/data" -l "$folder/log" -w -t 60 start >/dev/null \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=200 $*"
}

# Runs a statement on the server and prints its result: PORT STATEMENT [DATABASE].
query() { "$bin/psql" -h 127.0.0.1 -p "$1" -U postgres -d "${3:-postgres}" -Atqc "$2"; }

find_daywire() {
    if [ -z "${DAYWIRE:-}" ]; then
        local profile=${PROFILE:-release}
        (cd "$here/.." && cargo build --locked --profile "$profile") || stop "the build failed"
        [ "$profile" != dev ] || profile=debug
        DAYWIRE=${CARGO_TARGET_DIR:-$here/../target}/$profile/daywire
    fi
    [ -x "$DAYWIRE" ] || stop "there is no program $DAYWIRE"
}

# A program with a relay needs a name, a URL and a sender.
export DAYWIRE_SITE__NAME="Example Wire" DAYWIRE_SITE__URL=https://news.example DAYWIRE_MAIL__FROM="Example Wire <wire@news.example>"

# Creates the newsletter `daily` with articles and COUNT subscribers.
make_newsletter() {
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

# Builds an issue and prints its id.
build_issue() { "$DAYWIRE" issue build --newsletter daily --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])'; }
issue_is() { "$DAYWIRE" issue show "$1" --json | grep -q "\"state\": *\"$2\""; }

# Prints three counts from the sink's log: the recipients, the copies, and the recipients whose copies differ in their Message-ID.
count_copies() {
    python3 - mails <<'PY'
import collections, sys
mails = collections.defaultdict(list)
for line in open(sys.argv[1]):
    recipient, message_id, _ = line.split("\t")
    mails[recipient].append(message_id)
print(len(mails), sum(map(len, mails.values())), sum(len(set(ids)) > 1 for ids in mails.values()))
PY
}

accepts_writes() { [ "$(query "$1" "SELECT pg_is_in_recovery()")" = f ]; }
mails_received() { [ "$(wc -l <mails)" -ge "$1" ]; }
sending_stopped() { local before; before=$(wc -l <mails); sleep 0.5; [ "$(wc -l <mails)" = "$before" ]; }

# Sends an issue to READERS (20000) subscribers with two processes, and has the primary fail in the middle: PORT END [PROMOTE]. PORT is the
# port of the next primary. The command END stops the current primary. PROMOTE promotes the standby, unless Patroni does that.
rehearse_failover() {
    local port=$1 end=$2 promote=${3:-true} readers=${READERS:-20000} connections=${CONNECTIONS:-10}
    local relay issue before promoted reached copies doubled others resumed
    relay=$(free_port)
    : >mails
    start sink python3 "$here/sink.py" "$relay" mails "${DELAY:-0.02}"
    export DAYWIRE_RELAY__URL="smtp://127.0.0.1:$relay" DAYWIRE_RELAY__CONNECTIONS=$connections
    make_newsletter "$readers"
    issue=$(build_issue)
    start sender1 "$DAYWIRE" serve --role sender
    start sender2 "$DAYWIRE" serve --role sender
    "$DAYWIRE" issue send "$issue" >/dev/null
    WAIT_SECONDS=600 wait_until "a third of the mails is sent" mails_received $((readers / 3))
    say "the primary fails"
    "$end"
    # Without a primary nothing can be recorded, so nothing is sent.
    wait_until "sending stops" sending_stopped
    before=$(wc -l <mails)
    "$promote"
    wait_until "the standby accepts writes" accepts_writes "$port"
    promoted=$(date +%s.%N)
    say "the standby accepts writes; $before of $readers mails are sent"
    WAIT_SECONDS=600 wait_until "the issue is sent" issue_is "$issue" sent
    read -r reached copies others < <(count_copies)
    doubled=$((copies - reached))
    resumed=$(sed -n "$((before + 1))p" mails | python3 -c "print(round(float(input().split('\t')[2]) - $promoted, 1))")
    check "the primary failed in the middle of the issue ($before of $readers)" [ "$before" -lt "$readers" ]
    check "sending continued within 10 s of the promotion (after $resumed s)" python3 -c "exit($resumed > 10)"
    check "every subscriber received the issue ($reached of $readers)" [ "$reached" = "$readers" ]
    check "at most one mail for each of $((connections * 2)) connections was doubled ($doubled)" \
        [ "$doubled" -le $((connections * 2)) ]
    check "all copies for one subscriber have the same Message-ID ($others do not)" [ "$others" = 0 ]
    check "the delivery report balances" "$DAYWIRE" issue proof "$issue"
}
