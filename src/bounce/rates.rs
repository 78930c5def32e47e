//! The rates of hard bounces and complaints: how many of the messages that the relay accepted came back, for each issue with its
//! editions, each newsletter and each recipient domain. At one limit the operators are notified, at another the issue is paused too.
//!
//! Processing a report adds 1 to the counts of its issue, in the same transaction (`store/returned_counts.rs`). Accepted messages are
//! counted here, page by page and outside of any writing transaction: sending an issue must not pay for it. So a round reads every
//! delivery of an issue that is being sent; the pause between two rounds grows with the time that the last one took.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::rate_alerts::{self, ReachedLimit};
use crate::app::App;
use crate::config::{Bounces, Share};
use crate::domain::address::domain_of_key;
use crate::domain::ids::{IssueId, NewsletterId, SubscriptionId};
use crate::domain::states::{AlertLevel, AlertMeasure, AlertScope, IssueState};
use crate::domain::time::time_delta;
use crate::notices::NoticeError;
use crate::store::rate_alerts::RateAlert;
use crate::store::returned_counts::{ChangedRates, Rates};
use crate::store::{StoreError, retry_on_conflict};

/// The shortest pause between two rounds.
const INTERVAL: Duration = Duration::from_secs(10);
/// A pause is at least this many times as long as the round before it.
const PAUSE_FACTOR: u32 = 20;
const ROWS_PER_QUERY: i64 = 10_000;
/// The most issues that one round counts.
const MAX_ISSUES: i64 = 100;
/// The most counts that one round compares with the limits.
const MAX_CHANGED: i64 = 50_000;
/// A domain with fewer recipients in an issue is not counted by itself: such counts would name persons, and say nothing.
const MIN_RECIPIENTS_OF_DOMAIN: i64 = 10;
/// The domain of Amazon's mail simulator, whose addresses bounce and complain for tests.
const SIMULATOR: &str = "simulator.amazonses.com";

/// Compares rates with their limits until `stop` is cancelled. Several processes may run this at once.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let started = Instant::now();
        if let Err(error) = check(&app).await {
            tracing::error!(%error, "rates of returned mail not checked; trying again");
        }
        let pause = INTERVAL.max(started.elapsed() * PAUSE_FACTOR);
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Compares the rates that reports have changed with their limits, notifies the operators and pauses issues.
///
/// # Errors
/// When the database fails. The next round repeats what was not done.
pub async fn check(app: &App) -> Result<(), NoticeError> {
    let since = app.clock.now() - time_delta(app.config.bounces.rate_window);
    let changed = app.store.read().await?.changed_rates(since, MAX_CHANGED).await?;
    count_accepted_messages(app, since, !changed.is_empty()).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let mut reached = Vec::new();
    let mut cleared = Vec::new();
    for (subject, issues) in subjects(&changed) {
        let rates = subject.rates(app, since).await?;
        let on_record = {
            let mut tx = app.store.read().await?;
            tx.rate_alerts(subject.scope(), &subject.name()).await?
        };
        for measure in [AlertMeasure::Complaints, AlertMeasure::HardBounces] {
            for level in [AlertLevel::Warn, AlertLevel::Pause] {
                let alert = subject.alert(measure, level);
                let Some(limit) = limit(&app.config.bounces, measure, level) else {
                    continue;
                };
                let is_on_record = on_record.contains(&alert);
                let is_reached = is_reached(&rates, measure, limit, app.config.bounces.min_accepted);
                if is_reached && !is_on_record {
                    reached.push(ReachedLimit {
                        alert,
                        returned: returned(&rates, measure),
                        accepted: rates.accepted,
                        limit,
                        issues: issues.clone(),
                    });
                } else if is_on_record
                    && subject.can_be_cleared()
                    && !is_reached_at(&rates, measure, limit.four_fifths())
                {
                    cleared.push(alert);
                }
            }
        }
    }
    rate_alerts::act(app, &reached, &cleared).await?;
    // While an issue is being sent, its rates change with every accepted message.
    let is_final = |row: &&ChangedRates| !matches!(row.state, IssueState::Sending | IssueState::Paused);
    let compared: Vec<_> = changed.iter().filter(is_final).collect();
    let finished = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        tx.finish_changed_rates(&compared).await?;
        tx.commit().await
    });
    Ok(finished.await?)
}

/// Counts the accepted messages of the issues whose rates are compared, also of those that are being sent. Returns since when these
/// issues started.
///
/// # Errors
/// When the database fails.
pub(crate) async fn count_accepted(app: &App) -> Result<DateTime<Utc>, StoreError> {
    let since = app.clock.now() - time_delta(app.config.bounces.rate_window);
    count_accepted_messages(app, since, true).await?;
    Ok(since)
}

/// What rates are compared for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Issue(IssueId),
    Newsletter(NewsletterId),
    Domain(String),
}

