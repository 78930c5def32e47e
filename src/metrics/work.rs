//! What the loops of this process have done: fetches of feeds, returned mails, and the last success of each loop.

use chrono::{DateTime, Utc};
use prometheus_client::registry::Registry;

use super::labels::{Counters, Seconds, timestamp};

/// The metrics of the loops.
#[derive(Debug, Default)]
pub(crate) struct WorkMetrics {
    fetches: Counters<1>,
    returned_mails: Counters<2>,
    last_success: Seconds<1>,
}

impl WorkMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "feed_fetches",
            "Fetches of feeds by this process, by outcome",
            self.fetches.clone(),
        );
        registry.register(
            "returned_mails",
            "Returned mails and events of mail providers that this process handled, by kind and effect",
            self.returned_mails.clone(),
        );
        registry.register(
            "loop_last_success_timestamp_seconds",
            "When a loop of this process last did its work without an error, in seconds since 1970",
            self.last_success.clone(),
        );
    }

    /// Counts a fetch of a feed.
    pub(crate) fn fetched(&self, outcome: &'static str) {
        self.fetches.get_or_create(&[("outcome", outcome.into())]).inc();
    }

    /// Counts a returned mail that was processed.
    pub(crate) fn returned(&self, kind: &'static str, effect: &'static str) {
        let labels = [("kind", kind.into()), ("effect", effect.into())];
        self.returned_mails.get_or_create(&labels).inc();
    }

    /// Records that a loop has done its work.
    pub(crate) fn succeeded(&self, name: &'static str, now: DateTime<Utc>) {
        let last = self.last_success.get_or_create(&[("loop", name.into())]);
        last.set(timestamp(now));
    }
}
