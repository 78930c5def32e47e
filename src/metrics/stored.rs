//! What waits in the whole database, and the connections of this process to it. The values are set before each answer.

use chrono::{DateTime, TimeDelta, Utc};
use prometheus_client::registry::Registry;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::labels::{Gauges, Seconds};

/// What waits in a database, whichever process put it there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) issues: Vec<(&'static str, i64)>,
    pub(crate) overdue_drafts: i64,
    pub(crate) transactional_mails: Queue,
    pub(crate) returned_mails: Queue,
    pub(crate) webhook_messages: i64,
    pub(crate) feeds: Feeds,
    pub(crate) nodes: i64,
}

/// How many rows wait, and the time of the oldest.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Queue {
    pub(crate) count: i64,
    pub(crate) oldest: Option<DateTime<Utc>>,
}

/// How many feeds newsletters read, by the result of the last fetch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Feeds {
    pub(crate) all: i64,
    pub(crate) failing: i64,
    pub(crate) gone: i64,
}

/// The connections of a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pool {
    pub(crate) name: &'static str,
    pub(crate) open: u32,
    pub(crate) idle: usize,
    pub(crate) max: u32,
}

/// How many recipients an issue and its editions have that no relay has accepted yet.
#[derive(Clone, Debug)]
pub(crate) struct RecipientsLeft {
    pub(crate) newsletter: String,
    pub(crate) number: i64,
    pub(crate) recipients: i64,
}

/// The gauges of what is stored.
#[derive(Debug, Default)]
pub(crate) struct StoredMetrics {
    /// When the gauges of the whole database were last set. The lock lets one request at a time set them and write the text.
    pub(crate) read_at: Mutex<Option<Instant>>,
    up: Gauges<0>,
    connections: Gauges<2>,
    max_connections: Gauges<1>,
    issues: Gauges<1>,
    recipients_left: Gauges<2>,
    overdue_drafts: Gauges<0>,
    late: Seconds<0>,
    queued_mails: Gauges<0>,
    oldest_mail: Seconds<0>,
    returned_mails: Gauges<0>,
    oldest_returned_mail: Seconds<0>,
    webhook_messages: Gauges<0>,
    feeds: Gauges<1>,
    nodes: Gauges<0>,
}

impl StoredMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "database_up",
            "1 if the database answered the queries of the metrics that describe the whole database, otherwise 0",
            self.up.clone(),
        );
        registry.register(
            "database_connections",
            "Connections of this process to the database, by pool and state",
            self.connections.clone(),
        );
        registry.register(
            "database_connections_max",
            "The most connections that a pool of this process opens",
            self.max_connections.clone(),
        );
        registry.register(
            "issues",
            "Issues and editions that are being sent or paused, in the whole database",
            self.issues.clone(),
        );
        registry.register(
            "issue_recipients_left",
            "Recipients of an issue and its editions to whom nothing was delivered yet, in the whole database",
            self.recipients_left.clone(),
        );
        registry.register(
            "drafts_overdue",
            "Drafts that are due and not sent, for example because preflight blocks them or an approval is missing",
            self.overdue_drafts.clone(),
        );
        registry.register(
            "scheduler_late_seconds",
            "How long the oldest due time of a newsletter has waited for its run; 0 if none waits",
            self.late.clone(),
        );
        registry.register(
            "transactional_mails_queued",
            "Confirmations and other transactional mails that wait, in the whole database",
            self.queued_mails.clone(),
        );
        registry.register(
            "transactional_mail_oldest_age_seconds",
            "The age of the oldest transactional mail that waits; 0 if none waits",
            self.oldest_mail.clone(),
        );
        registry.register(
            "returned_mails_waiting",
            "Returned mails that wait to be processed, in the whole database",
            self.returned_mails.clone(),
        );
        registry.register(
            "returned_mail_oldest_age_seconds",
            "The age of the oldest returned mail that waits; 0 if none waits",
            self.oldest_returned_mail.clone(),
        );
        registry.register(
            "webhook_messages_waiting",
            "Events for other programs that wait to be sent, in the whole database",
            self.webhook_messages.clone(),
        );
        registry.register(
            "feeds",
            "Feeds that newsletters read, by the result of the last fetch, in the whole database",
            self.feeds.clone(),
        );
        registry.register(
            "nodes",
            "Processes that send mail and have a row in the database",
            self.nodes.clone(),
        );
    }

    pub(crate) fn set_pools(&self, pools: &[Pool]) {
        for pool in pools {
            let idle = i64::try_from(pool.idle).unwrap_or(i64::MAX);
            let used = i64::from(pool.open).saturating_sub(idle).max(0);
            for (state, count) in [("idle", idle), ("used", used)] {
                let labels = [("pool", pool.name.into()), ("state", state.into())];
                self.connections.get_or_create(&labels).set(count);
            }
            let max = self.max_connections.get_or_create(&[("pool", pool.name.into())]);
            max.set(i64::from(pool.max));
        }
    }

    /// The database did not answer: no gauge shows an old value.
    pub(crate) fn set_unavailable(&self) {
        for gauge in [
            &self.overdue_drafts,
            &self.queued_mails,
            &self.returned_mails,
            &self.webhook_messages,
            &self.nodes,
        ] {
            gauge.clear();
        }
        for seconds in [&self.late, &self.oldest_mail, &self.oldest_returned_mail] {
            seconds.clear();
        }
        self.issues.clear();
        self.recipients_left.clear();
        self.feeds.clear();
        self.up.get_or_create(&[]).set(0);
    }

    pub(crate) fn set_waiting(&self, waiting: &Waiting, late: TimeDelta, now: DateTime<Utc>) {
        self.up.get_or_create(&[]).set(1);
        self.issues.clear();
        for (state, count) in &waiting.issues {
            self.issues.get_or_create(&[("state", (*state).into())]).set(*count);
        }
        self.overdue_drafts.get_or_create(&[]).set(waiting.overdue_drafts);
        self.late.get_or_create(&[]).set(seconds(late));
        let age = |queue: Queue| seconds(queue.oldest.map_or(TimeDelta::zero(), |oldest| now - oldest));
        self.queued_mails
            .get_or_create(&[])
            .set(waiting.transactional_mails.count);
        self.oldest_mail
            .get_or_create(&[])
            .set(age(waiting.transactional_mails));
        self.returned_mails.get_or_create(&[]).set(waiting.returned_mails.count);
        self.oldest_returned_mail
            .get_or_create(&[])
            .set(age(waiting.returned_mails));
        self.webhook_messages.get_or_create(&[]).set(waiting.webhook_messages);
        let Feeds { all, failing, gone } = waiting.feeds;
        for (state, count) in [("ok", all - failing - gone), ("failing", failing), ("gone", gone)] {
            self.feeds.get_or_create(&[("state", state.into())]).set(count);
        }
        self.nodes.get_or_create(&[]).set(waiting.nodes);
    }

    pub(crate) fn set_recipients_left(&self, issues: Vec<RecipientsLeft>) {
        self.recipients_left.clear();
        for issue in issues {
            let number = issue.number.to_string().into();
            let labels = [("newsletter", issue.newsletter.into()), ("issue", number)];
            self.recipients_left.get_or_create(&labels).set(issue.recipients);
        }
    }
}

/// Never below zero: clocks of several machines differ.
fn seconds(delta: TimeDelta) -> f64 {
    delta.to_std().map_or(0.0, |delta| delta.as_secs_f64())
}