impl Subject {
    const fn scope(&self) -> AlertScope {
        match self {
            Self::Issue(_) => AlertScope::Issue,
            Self::Newsletter(_) => AlertScope::Newsletter,
            Self::Domain(_) => AlertScope::Domain,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Issue(id) => id.to_string(),
            Self::Newsletter(id) => id.to_string(),
            Self::Domain(domain) => domain.clone(),
        }
    }

    fn alert(&self, measure: AlertMeasure, level: AlertLevel) -> RateAlert {
        RateAlert {
            scope: self.scope(),
            subject: self.name(),
            measure,
            level,
        }
    }

    /// Whether a limit that was reached may be reached again later. An issue reaches each limit once.
    const fn can_be_cleared(&self) -> bool {
        !matches!(self, Self::Issue(_))
    }

    async fn rates(&self, app: &App, since: DateTime<Utc>) -> Result<Rates, StoreError> {
        let mut tx = app.store.read().await?;
        match self {
            Self::Issue(id) => tx.rates_of_issue(*id).await,
            Self::Newsletter(id) => tx.rates_of_newsletter(*id, since).await,
            Self::Domain(domain) => tx.rates_of_domain(domain, since).await,
        }
    }
}

/// The subjects of changed counts, each with the issues whose messages came back.
fn subjects(changed: &[ChangedRates]) -> BTreeMap<Subject, BTreeSet<IssueId>> {
    let mut subjects: BTreeMap<Subject, BTreeSet<IssueId>> = BTreeMap::new();
    for row in changed {
        let concerned = if row.domain.is_empty() {
            vec![
                Subject::Issue(row.whole_issue_id),
                Subject::Newsletter(row.newsletter_id),
            ]
        } else {
            vec![Subject::Domain(row.domain.clone())]
        };
        for subject in concerned {
            subjects.entry(subject).or_default().insert(row.whole_issue_id);
        }
    }
    subjects
}

/// `None` if the setting is empty.
const fn limit(settings: &Bounces, measure: AlertMeasure, level: AlertLevel) -> Option<Share> {
    match (measure, level) {
        (AlertMeasure::Complaints, AlertLevel::Warn) => settings.warn_complaints,
        (AlertMeasure::Complaints, AlertLevel::Pause) => settings.pause_complaints,
        (AlertMeasure::HardBounces, AlertLevel::Warn) => settings.warn_hard_bounces,
        (AlertMeasure::HardBounces, AlertLevel::Pause) => settings.pause_hard_bounces,
    }
}

const fn returned(rates: &Rates, measure: AlertMeasure) -> i64 {
    match measure {
        AlertMeasure::Complaints => rates.complaints,
        AlertMeasure::HardBounces => rates.hard_bounces,
    }
}

const fn is_reached(rates: &Rates, measure: AlertMeasure, limit: Share, min_accepted: i64) -> bool {
    rates.accepted >= min_accepted && is_reached_at(rates, measure, limit)
}

const fn is_reached_at(rates: &Rates, measure: AlertMeasure, limit: Share) -> bool {
    limit.is_reached(returned(rates, measure), rates.accepted)
}

/// Counts the accepted messages of issues that started at `since` or later and have ended, each once, and with `open` those of issues
/// that are being sent.
async fn count_accepted_messages(app: &App, since: DateTime<Utc>, open: bool) -> Result<(), StoreError> {
    let issues = app.store.read().await?.issues_to_count(since, open, MAX_ISSUES).await?;
    for issue in issues {
        let now = app.clock.now();
        let accepted = accepted_by_domain(app, issue).await?;
        // Reports that are processed meanwhile change the same rows.
        retry_on_conflict(StoreError::is_conflict, || async {
            let mut tx = app.store.write().await?;
            tx.store_accepted(issue, &accepted, now).await?;
            tx.commit().await
        })
        .await?;
    }
    Ok(())
}

/// How many messages of an issue were accepted for each domain, sorted by domain. The empty domain is the sum of all.
async fn accepted_by_domain(app: &App, issue: IssueId) -> Result<Vec<(String, i64)>, StoreError> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    let mut sum = 0;
    let mut after = SubscriptionId(Uuid::nil());
    loop {
        // A transaction for each page: none is open for as long as a large issue takes.
        let page = app
            .store
            .read()
            .await?
            .accepted_after(issue, after, ROWS_PER_QUERY)
            .await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, key) in page {
            let domain = domain_of_key(&key);
            if domain == SIMULATOR {
                continue;
            }
            sum += 1;
            if let Some(count) = counts.get_mut(domain) {
                *count += 1;
            } else {
                counts.insert(domain.to_owned(), 1);
            }
        }
    }
    counts.retain(|domain, count| !domain.is_empty() && *count >= MIN_RECIPIENTS_OF_DOMAIN);
    counts.insert(String::new(), sum);
    Ok(counts.into_iter().collect())
}
