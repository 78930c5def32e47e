#!/usr/bin/env bash
# Daywire behind PgBouncer, with session pooling and with transaction pooling: tables, readers, articles and an issue of
# READERS (2000) recipients, sent by two processes; with transaction pooling over 3 server connections.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need python3 pgbouncer
find_daywire
readers=${READERS:-2000}

database=$(free_port)
make_primary "$scratch/primary"
start_server "$scratch/primary" "$database"
relay=$(free_port)
begin sink python3 "$here/sink.py" "$relay" mails

# One run: MODE, PgBouncer's server connections, Daywire's connections.
run() {
    local mode=$1 size=$2 port issue
    port=$(free_port)
    : >mails
    ask "$database" "CREATE DATABASE $mode" >/dev/null
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
    begin "pgbouncer-$mode" ${as[@]+"${as[@]}"} pgbouncer "$scratch/$mode.ini"
    until_so "PgBouncer answers" ask "$port" "SELECT 1" "$mode"
    export DAYWIRE_DATABASE__URL="postgres://postgres@127.0.0.1:$port/$mode" DAYWIRE_DATABASE__POOLING="$mode"
    export DAYWIRE_DATABASE__CONNECTIONS="$3" DAYWIRE_RELAY__URL="smtp://127.0.0.1:$relay"
    make_newsroom "$readers"
    issue=$(build_issue)
    begin "serve-$mode" "$DAYWIRE" serve --role sender
    "$DAYWIRE" issue send "$issue" --wait
    check "$mode: each of $readers readers got one mail" [ "$(account)" = "$readers $readers 0" ]
    check "$mode: the account balances" "$DAYWIRE" issue proof "$issue"
    check "$mode: setting up again changes nothing" "$DAYWIRE" migrate
}

# A session keeps its server's connection: there must be as many as the processes open, and some to look with.
run session 15 5
run transaction 3 10
