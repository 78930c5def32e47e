//! Which of the PostgreSQL hosts in `database.url` accepts writes.
//!
//! All hosts are asked at once. If several report that they accept writes, the one that was promoted last is used. An old primary
//! that returns after a failover must not be used, because its changes would be lost.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, Row};
use tokio::time::{Instant, sleep_until, timeout};

use crate::store::{Result, StoreError};

/// After one host has reported that it accepts writes, how long the others may still take to report the same.
const OTHER_HOSTS_TIMEOUT: Duration = Duration::from_millis(500);

/// How to reach one host.
#[derive(Clone)]
pub(super) struct Host {
    pub(super) options: PgConnectOptions,
    /// The address without the password.
    pub(super) address: String,
}

/// One start of a server that accepts writes. A restart or a failover makes another `ServerStart`, and connections to the old one are
/// of no use. They are ordered by their promotion: the one promoted last is the greatest.
///
/// The timeline is compared first, because each promotion begins a new one. An old primary that returns, and does not know that another
/// server was promoted meanwhile, is on a lower timeline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ServerStart {
    timeline: String,
    /// Index of the host in `database.url`. Of several hosts on one timeline, the first named one is the greatest.
    host_index: Reverse<usize>,
    /// When the server process was started.
    started: String,
}

impl ServerStart {
    /// Whether the other server was promoted after this one.
    pub(super) fn was_promoted_before(&self, other: &Self) -> bool {
        self.timeline < other.timeline
    }

    /// The index of the server's host in `database.url`.
    pub(super) fn host_index(&self) -> usize {
        self.host_index.0
    }
}

impl Host {
    pub(super) fn parse(url: &SecretString) -> Result<Self> {
        let options = PgConnectOptions::from_str(url.expose_secret()).map_err(|e| StoreError::Url(e.to_string()))?;
        let address = format!(
            "postgres://{}@{}:{}/{}",
            options.get_username(),
            options.get_host(),
            options.get_port(),
            // An address without a database means the one with the user's name; the message shows the address as it was written.
            options.get_database().unwrap_or_default()
        );
        // No statement here returns a float, and PgBouncer refuses settings that it does not know.
        let options = options.application_name("daywire").extra_float_digits(None);
        Ok(Self { options, address })
    }

    /// Asks the host which server it is. The connection is not from a pool, which would retry a refused connection until its timeout.
    async fn ask(&self, host_index: usize) -> Result<ServerStart, String> {
        let asked = async {
            let mut connection = self.options.connect().await?;
            let server = server(&mut connection, host_index).await?;
            connection.close().await?;
            Ok(server)
        };
        let server = asked.await.map_err(|error: sqlx::Error| match error {
            // The driver's own text only adds that this was an error of communication.
            sqlx::Error::Io(error) => error.to_string(),
            error => error.to_string(),
        })?;
        server.ok_or_else(|| "it is a standby, which does not accept writes".to_owned())
    }
}

/// The server at the other end of a connection; `None` if it does not accept writes.
async fn server(connection: &mut PgConnection, host_index: usize) -> sqlx::Result<Option<ServerStart>> {
    // The first eight characters of a WAL file's name are the timeline. A standby has no WAL position of its own.
    let row = sqlx::raw_sql(
        "SELECT current_setting('transaction_read_only') = 'off', \
         CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END, \
         pg_postmaster_start_time()::text",
    )
    .fetch_one(connection)
    .await?;
    let accepts_writes: bool = row.try_get(0)?;
    let (timeline, started) = (row.try_get(1)?, row.try_get(2)?);
    Ok(accepts_writes.then_some(ServerStart {
        timeline,
        host_index: Reverse(host_index),
        started,
    }))
}

/// Fails if the connection leads to another server, if the server was restarted, or if it no longer accepts writes.
pub(super) async fn expect_server(connection: &mut PgConnection, expected: &ServerStart) -> sqlx::Result<()> {
    if server(connection, expected.host_index()).await?.as_ref() == Some(expected) {
        return Ok(());
    }
    Err(sqlx::Error::Io(std::io::Error::other(
        "another server answers at this address",
    )))
}

/// Asks all hosts at once, each for at most `host_timeout`, and returns the greatest [`ServerStart`].
///
/// # Errors
/// [`StoreError::NoPrimary`] with the answer of each host.
pub(super) async fn find(hosts: &[Host], host_timeout: Duration) -> Result<ServerStart> {
    let mut answers = FuturesUnordered::new();
    for (host_index, host) in hosts.iter().enumerate() {
        answers.push(async move { (host_index, timeout(host_timeout, host.ask(host_index)).await) });
    }
    let mut found: Option<ServerStart> = None;
    let mut failures = BTreeMap::new();
    let mut deadline = Instant::now() + host_timeout + OTHER_HOSTS_TIMEOUT;
    loop {
        let answer = tokio::select! {
            answer = answers.next() => answer,
            () = sleep_until(deadline) => None,
        };
        match answer {
            Some((_, Ok(Ok(server)))) => {
                deadline = deadline.min(Instant::now() + OTHER_HOSTS_TIMEOUT);
                found = found.max(Some(server));
            }
            Some((host_index, Ok(Err(reason)))) => drop(failures.insert(host_index, reason)),
            Some((host_index, Err(_))) => {
                failures.insert(host_index, format!("no answer within {} s", host_timeout.as_secs()));
            }
            None => break,
        }
    }
    found.ok_or_else(|| StoreError::NoPrimary(list_failures(hosts, failures)))
}

/// The reason of each failure after the hosts that have it.
fn list_failures(hosts: &[Host], failures: BTreeMap<usize, String>) -> String {
    let mut hosts_by_reason: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (host_index, reason) in failures {
        hosts_by_reason
            .entry(reason)
            .or_default()
            .push(&hosts[host_index].address);
    }
    let listed = hosts_by_reason
        .into_iter()
        .map(|(reason, addresses)| format!("{}: {reason}", addresses.join(", ")));
    listed.collect::<Vec<_>>().join("; ")
}
