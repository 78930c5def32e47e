#!/usr/bin/env bash
# A primary and a synchronous standby, both named in database.url. The primary fails in the middle of an issue, the standby is promoted by
# hand, and Daywire continues without a restart.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need python3
find_daywire

primary=$(free_port)
standby=$(free_port)
make_primary "$scratch/primary"
start_server "$scratch/primary" "$primary" -c "synchronous_standby_names=standby"
make_standby "$scratch/standby" "$primary"
start_server "$scratch/standby" "$standby"
is_synchronous() { [ "$(query "$primary" "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" = 1 ]; }
wait_until "the standby is synchronous" is_synchronous

end_primary() { server pg_ctl -D "$scratch/primary/data" -m immediate -w stop >/dev/null; }
promote() { server pg_ctl -D "$scratch/standby/data" -w promote >/dev/null; }
export DAYWIRE_DATABASE__URL="postgres://postgres@127.0.0.1:$primary,127.0.0.1:$standby/postgres"
rehearse_failover "$standby" end_primary promote
