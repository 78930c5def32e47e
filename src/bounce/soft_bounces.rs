//! The rule of soft bounces: after failures of several issues in a row, over several days, the subscription is paused.
//!
//! The rule reads the record each time and stores no count, so bounces may come in any order and late. Issues are ordered by when they
//! started, not by when their bounces came. An issue interrupts the failures if the relay accepted its message and the message did not
//! come back. A message whose bounce comes later stops interrupting them with that bounce, because the rule is applied again then.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::config::Bounces;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::SubscriptionId;
use crate::domain::states::ConsentEvent;
use crate::domain::time::time_delta;
use crate::store::consent_records::ConsentRecord;
use crate::store::soft_bounces::FailedIssue;
use crate::store::{StoreError, Tx};

/// A message that was accepted after the last failure may still come back: mail servers try for up to five days
/// ([RFC 5321 §4.5.4.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.4.1)). Until then it proves nothing.
const BOUNCE_PERIOD: TimeDelta = TimeDelta::days(5);

/// Pauses a subscription if its soft bounces have reached the limit. Call this after a soft bounce was added, in its transaction.
/// Returns why it was paused; `None` if it was not.
pub(super) async fn pause_if_due(
    app: &App,
    tx: &mut Tx,
    subscription: SubscriptionId,
) -> Result<Option<String>, StoreError> {
    let (now, rule) = (app.clock.now(), &app.config.bounces);
    let failed = tx.failed_issues(subscription).await?;
    // Most subscriptions are far from the limit, so the deliveries are rarely read.
    let (Some(last), Some(first)) = (failed.first(), failed.last()) else {
        return Ok(None);
    };
    if !is_due(&failed, rule) {
        return Ok(None);
    }
    let accepted_at = accepted_at(tx, subscription, (first, last), now).await?;
    let in_a_row = in_a_row(&failed, accepted_at);
    if !is_due(in_a_row, rule) {
        return Ok(None);
    }
    let reason = describe(in_a_row);
    let Some(newsletter) = tx.pause_after_soft_bounces(subscription, &reason).await? else {
        return Ok(None);
    };
    let record = ConsentRecord {
        event: ConsentEvent::Paused,
        at: now,
        network_address: None,
        source: ConsentSource::SoftBounces(reason.clone()),
        words: None,
        mail_text: None,
    };
    tx.add_consent(app.rng.uuid(now), subscription, newsletter, &record)
        .await?;
    tracing::info!(subscription.id = %subscription, reason, "subscription paused");
    Ok(Some(reason))
}

/// When the latest issue started that interrupts the failures from the first to the last.
async fn accepted_at(
    tx: &mut Tx,
    subscription: SubscriptionId,
    (first, last): (&FailedIssue, &FailedIssue),
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let before = last.started_at.max(now - BOUNCE_PERIOD);
    tx.latest_acceptance(subscription, first.started_at, before).await
}

/// The soft bounces of a subscription that count towards a pause.
#[derive(Clone, Debug)]
pub(crate) struct SoftBounces {
    /// The issues in a row. Those of one day count once.
    pub(crate) issues: usize,
    /// When the first of these issues started.
    pub(crate) since: DateTime<Utc>,
    /// The reason of the last one: a name of `reason.rs`.
    pub(crate) last_reason: String,
}

/// How far a subscription is from a pause; `None` if no soft bounce counts.
pub(crate) async fn count_in_a_row(
    tx: &mut Tx,
    subscription: SubscriptionId,
    now: DateTime<Utc>,
) -> Result<Option<SoftBounces>, StoreError> {
    let failed = tx.failed_issues(subscription).await?;
    let (Some(last), Some(first)) = (failed.first(), failed.last()) else {
        return Ok(None);
    };
    let accepted_at = accepted_at(tx, subscription, (first, last), now).await?;
    let in_a_row = in_a_row(&failed, accepted_at);
    let ends = in_a_row.first().zip(in_a_row.last());
    Ok(ends.map(|(last, first)| SoftBounces {
        issues: days(in_a_row),
        since: first.started_at,
        last_reason: last.reason.clone(),
    }))
}

/// Those of the failed issues, latest first, that started after the latest acceptance.
fn in_a_row(failed: &[FailedIssue], accepted_at: Option<DateTime<Utc>>) -> &[FailedIssue] {
    let is_after = |issue: &FailedIssue| accepted_at.is_none_or(|accepted| issue.started_at > accepted);
    &failed[..failed.iter().take_while(|issue| is_after(issue)).count()]
}

/// Whether the failed issues, latest first, are enough and span enough time. Those of one day count once. Days are compared and not
/// times, because a daily issue does not start at exactly the same time every day.
fn is_due(failed: &[FailedIssue], rule: &Bounces) -> bool {
    let (Some(last), Some(first)) = (failed.first(), failed.last()) else {
        return false;
    };
    rule.soft_issues > 0
        && days(failed) >= rule.soft_issues
        && last.started_at.date_naive() - first.started_at.date_naive() >= time_delta(rule.soft_period)
}

/// On how many days the issues started. They are sorted by time.
fn days(failed: &[FailedIssue]) -> usize {
    failed
        .chunk_by(|one, next| one.started_at.date_naive() == next.started_at.date_naive())
        .count()
}

/// Why the subscription is paused, in words for the operator.
fn describe(failed: &[FailedIssue]) -> String {
    let day = |issue: Option<&FailedIssue>| issue.map(|issue| issue.started_at.date_naive().to_string());
    format!(
        "the messages of {} issues in a row, from {} to {}, were not delivered; the last reason is {}",
        failed.len(),
        day(failed.last()).unwrap_or_default(),
        day(failed.first()).unwrap_or_default(),
        failed.first().map_or("unknown", |issue| issue.reason.as_str())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::domain::ids::IssueId;
    use uuid::Uuid;

    /// Issues that failed on these days, latest first. An earlier issue starts later in its day.
    fn failed(days: &[i64]) -> Vec<FailedIssue> {
        let issue = |(minute, day): (usize, &i64)| FailedIssue {
            id: IssueId(Uuid::nil()),
            started_at: at(*day)
                + TimeDelta::minutes(i64::try_from(minute).expect("there are fewer issues than i64 holds")),
            reason: "mailbox_full".to_owned(),
        };
        days.iter().enumerate().map(issue).collect()
    }

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day) + TimeDelta::hours(23)
    }

    fn due(days: &[i64]) -> bool {
        is_due(&failed(days), &Config::default().bounces)
    }

    #[test]
    fn five_issues_over_two_weeks_are_enough() {
        assert!(due(&[25, 20, 15, 12, 10]));
        assert!(!due(&[25, 20, 15, 10]), "four issues");
        assert!(due(&[24, 20, 15, 12, 10]), "the last one started earlier in its day");
        assert!(!due(&[15, 14, 13, 12, 11, 10]), "less than two weeks");
        assert!(!due(&[]));
    }

    #[test]
    fn issues_of_one_day_count_once() {
        assert!(!due(&[25, 25, 25, 20, 10]));
    }

    #[test]
    fn only_failures_after_the_last_acceptance_are_in_a_row() {
        let failed = failed(&[30, 25, 20]);
        assert_eq!(in_a_row(&failed, Some(at(22))).len(), 2);
        assert_eq!(in_a_row(&failed, Some(at(31))).len(), 0);
        assert_eq!(in_a_row(&failed, None).len(), 3);
    }
}
