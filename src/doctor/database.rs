//! The database: whether it answers, its version and tables, whether it accepts writes, the free disk, and the standby servers.

use super::check::Check;
use crate::config::{Config, DatabaseUrl};
use crate::store::{Standby, Store, StoreError, folder_of, permissions_warning};
use crate::text::plain::counted;

/// With less free disk than this, the next issue may not fit.
const MIN_FREE_BYTES: u64 = 256 * MIB;
/// Below this, or below the size of the database, there is no space for an export or a backup.
const LOW_FREE_BYTES: u64 = 1024 * MIB;
/// A standby that lags by more than this is not keeping up.
const MAX_LAG_BYTES: i64 = 64 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

/// The database, after it was opened.
pub(super) struct Database {
    pub(super) store: Store,
    /// Whether its tables are those of this program.
    pub(super) has_tables: bool,
}

/// Opens the database and checks it. Returns `None` if it cannot be opened.
pub(super) async fn check(config: &Config) -> (Option<Database>, Vec<Check>) {
    let place = config.database.url.to_string();
    let store = match Store::open_existing(&config.database.store_options()).await {
        Ok(store) => store,
        Err(error) => {
            let advice = "check database.url, and that the server runs";
            return (None, vec![Check::failed_by("database", &error, advice).of(place)]);
        }
    };
    let tables = store.check_tables().await;
    let has_tables = tables.is_ok();
    let mut checks = vec![
        answered("database", version(&store).await).of(place),
        match tables {
            Ok(()) => Check::ok("database.tables", "they are those of this version of daywire"),
            Err(error) => Check::failed_by("database.tables", &error, "run `daywire migrate`"),
        },
        match store.check_writable().await {
            Ok(()) => Check::ok("database.writes", "the database accepts writes"),
            Err(error) => Check::failed_by(
                "database.writes",
                &error,
                "check that the disk is not full and that this user may write",
            ),
        },
        answered("database.disk", disk(config, &store).await),
        answered("database.replication", replication(config, &store).await),
    ];
    if let DatabaseUrl::Sqlite(file) = &config.database.url {
        checks.push(
            match permissions_warning(file).as_deref().map(|text| text.rsplit_once("; ")) {
                None => Check::ok("database.permissions", "other users of this machine cannot read it"),
                Some(Some((found, advice))) => Check::warning("database.permissions", found, advice),
                Some(None) => Check::warning(
                    "database.permissions",
                    "other users can read it",
                    "run `chmod 600` on the file",
                ),
            },
        );
    }
    (Some(Database { store, has_tables }), checks)
}

/// The check, or a failed one if the database did not answer.
fn answered(name: &'static str, check: Result<Check, StoreError>) -> Check {
    check.unwrap_or_else(|error| Check::failed_by(name, &error, "look at the log of the database server"))
}

async fn version(store: &Store) -> Result<Check, StoreError> {
    Ok(Check::ok("database", store.read().await?.server_version().await?))
}

async fn disk(config: &Config, store: &Store) -> Result<Check, StoreError> {
    let bytes = store.read().await?.database_bytes().await?;
    let size = u64::try_from(bytes).unwrap_or(0);
    let DatabaseUrl::Sqlite(file) = &config.database.url else {
        let reason = format!(
            "the database has {}; PostgreSQL does not report the free disk of its machine, so watch it there",
            shown(size)
        );
        return Ok(Check::skipped("database.disk", reason));
    };
    Ok(match rustix::fs::statvfs(folder_of(file)) {
        Ok(disk) => enough_disk(disk.f_bavail.saturating_mul(disk.f_frsize), size),
        Err(error) => Check::skipped("database.disk", format!("the free disk is unknown: {error}")),
    })
}

