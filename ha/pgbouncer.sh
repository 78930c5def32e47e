#!/usr/bin/env bash
# Daywire behind PgBouncer, with session pooling and then with transaction pooling over 3 server connections. Each time it creates the
# tables, imports READERS (2000) subscribers and articles, and sends an issue with two processes.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need python3 pgbouncer
find_daywire
readers=${READERS:-2000}

database=$(free_port)
make_primary "$scratch/primary"
start_server "$scratch/primary" "$database"
relay=$(free_port)
start sink python3 "$here/sink.py" "$relay" mails

# One run: MODE, the server connections of PgBouncer, the connections of Daywire.
run() {
    local mode=$1 size=$2 port issue
    port=$(free_port)
    : >mails
    query "$database" "CREATE DATABASE $mode" >/dev/null
    cat >"$mode.ini" <<INI
[databases]
* = host=127.0.0.1 port=$database
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = trust
auth_file = $scratch/users
pool_mode = $mode
default_pool_size = $size
INI
    echo '"postgres" ""' >users
    chmod 644 "$mode.ini" users
    start "pgbouncer-$mode" ${as[@]+"${as[@]}"} pgbouncer "$scratch/$mode.ini"
    wait_until "PgBouncer answers" query "$port" "SELECT 1" "$mode"
    export DAYWIRE_DATABASE__URL="postgres://postgres@127.0.0.1:$port/$mode" DAYWIRE_DATABASE__POOLING="$mode"
    export DAYWIRE_DATABASE__CONNECTIONS="$3" DAYWIRE_RELAY__URL="smtp://127.0.0.1:$relay"
    make_newsletter "$readers"
    issue=$(build_issue)
    start "serve-$mode" "$DAYWIRE" serve --role sender
    "$DAYWIRE" issue send "$issue" --wait
    check "$mode: each of $readers subscribers received one mail" [ "$(count_copies)" = "$readers $readers 0" ]
    check "$mode: the delivery report balances" "$DAYWIRE" issue proof "$issue"
    check "$mode: a second \`daywire migrate\` succeeds" "$DAYWIRE" migrate
}

# With session pooling each connection of Daywire keeps a server connection. There must be enough for both processes and for the
# queries of this script.
run session 15 5
run transaction 3 10
