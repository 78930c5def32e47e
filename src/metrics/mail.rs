//! What this process sends: messages by relay, kind and outcome, the time of SMTP transactions, and open connections.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::labels::{Counters, Gauges, Histograms, InUse};

/// The bounds of the buckets in seconds: from a relay on the same machine to the time limit of a reply.
const BUCKETS: [f64; 10] = [0.005, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 120.0, 600.0];

/// The metrics of all relays.
#[derive(Debug)]
pub(crate) struct MailMetrics {
    messages: Counters<3>,
    transactions: Histograms<1>,
    connections: Gauges<1>,
}

impl Default for MailMetrics {
    fn default() -> Self {
        Self {
            messages: Counters::default(),
            transactions: Histograms::new_with_constructor(|| Histogram::new(BUCKETS)),
            connections: Gauges::default(),
        }
    }
}

impl MailMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "messages",
            "Attempts of this process to send a message, by relay, kind of message and outcome",
            self.messages.clone(),
        );
        registry.register(
            "smtp_transaction_seconds",
            "The time from MAIL to the reply to the message",
            self.transactions.clone(),
        );
        registry.register(
            "smtp_connections",
            "Connections of this process to a relay that are open",
            self.connections.clone(),
        );
    }

    /// The metrics of the relay with this name.
    pub(crate) fn of_relay(&self, name: String) -> RelayMetrics {
        RelayMetrics {
            messages: self.messages.clone(),
            counters: Arc::default(),
            transactions: self.transactions.get_or_create_owned(&[("relay", name.clone().into())]),
            connections: self.connections.get_or_create_owned(&[("relay", name.clone().into())]),
            name: name.into(),
        }
    }
}

/// The metrics of one relay. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct RelayMetrics {
    name: Arc<str>,
    messages: Counters<3>,
    /// Those of `messages` that this relay has used, by kind and outcome. So no message needs new labels.
    counters: Arc<Mutex<BTreeMap<(&'static str, &'static str), Counter>>>,
    transactions: Histogram,
    connections: Gauge,
}

impl RelayMetrics {
    /// Counts an attempt to send a message.
    pub(crate) fn message(&self, kind: &'static str, outcome: &'static str) {
        let new = || {
            let relay = String::from(&*self.name).into();
            let labels = [("relay", relay), ("kind", kind.into()), ("outcome", outcome.into())];
            self.messages.get_or_create_owned(&labels)
        };
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.entry((kind, outcome)).or_insert_with(new).inc();
    }

    pub(crate) fn connection(&self) -> ConnectionMetrics {
        ConnectionMetrics {
            relay: self.clone(),
            _open: InUse::of(&self.connections),
        }
    }
}

/// The metrics of one open connection.
#[derive(Debug)]
pub(crate) struct ConnectionMetrics {
    relay: RelayMetrics,
    _open: InUse,
}

impl ConnectionMetrics {
    pub(crate) const fn relay(&self) -> &RelayMetrics {
        &self.relay
    }

    /// The relay has replied to the message whose envelope was sent at `started`.
    pub(crate) fn replied(&self, started: Instant) {
        self.relay.transactions.observe(started.elapsed().as_secs_f64());
    }
}
