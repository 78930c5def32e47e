//! How long transactions wait for a connection, how long they take, and the events of subscriptions that they record.

use std::sync::Arc;
use std::time::Instant;

use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::labels::{Counters, Histograms};

/// The bounds of the buckets in seconds: from a read in memory to a statement's time limit.
const BUCKETS: [f64; 10] = [0.0005, 0.002, 0.005, 0.02, 0.05, 0.2, 0.5, 2.0, 10.0, 60.0];

/// Whether a transaction only reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The transaction changes nothing in the database.
    Read,
    /// The transaction may change something in the database.
    Write,
}

/// The metrics of a database, which its transactions update. Clones share them.
#[derive(Clone, Debug)]
pub struct DatabaseMetrics(Arc<Families>);

#[derive(Debug)]
struct Families {
    waits: Histograms<1>,
    durations: Histograms<1>,
    read: Times,
    write: Times,
    events: Counters<1>,
}

#[derive(Debug)]
struct Times {
    wait: Histogram,
    duration: Histogram,
}

impl Default for DatabaseMetrics {
    fn default() -> Self {
        let histograms = || Histograms::new_with_constructor(|| Histogram::new(BUCKETS));
        let (waits, durations) = (histograms(), histograms());
        let times = |access: &'static str| Times {
            wait: waits.get_or_create_owned(&[("access", access.into())]),
            duration: durations.get_or_create_owned(&[("access", access.into())]),
        };
        let (read, write) = (times("read"), times("write"));
        Self(Arc::new(Families {
            waits,
            durations,
            read,
            write,
            events: Counters::default(),
        }))
    }
}

impl DatabaseMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "database_wait_seconds",
            "How long a transaction of this process waited for a connection and its beginning",
            self.0.waits.clone(),
        );
        registry.register(
            "database_transaction_seconds",
            "How long a transaction of this process took after its beginning",
            self.0.durations.clone(),
        );
        registry.register(
            "subscription_events",
            "What happened to subscriptions, as this process recorded it: sign-ups, confirmations, the ways of leaving, bounces, complaints",
            self.0.events.clone(),
        );
    }

    /// Counts events of subscriptions that a transaction has committed.
    pub(crate) fn count_events(&self, events: impl IntoIterator<Item = (&'static str, u64)>) {
        for (event, count) in events {
            let counter = self.0.events.get_or_create(&[("event", event.into())]);
            counter.inc_by(count);
        }
    }

    /// Measures a transaction that waits for its connection from now on.
    pub(crate) fn waiting(&self, access: Access) -> TransactionTimer {
        TransactionTimer {
            metrics: self.clone(),
            access,
            since: Instant::now(),
            has_begun: false,
        }
    }
}

/// Measures one transaction: first its wait for a connection, then its duration until this value is dropped.
#[derive(Debug)]
pub struct TransactionTimer {
    metrics: DatabaseMetrics,
    access: Access,
    since: Instant,
    has_begun: bool,
}

impl TransactionTimer {
    /// The wait is over.
    pub(crate) fn begun(mut self) -> Self {
        self.observe();
        self.since = Instant::now();
        self.has_begun = true;
        self
    }

    pub(crate) fn metrics(&self) -> &DatabaseMetrics {
        &self.metrics
    }

    fn observe(&self) {
        let Families { read, write, .. } = &*self.metrics.0;
        let times = match self.access {
            Access::Read => read,
            Access::Write => write,
        };
        let histogram = if self.has_begun { &times.duration } else { &times.wait };
        histogram.observe(self.since.elapsed().as_secs_f64());
    }
}

/// A transaction that got no connection has waited too.
impl Drop for TransactionTimer {
    fn drop(&mut self) {
        self.observe();
    }
}
