//! PostgreSQL on two hosts: after a failover the store finds the host that accepts writes, and no commit is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::DateTime;
use daywire::config::Config;
use daywire::domain::states::SuppressionReason;
use daywire::store::{Store, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::eventually;
use crate::support::network::Network;
use crate::support::postgres::Server;

/// The number of tasks that write at the same time.
const WRITERS: usize = 4;

#[apply(on_postgres)]
async fn after_a_crash_of_the_primary_writing_continues_on_the_promoted_standby_without_loss() {
    let (primary, standby) = Server::pair().await;
    let store = open(&[&standby.address(), &primary.address()]).await;
    let writers = Writers::start(&store);
    writers.write_more().await;
    primary.crash();
    standby.promote();
    writers.write_more().await;
    let written = writers.stop().await;
    assert_written(&store, &written).await;

    // The old primary does not know that the standby was promoted, and accepts writes as well.
    primary.start();
    let reopened = open(&[&primary.address(), &standby.address()]).await;
    assert_written(&reopened, &written).await;
    standby.crash();
    let refused = reopened
        .read()
        .await
        .expect_err("the store must not return to the old primary");
    assert!(
        refused.is_unavailable() && refused.to_string().contains("was promoted after it"),
        "{refused}"
    );
}

#[apply(on_postgres)]
async fn writing_continues_on_the_standby_when_the_primarys_host_stops_responding() {
    let (primary, standby) = Server::pair().await;
    let network = Network::to(primary.address()).await;
    let store = open(&[network.address(), &standby.address()]).await;
    let writers = Writers::start(&store);
    writers.write_more().await;
    network.vanish();
    standby.promote();
    writers.write_more().await;
    let written = writers.stop().await;
    assert_written(&store, &written).await;
}

#[apply(on_postgres)]
async fn another_server_behind_the_same_address_is_detected() {
    let (primary, standby) = Server::pair().await;
    let network = Network::to(primary.address()).await;
    let store = open(&[network.address()]).await;
    let writers = Writers::start(&store);
    writers.write_more().await;
    standby.promote();
    network.lead_to(standby.address());
    writers.write_more().await;
    let written = writers.stop().await;
    assert_written(&store, &written).await;
}

#[apply(on_postgres)]
async fn a_primary_that_becomes_read_only_is_left_for_the_one_that_accepts_writes() {
    let (primary, standby) = Server::pair().await;
    let store = open(&[&primary.address(), &standby.address()]).await;
    let writers = Writers::start(&store);
    writers.write_more().await;
    primary
        .execute("ALTER SYSTEM SET default_transaction_read_only = on")
        .await;
    primary.execute("SELECT pg_reload_conf()").await;
    standby.promote();
    writers.write_more().await;
    let written = writers.stop().await;
    assert_written(&store, &written).await;
}

#[apply(on_postgres)]
async fn writing_continues_without_loss_after_a_server_restarts() {
    let server = Server::alone();
    let store = open(&[&server.address()]).await;
    let writers = Writers::start(&store);
    writers.write_more().await;
    server.crash();
    let refused = failure(&store).await;
    assert!(refused.is_unavailable());
    assert!(refused.to_string().contains("refused"), "{refused}");
    server.start();
    writers.write_more().await;
    let written = writers.stop().await;
    assert_written(&store, &written).await;
}

#[apply(on_postgres)]
async fn a_statement_without_an_answer_fails_at_the_time_limit() {
    let server = Server::alone();
    let network = Network::to(server.address()).await;
    let mut options = config(&[network.address()]).database.store_options();
    options.statement_timeout = Duration::from_secs(2);
    let store = Store::open(&options).await.expect("the store opens");
    store.migrate().await.expect("the tables are created");
    let mut tx = store.read().await.expect("the transaction begins");
    network.vanish();
    let error = tx.suppression(b"nobody").await.expect_err("the server does not answer");
    assert!(
        error.is_unavailable() && error.to_string().contains("within 2 s"),
        "{error}"
    );
}

fn config(hosts: &[&str]) -> Config {
    let mut config = Config::default();
    let url = format!("postgres://postgres@{}/postgres", hosts.join(","));
    config.database.url = url.parse().expect("the address is valid");
    config
}

async fn open(hosts: &[&str]) -> Store {
    let store = Store::open(&config(hosts).database.store_options()).await;
    let store = store.expect("one of the hosts accepts writes");
    store.migrate().await.expect("the tables are created");
    store
}

/// Commits one row.
async fn write(store: &Store, number: u64) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    tx.suppress(
        &number.to_be_bytes(),
        SuppressionReason::Operator,
        "asked",
        DateTime::UNIX_EPOCH,
    )
    .await?;
    tx.commit().await
}

async fn failure(store: &Store) -> StoreError {
    loop {
        if let Err(error) = write(store, u64::MAX).await {
            return error;
        }
    }
}

async fn assert_written(store: &Store, written: &[u64]) {
    let mut tx = store.read().await.expect("the database answers");
    for number in written {
        let found = tx.suppression(&number.to_be_bytes()).await.expect("the query succeeds");
        assert!(found.is_some(), "{number} was committed and is lost");
    }
}

/// Tasks that write rows one after another, and repeat a write that failed.
struct Writers {
    tasks: JoinSet<Vec<u64>>,
    count: Arc<AtomicU64>,
    stop: CancellationToken,
}

impl Writers {
    fn start(store: &Store) -> Self {
        let (count, stop) = (Arc::new(AtomicU64::new(0)), CancellationToken::new());
        let mut tasks = JoinSet::new();
        for task in 0..WRITERS {
            let (store, count, stop) = (store.clone(), Arc::clone(&count), stop.clone());
            tasks.spawn(async move {
                let mut written = Vec::new();
                for number in (0_u64..).skip(task).step_by(WRITERS) {
                    while let Err(error) = write(&store, number).await {
                        assert!(error.is_unavailable(), "{error:?}");
                    }
                    written.push(number);
                    count.fetch_add(1, Ordering::SeqCst);
                    if stop.is_cancelled() {
                        break;
                    }
                }
                written
            });
        }
        Self { tasks, count, stop }
    }

    /// Waits until the tasks have committed 50 more rows.
    async fn write_more(&self) {
        let before = self.count.load(Ordering::SeqCst);
        eventually("50 more rows are written", || async {
            self.count.load(Ordering::SeqCst) > before + 50
        })
        .await;
    }

    /// Stops the tasks. Returns the numbers of the committed rows.
    async fn stop(self) -> Vec<u64> {
        self.stop.cancel();
        self.tasks.join_all().await.concat()
    }
}
