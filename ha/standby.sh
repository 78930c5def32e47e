#!/usr/bin/env bash
# A primary and a synchronous standby, both named in database.url: the primary dies in the middle of an issue, the standby
# is promoted by hand, and Daywire goes on without a restart.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need python3
find_daywire

primary=$(free_port)
standby=$(free_port)
make_primary "$scratch/primary"
start_server "$scratch/primary" "$primary" -c "synchronous_standby_names=standby"
make_standby "$scratch/standby" "$primary"
start_server "$scratch/standby" "$standby"
in_step() { [ "$(ask "$primary" "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" = 1 ]; }
until_so "the standby is in step" in_step

end_primary() { server pg_ctl -D "$scratch/primary/data" -m immediate -w stop >/dev/null; }
promote() { server pg_ctl -D "$scratch/standby/data" -w promote >/dev/null; }
export DAYWIRE_DATABASE__URL="postgres://postgres@127.0.0.1:$primary,127.0.0.1:$standby/postgres"
rehearse "$standby" end_primary promote
