#!/usr/bin/env bash
# Measures what an issue costs PostgreSQL for each of READERS (50000) recipients: rows, bytes, commits, write-ahead log, processor time
# and network. There is one PostgreSQL server, one sender, and a relay that accepts everything. With STANDBY=1 every commit also
# waits for a standby. With PARTITIONS=1, partition.sql splits `deliveries`.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need python3 ss
find_daywire
readers=${READERS:-50000}

database=$(free_port)
relay=$(free_port)
make_primary "$scratch/primary"
start_server "$scratch/primary" "$database" -c shared_buffers=512MB -c max_wal_size=4GB -c random_page_cost=1.1 \
    ${STANDBY:+-c synchronous_standby_names=standby}
if [ -n "${STANDBY:-}" ]; then
    make_standby "$scratch/standby" "$database"
    start_server "$scratch/standby" "$(free_port)"
fi
postmaster=$(head -1 "$scratch/primary/data/postmaster.pid")
export DAYWIRE_DATABASE__URL="postgres://postgres@127.0.0.1:$database/postgres"
export DAYWIRE_RELAY__URL="smtp://127.0.0.1:$relay" DAYWIRE_RELAY__CONNECTIONS=${CONNECTIONS:-20}
# With a slower relay a message takes more commits. Postfix's smtp-sink is fast; our sink.py is slow.
if command -v smtp-sink >/dev/null && [ "$(id -u)" = 0 ]; then
    start sink smtp-sink -u "$user" "127.0.0.1:$relay" 1000
else
    start sink python3 "$here/sink.py" "$relay" /dev/null
fi
if [ -n "${PARTITIONS:-}" ]; then
    "$DAYWIRE" migrate >/dev/null
    "$bin/psql" -h 127.0.0.1 -p "$database" -U postgres -q -v ON_ERROR_STOP=1 -1 -f "$here/partition.sql"
fi
make_newsletter "$readers" >/dev/null

# Clock ticks that a process and its ended children have used; and the same for all processes of PostgreSQL.
ticks() { awk '{ sub(/^.*\) /, ""); print $12 + $13 + $14 + $15 }' "/proc/$1/stat"; }
server_ticks() {
    local sum pid
    sum=$(ticks "$postmaster")
    for pid in $(ps -o pid= --ppid "$postmaster"); do sum=$((sum + $(ticks "$pid" 2>/dev/null || echo 0))); done
    echo "$sum"
}
# Commits; bytes, records, flushes and full pages of the write-ahead log; inserted rows, updated rows, rows updated in place; bytes on
# disk.
counters() {
    query "$database" "SELECT pg_stat_force_next_flush()" >/dev/null
    query "$database" "SELECT d.xact_commit, w.wal_bytes, w.wal_records, w.wal_sync, w.wal_fpi, t.*
        FROM pg_stat_database d, pg_stat_wal w, (SELECT sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_hot_upd),
            sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables WHERE relname LIKE 'deliveries%') t
        WHERE d.datname = current_database()" | tr '|' ' '
}
# Bytes to and from the database over the open connections of a process.
network() {
    ss -tinHp "dport = :$database" | python3 -c '
import re, sys
text, pid = sys.stdin.read(), sys.argv[1]
chunks = [c for c in re.split(r"\n(?=\S)", text) if f"pid={pid}," in c]
print(*(sum(int(n) for c in chunks for n in re.findall(rf"\b{word}:(\d+)", c)) for word in ("bytes_sent", "bytes_received")))' "$1"
}

start sender "$DAYWIRE" serve --role sender
sender=$!
connected() { ss -tnHp "dport = :$database" | grep -q "pid=$sender,"; }
wait_until "the sender has connected" connected
issue=$(build_issue)
query "$database" "CHECKPOINT" >/dev/null
read -r -a start < <(counters)
begun=$(date +%s.%N)
"$DAYWIRE" issue send "$issue" >/dev/null
frozen=$(date +%s.%N)
read -r -a queued < <(counters)
server_before=$(server_ticks) sender_before=$(ticks "$sender")
read -r -a net_before < <(network "$sender")
issue_sent() { [ "$(query "$database" "SELECT count(*) FROM issues WHERE state = 'sent'")" = 1 ]; }
WAIT_SECONDS=1200 wait_until "the issue is sent" issue_sent
sent=$(date +%s.%N)
server_after=$(server_ticks) sender_after=$(ticks "$sender")
read -r -a net_after < <(network "$sender")
read -r -a end < <(counters)
"$DAYWIRE" issue proof "$issue" >/dev/null || failed=1
sizes=$(query "$database" "SELECT string_agg(format('%s %s %s', relname, pg_relation_size(oid), pg_indexes_size(oid)), ';')
    FROM pg_class WHERE relname IN ('subscribers', 'subscriptions', 'consent_records')")

python3 - "$readers" "$(getconf CLK_TCK)" "$sizes" "$begun $frozen $sent" "${start[*]}" "${queued[*]}" "${end[*]}" \
    "$server_before $server_after $sender_before $sender_after ${net_before[*]} ${net_after[*]}" <<'PY'
import sys
n, tick, sizes = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
begun, frozen, sent = map(float, sys.argv[4].split())
start, queued, end = (list(map(int, a.split())) for a in sys.argv[5:8])
server0, server1, sender0, sender1, out0, in0, out1, in1 = map(int, sys.argv[8].split())
names = "commits,WAL bytes,WAL records,WAL flushes,full pages,rows inserted,rows updated,of them in place".split(",")
print(f"{n} recipients; frozen in {frozen - begun:.1f} s, sent in {sent - frozen:.1f} s, {n / (sent - frozen):.0f} a second")
print(f"{'per recipient':24}{'freezing':>12}{'sending':>12}")
for i, name in enumerate(names):
    print(f"{name:24}{(queued[i] - start[i]) / n:12.3f}{(end[i] - queued[i]) / n:12.3f}")
print(f"{'PostgreSQL, µs':24}{'':12}{(server1 - server0) / tick / n * 1e6:12.1f}")
print(f"{'sender, µs':24}{'':12}{(sender1 - sender0) / tick / n * 1e6:12.1f}")
print(f"{'bytes to PostgreSQL':24}{'':12}{(out1 - out0) / n:12.1f}")
print(f"{'bytes from PostgreSQL':24}{'':12}{(in1 - in0) / n:12.1f}")
print(f"deliveries on disk, bytes a row: {queued[8] / n:.0f} frozen, {end[8] / n:.0f} sent")
for table in sizes.split(";"):
    name, heap, indexes = table.split()
    print(f"{name}: {int(heap) / n:.0f} bytes a row, {int(indexes) / n:.0f} of indexes")
PY
