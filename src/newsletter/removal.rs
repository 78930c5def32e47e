//! Removes a newsletter: no more issues are sent, and nobody can subscribe to it.
//!
//! The row of the newsletter stays, because past issues, delivery reports and consent records refer to it. Applying its file again
//! brings the newsletter back, without subscriptions.

use std::collections::BTreeMap;

use serde_json::json;

use super::written_file::version_of;
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::consent::ConsentSource;
use crate::domain::ids::{NewsletterId, SubscriptionId};
use crate::domain::seen::Seen;
use crate::domain::states::{ConsentEvent, IssueState, RunState, SubscriptionState};
use crate::store::consent_records::ConsentRecord;
use crate::store::issue_lists::IssueSummary;
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};

/// At most this many subscriptions end in one transaction, so that other writers do not wait long.
const PAGE: i64 = 500;
/// The recorded reason of cancelled drafts and left-out articles of a removed newsletter.
const REASON: &str = "the newsletter was removed";

/// Why a newsletter was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemovalError {
    /// An issue of the newsletter is being sent or is paused.
    #[error("{slug} cannot be removed while {issues}; wait until it is sent, or `daywire issue cancel` it")]
    AtWork {
        /// The slug of the newsletter.
        slug: String,
        /// The issues and their states.
        issues: String,
    },
    /// Its settings are not those that the operator saw.
    #[error("the newsletter {0} was changed meanwhile, and was not removed; look at it again")]
    Outdated(String),
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The things that end with a newsletter.
#[derive(Clone, Debug)]
pub struct Removal {
    /// Subscriptions by state, including those that ended before.
    pub subscriptions: BTreeMap<SubscriptionState, i64>,
    /// Issues that were compiled and not sent: they are cancelled.
    pub drafts: Vec<IssueSummary>,
    /// How many feeds the newsletter reads.
    pub feeds: i64,
}

impl Removal {
    /// How many subscriptions end.
    #[must_use]
    pub fn ending(&self) -> i64 {
        let open = self.subscriptions.iter();
        open.filter(|(state, _)| **state != SubscriptionState::Unsubscribed)
            .map(|(_, count)| count)
            .sum()
    }
}

/// Lists the things that would end with a newsletter. Changes nothing.
///
/// # Errors
/// [`RemovalError::AtWork`] while an issue is being sent or is paused.
pub async fn plan(tx: &mut Tx, newsletter: &Newsletter) -> Result<Removal, RemovalError> {
    let issues = tx.unfinished_issues(newsletter.id).await?;
    let (drafts, at_work): (Vec<_>, Vec<_>) = issues
        .into_iter()
        .partition(|issue| matches!(issue.state, IssueState::Draft | IssueState::Approved));
    if !at_work.is_empty() {
        let named = at_work
            .iter()
            .map(|issue| format!("{} is {}", issue.name(), issue.state));
        return Err(RemovalError::AtWork {
            slug: newsletter.slug.clone(),
            issues: named.collect::<Vec<_>>().join(" and "),
        });
    }
    let counts = tx.count_subscriptions().await?.into_iter();
    Ok(Removal {
        subscriptions: counts
            .filter(|(id, ..)| *id == newsletter.id)
            .map(|(_, state, count)| (state, count))
            .collect(),
        drafts,
        feeds: tx.count_feeds_of(newsletter.id).await?,
    })
}

/// Removes a newsletter, if its settings have the version that the operator saw. From the first transaction on nothing is sent. If this is interrupted, run it again to end the
/// remaining subscriptions.
///
/// # Errors
/// [`RemovalError`].
pub async fn remove(app: &App, actor: &Actor, id: NewsletterId, seen: &Seen<String>) -> Result<Removal, RemovalError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    tx.lock_and_count_change(id).await?;
    let newsletter = tx.newsletter(id).await?;
    if let Seen::This(version) = seen
        && version_of(&newsletter).ok().as_ref() != Some(version)
    {
        return Err(RemovalError::Outdated(newsletter.slug));
    }
    let removal = plan(&mut tx, &newsletter).await?;
    for draft in &removal.drafts {
        if let Some(issue) = tx.lock_newsletter_and_issue(draft.id).await? {
            tx.move_issue(issue.id, issue.state, IssueState::Cancelled, Some(REASON), now)
                .await?;
            tx.release_articles(issue.id).await?;
            tx.finish_run_of(&issue, RunState::Skipped, Some(REASON)).await?;
        }
    }
    tx.unlink_feeds(id).await?;
    tx.leave_out_waiting(id, REASON).await?;
    tx.expire_confirmations_of(id, now).await?;
    if newsletter.removed_at.is_none() {
        tx.remove_newsletter(id, now).await?;
        let ending = json!({ "subscriptions": removal.ending(), "feeds": removal.feeds });
        let change = Change::of(AuditAction::NewsletterRemoved, &newsletter.slug).from(ending);
        audit::record(&mut tx, app, actor, change).await?;
    }
    tx.commit().await?;
    while end_some(app, id).await? > 0 {}
    Ok(removal)
}

/// Ends up to [`PAGE`] subscriptions, each with an entry in its consent record. Returns how many.
async fn end_some(app: &App, id: NewsletterId) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let ended: Vec<SubscriptionId> = tx.end_subscriptions_of(id, PAGE, now).await?;
    for subscription in &ended {
        let record = ConsentRecord {
            event: ConsentEvent::Unsubscribed,
            at: now,
            network_address: None,
            source: ConsentSource::Other(REASON.to_owned()),
            words: None,
            mail_text: None,
        };
        tx.add_consent(app.rng.uuid(now), *subscription, id, &record).await?;
    }
    tx.commit().await?;
    Ok(ended.len())
}
