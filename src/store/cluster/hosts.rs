//! Which of the hosts in `database.url` takes writes.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, Row};
use tokio::time::{Instant, sleep_until, timeout};

use super::{Result, StoreError};

/// Once a host has said that it takes writes, how long the others may still take to say so too.
const GRACE: Duration = Duration::from_millis(500);

/// How to reach one host.
#[derive(Clone)]
pub(super) struct Host {
    pub(super) options: PgConnectOptions,
    /// Its address without the password.
    pub(super) place: String,
}

/// A server that takes writes, told from every other and from itself before its last start. When the connections to one
/// `Server` are gone, none of them comes back.
///
/// The timeline comes first: each promotion begins a new one. An old primary that returns and does not know that another
/// was promoted meanwhile is on an older one, and must not be believed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Server {
    timeline: String,
    /// Of several on one timeline, the first that is named.
    host: Reverse<usize>,
    started: String,
}

impl Server {
    /// Whether another was promoted after this one was.
    pub(super) fn is_older_than(&self, other: &Self) -> bool {
        self.timeline < other.timeline
    }

    /// The place of its host among those of the settings.
    pub(super) fn host(&self) -> usize {
        self.host.0
    }
}

impl Host {
    pub(super) fn parse(url: &SecretString) -> Result<Self> {
        let options = PgConnectOptions::from_str(url.expose_secret()).map_err(|e| StoreError::Url(e.to_string()))?;
        let place = format!(
            "postgres://{}@{}:{}/{}",
            options.get_username(),
            options.get_host(),
            options.get_port(),
            options.get_database().unwrap_or_default()
        );
        // No statement here yields a float, and PgBouncer refuses settings that it does not know.
        let options = options.application_name("daywire").extra_float_digits(None);
        Ok(Self { options, place })
    }

    /// Connects without a pool, which would keep trying a port that nobody listens on.
    async fn ask(&self, host: usize) -> Result<Server, String> {
        let asked = async {
            let mut connection = self.options.connect().await?;
            let server = server(&mut connection, host).await?;
            connection.close().await?;
            Ok(server)
        };
        let server = asked.await.map_err(|error: sqlx::Error| match error {
            // The driver's own words only add that this was communication.
            sqlx::Error::Io(error) => error.to_string(),
            error => error.to_string(),
        })?;
        server.ok_or_else(|| "it is a standby that takes no writes".to_owned())
    }
}

/// The server at the other end; none when it takes no writes.
async fn server(connection: &mut PgConnection, host: usize) -> sqlx::Result<Option<Server>> {
    let row = sqlx::raw_sql(
        "SELECT current_setting('transaction_read_only') = 'off', \
         CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END, \
         pg_postmaster_start_time()::text",
    )
    .fetch_one(connection)
    .await?;
    let takes_writes: bool = row.try_get(0)?;
    let (timeline, started) = (row.try_get(1)?, row.try_get(2)?);
    let host = Reverse(host);
    Ok(takes_writes.then_some(Server {
        timeline,
        host,
        started,
    }))
}

/// Fails if the connection leads to another server, if the server was restarted, or if it no longer takes writes.
pub(super) async fn check(connection: &mut PgConnection, expected: &Server) -> sqlx::Result<()> {
    if server(connection, expected.host()).await?.as_ref() == Some(expected) {
        return Ok(());
    }
    Err(sqlx::Error::Io(std::io::Error::other("another server answers here")))
}

/// Asks all hosts at once, and waits for each `patience` at most. Of several that claim to take writes, the one that was
/// promoted last does.
///
/// # Errors
/// [`StoreError::NoPrimary`] with what each said.
pub(super) async fn find(hosts: &[Host], patience: Duration) -> Result<Server> {
    let mut answers = FuturesUnordered::new();
    for (number, host) in hosts.iter().enumerate() {
        answers.push(async move { (number, timeout(patience, host.ask(number)).await) });
    }
    let mut found: Option<Server> = None;
    let mut failures = BTreeMap::new();
    let mut end = Instant::now() + patience + GRACE;
    loop {
        let answer = tokio::select! {
            answer = answers.next() => answer,
            () = sleep_until(end) => None,
        };
        match answer {
            Some((_, Ok(Ok(server)))) => {
                end = end.min(Instant::now() + GRACE);
                found = found.max(Some(server));
            }
            Some((number, Ok(Err(reason)))) => drop(failures.insert(number, reason)),
            Some((number, Err(_))) => {
                failures.insert(number, format!("no answer within {} s", patience.as_secs()));
            }
            None => break,
        }
    }
    found.ok_or_else(|| StoreError::NoPrimary(told(hosts, failures)))
}

/// What the hosts said; those that said the same are told together.
fn told(hosts: &[Host], failures: BTreeMap<usize, String>) -> String {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (number, reason) in failures {
        places.entry(reason).or_default().push(&hosts[number].place);
    }
    let told = places
        .into_iter()
        .map(|(reason, at)| format!("{}: {reason}", at.join(", ")));
    told.collect::<Vec<_>>().join("; ")
}
