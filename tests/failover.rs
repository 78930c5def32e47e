//! PostgreSQL on two hosts: the one that takes writes is found again, and nothing that was committed is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::DateTime;
use daywire::config::Config;
use daywire::store::{Store, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::eventually;
use crate::support::network::Network;
use crate::support::postgres::Server;

/// Writing goes on this soon after there is a server again that takes writes.
const SOON: Duration = Duration::from_secs(10);
/// Tasks that write at the same time.
const WRITERS: usize = 4;

#[apply(on_postgres)]
async fn when_the_primary_dies_writing_goes_on_at_the_promoted_standby_and_nothing_is_lost() {
    let (primary, standby) = Server::pair().await;
    let store = open(&[&standby.address(), &primary.address()]).await;
    let writers = Writers::start(&store);
    writers.wrote_more().await;
    primary.crash();
    standby.promote();
    writers.go_on_soon().await;
    let written = writers.stop().await;
    assert_written(&store, &written).await;

    // It does not know that another was promoted, and would take writes too.
    primary.start();
    let anew = open(&[&primary.address(), &standby.address()]).await;
    assert_written(&anew, &written).await;
    standby.crash();
    let refused = anew.read().await.expect_err("the old primary is not gone back to");
    assert!(
        refused.is_unavailable() && refused.to_string().contains("was promoted after it"),
        "{refused}"
    );
}

#[apply(on_postgres)]
async fn when_the_primarys_machine_vanishes_nothing_waits_for_it() {
    let (primary, standby) = Server::pair().await;
    let network = Network::to(primary.address()).await;
    let store = open(&[network.address(), &standby.address()]).await;
    let writers = Writers::start(&store);
    writers.wrote_more().await;
    network.vanish();
    standby.promote();
    writers.go_on_soon().await;
    let written = writers.stop().await;
    assert_written(&store, &written).await;
}

#[apply(on_postgres)]
async fn another_server_behind_the_same_address_is_noticed() {
    let (primary, standby) = Server::pair().await;
    let network = Network::to(primary.address()).await;
    let store = open(&[network.address()]).await;
    let writers = Writers::start(&store);
    writers.wrote_more().await;
    standby.promote();
    network.lead_to(standby.address());
    writers.go_on_soon().await;
    let written = writers.stop().await;
    assert_written(&store, &written).await;
}

#[apply(on_postgres)]
async fn a_primary_that_is_told_to_take_no_more_writes_is_left_for_the_one_that_does() {
    let (primary, standby) = Server::pair().await;
    let store = open(&[&primary.address(), &standby.address()]).await;
    let writers = Writers::start(&store);
    writers.wrote_more().await;
    primary
        .execute("ALTER SYSTEM SET default_transaction_read_only = on")
        .await;
    primary.execute("SELECT pg_reload_conf()").await;
    standby.promote();
    writers.go_on_soon().await;
    let written = writers.stop().await;
    assert_written(&store, &written).await;
}

#[apply(on_postgres)]
async fn a_server_that_goes_away_and_comes_back_costs_time_and_nothing_else() {
    let server = Server::alone();
    let store = open(&[&server.address()]).await;
    let writers = Writers::start(&store);
    writers.wrote_more().await;
    server.crash();
    let refused = failure(&store).await;
    assert!(refused.is_unavailable());
    assert!(refused.to_string().contains("refused"), "{refused}");
    server.start();
    writers.go_on_soon().await;
    let written = writers.stop().await;
    assert_written(&store, &written).await;
}

#[apply(on_postgres)]
async fn a_statement_that_nobody_answers_ends_at_the_time_limit() {
    let server = Server::alone();
    let network = Network::to(server.address()).await;
    let mut options = config(&[network.address()]).database.store_options();
    options.timeout = Duration::from_secs(2);
    let store = Store::open(&options).await.expect("it opens");
    store.migrate().await.expect("the tables are made");
    let mut tx = store.read().await.expect("a transaction");
    network.vanish();
    let start = Instant::now();
    let error = tx.suppression(b"nobody").await.expect_err("nobody answers");
    assert!(
        error.is_unavailable() && error.to_string().contains("within 2 s"),
        "{error}"
    );
    assert!(start.elapsed() < SOON);
}

fn config(hosts: &[&str]) -> Config {
    let mut config = Config::default();
    let url = format!("postgres://postgres@{}/postgres", hosts.join(","));
    config.database.url = url.parse().expect("an address");
    config
}

async fn open(hosts: &[&str]) -> Store {
    let store = Store::open(&config(hosts).database.store_options()).await;
    let store = store.expect("one of them takes writes");
    store.migrate().await.expect("the tables are made");
    store
}

/// Writes one thing, which is then on record.
async fn write(store: &Store, number: u64) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    tx.suppress(&number.to_be_bytes(), "asked", DateTime::UNIX_EPOCH)
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
        let found = tx.suppression(&number.to_be_bytes()).await.expect("an answer");
        assert!(found.is_some(), "{number} was committed, and is lost");
    }
}

/// Tasks that write without end, and again what did not go through.
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

    /// Waits until each has written, and some more.
    async fn wrote_more(&self) {
        let before = self.count.load(Ordering::SeqCst);
        eventually("something is written", || async {
            self.count.load(Ordering::SeqCst) > before + 50
        })
        .await;
    }

    /// Writing goes on soon; called when it can.
    async fn go_on_soon(&self) {
        let start = Instant::now();
        self.wrote_more().await;
        println!("writing went on within {:?}", start.elapsed());
        assert!(start.elapsed() < SOON, "it took {:?}", start.elapsed());
    }

    /// Everything that was committed.
    async fn stop(self) -> Vec<u64> {
        self.stop.cancel();
        self.tasks.join_all().await.concat()
    }
}