fn enough_disk(free: u64, size: u64) -> Check {
    const NAME: &str = "database.disk";
    let found = format!("{} free, and the database has {}", shown(free), shown(size));
    if free < MIN_FREE_BYTES {
        Check::failed(
            NAME,
            found,
            "free disk space now: when the disk is full, sign-ups and sending stop",
        )
    } else if free < LOW_FREE_BYTES.max(size) {
        let advice = format!(
            "keep {} free, so that an export or a backup fits beside the database",
            shown(LOW_FREE_BYTES.max(size))
        );
        Check::warning(NAME, found, advice)
    } else {
        Check::ok(NAME, found)
    }
}

/// A size in MiB, rounded up.
fn shown(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(MIB))
}

async fn replication(config: &Config, store: &Store) -> Result<Check, StoreError> {
    let DatabaseUrl::Postgres { hosts, .. } = &config.database.url else {
        return Ok(Check::skipped("database.replication", "SQLite has no standby servers"));
    };
    let standbys = store.read().await?.standbys().await?;
    Ok(standbys_keep_up(hosts.len(), &standbys))
}

/// `hosts` is the number of servers in `database.url`.
fn standbys_keep_up(hosts: usize, standbys: &[Standby]) -> Check {
    const NAME: &str = "database.replication";
    if standbys.is_empty() && hosts < 2 {
        return Check::skipped(
            NAME,
            "no standby server is connected, and database.url names one server",
        );
    }
    if standbys.is_empty() {
        let found = format!("database.url names {hosts} servers, and no standby receives changes");
        return Check::failed(NAME, found, "start the standby, or look at its log (ha/README.md)");
    }
    let count = counted(standbys.len(), "standby server", "standby servers");
    if standbys.iter().any(|standby| standby.state.is_none()) {
        return Check::warning(
            NAME,
            format!("{count}, of which this user may not read the state"),
            "as a superuser of the database run: GRANT pg_monitor TO the user of database.url",
        );
    }
    let is_behind = |standby: &&Standby| {
        standby.state.as_deref() != Some("streaming") || standby.lag_bytes.is_none_or(|lag| lag > MAX_LAG_BYTES)
    };
    if let Some(behind) = standbys.iter().find(is_behind) {
        let lag = behind.lag_bytes.map_or_else(
            || "an unknown amount".to_owned(),
            |lag| shown(u64::try_from(lag).unwrap_or(0)),
        );
        let state = behind.state.as_deref().unwrap_or("unknown");
        let found = format!("the standby {:?} is {lag} behind, in the state {state}", behind.name);
        return Check::warning(NAME, found, "look at its log, its disk and the network to it");
    }
    let lag = standbys
        .iter()
        .filter_map(|standby| standby.lag_bytes)
        .max()
        .unwrap_or(0);
    Check::ok(
        NAME,
        format!("{count}, at most {} behind", shown(u64::try_from(lag).unwrap_or(0))),
    )
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn low_disk_warns_and_almost_none_fails() {
        let state = |free, size| enough_disk(free * MIB, size * MIB).state;
        assert_eq!(state(10_000, 500), State::Ok);
        assert_eq!(state(10_000, 20_000), State::Warning, "a backup does not fit");
        assert_eq!(state(1000, 500), State::Warning);
        assert_eq!(state(255, 1), State::Failed);
    }

    #[test]
    fn a_standby_must_be_connected_and_keep_up() {
        let standby = |state: Option<&str>, lag_bytes| Standby {
            name: "two".into(),
            state: state.map(Into::into),
            lag_bytes,
        };
        let state = |hosts, standbys: &[Standby]| standbys_keep_up(hosts, standbys).state;
        assert_eq!(state(1, &[]), State::Skipped);
        assert_eq!(state(2, &[]), State::Failed);
        assert_eq!(state(2, &[standby(Some("streaming"), Some(0))]), State::Ok);
        assert_eq!(
            state(1, &[standby(Some("streaming"), Some(MAX_LAG_BYTES + 1))]),
            State::Warning
        );
        assert_eq!(state(1, &[standby(Some("catchup"), Some(0))]), State::Warning);
        assert_eq!(state(1, &[standby(None, None)]), State::Warning);
    }
}
