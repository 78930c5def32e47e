#!/usr/bin/env bash
# Two PostgreSQL servers run by Patroni, with etcd and synchronous replication. In the middle of an issue the leader and its Patroni are
# killed. Patroni promotes the other server, and Daywire continues without a restart. Then the old leader joins again.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need python3 etcd patroni
find_daywire

etcd=$(free_port)
start etcd etcd --data-dir "$scratch/etcd" --listen-client-urls "http://127.0.0.1:$etcd" \
    --advertise-client-urls "http://127.0.0.1:$etcd" --listen-peer-urls "http://127.0.0.1:$(free_port)"
wait_until "etcd answers" curl -fs "http://127.0.0.1:$etcd/health"

# Starts a node: NUMBER PORT.
make_node() {
    local folder=$scratch/node$1 api
    api=$(free_port)
    make_server_folder "$folder"
    clusters+=("$folder/data")
    cat >"node$1.yml" <<YML
scope: daywire
name: node$1
restapi: {listen: "127.0.0.1:$api", connect_address: "127.0.0.1:$api"}
etcd3: {host: "127.0.0.1:$etcd"}
bootstrap:
  dcs: {ttl: 20, loop_wait: 5, retry_timeout: 5, synchronous_mode: true, postgresql: {use_pg_rewind: true}}
  initdb: [{encoding: UTF8}, {locale: C}]
postgresql:
  listen: "127.0.0.1:$2"
  connect_address: "127.0.0.1:$2"
  data_dir: $folder/data
  bin_dir: $bin
  pgpass: $folder/pgpass
  parameters: {unix_socket_directories: "$folder", max_connections: 200, wal_log_hints: "on"}
  pg_hba: ["host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
  authentication: {superuser: {username: postgres}, replication: {username: postgres}}
YML
    start_node "$1"
}
start_node() { start "node$1" ${as[@]+"${as[@]}"} patroni "$scratch/node$1.yml"; patroni=$!; }

first=$(free_port)
second=$(free_port)
make_node 1 "$first"
leader=$patroni
wait_until "the leader accepts writes" accepts_writes "$first"
make_node 2 "$second"
is_synchronous() { [ "$(query "$1" "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" = 1 ]; }
wait_until "the standby is synchronous" is_synchronous "$first"

end_leader() {
    kill -9 "$leader"
    wait "$leader" 2>/dev/null || true
    server pg_ctl -D "$scratch/node1/data" -m immediate -w stop >/dev/null
}
export DAYWIRE_DATABASE__URL="postgres://postgres@127.0.0.1:$first,127.0.0.1:$second/postgres"
rehearse_failover "$second" end_leader
start_node 1
WAIT_SECONDS=120 wait_until "the old leader is synchronous" is_synchronous "$second"
check "the old leader joined again as the synchronous standby" is_synchronous "$second"
