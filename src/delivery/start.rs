//! Starts the sending of an issue. Preflight runs and editions are compiled from a snapshot while no transaction is open. Then a short
//! transaction freezes the recipients, if the snapshot is still current.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::issue_state::{ControlError, change_state, lock, require_issue, require_seen, transition_error};
use super::local_time::local_time;
use super::preflight;
use crate::app::{App, on_blocking_pool};
use crate::audit::record_for_issue;
use crate::digest::editions::{Assignment, EditionPlan, EditionSnapshot};
use crate::digest::search::issue_words;
use crate::digest::{CompileError, MAX_ATTEMPTS};
use crate::domain::audit::AuditAction;
use crate::domain::ids::IssueId;
use crate::domain::issue_action::IssueAction;
use crate::domain::states::{Approval, IssueState, RunState};
use crate::store::Tx;
use crate::store::issue_lists::issue_name;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::store::search_documents::SearchSubject;
use crate::store::subscriber_groups::SubscriberGroup;
use crate::text::search::SearchText;

/// Everything that decides what the recipients of an issue get, read in one transaction.
struct IssueSnapshot {
    issue: Issue,
    newsletter: Newsletter,
    /// [`Tx::newsletter_revision`] when the snapshot was read.
    revision: i64,
    /// `None` if the inputs of the issue are not stored.
    search_words: Option<SearchText>,
    editions: EditionSnapshot,
    /// The editions that operators approved; `None` if the newsletter needs no approval.
    approved: Option<HashSet<Vec<u8>>>,
}

/// An issue that is ready to start: it passed preflight, and its editions are compiled.
#[derive(Debug)]
pub struct PreparedIssue {
    issue: Issue,
    newsletter: Newsletter,
    revision: i64,
    /// `None` if the inputs of the issue are not stored.
    search_words: Option<SearchText>,
    plan: EditionPlan,
    /// How many editions nobody approved.
    unapproved: usize,
}

/// Starts an issue: freezes its recipients and queues their deliveries. Returns the number of recipients, with those of its editions.
/// `None` if the issue or edition is being sent already, or is no longer in the `expected` state.
///
/// # Errors
/// [`ControlError`] if the issue must not be sent, and [`CompileError::Outdated`] if its newsletter changed during every attempt. Then
/// nothing has changed.
#[tracing::instrument(name = "freeze", level = "error", skip_all, fields(issue.id, recipient.count))]
pub async fn start_issue(
    app: &Arc<App>,
    action: impl Into<IssueAction>,
    expected: Option<IssueState>,
    now: DateTime<Utc>,
) -> Result<Option<u64>, ControlError> {
    let action = action.into();
    tracing::Span::current().record("issue.id", action.id.to_string());
    for _ in 0..MAX_ATTEMPTS {
        let Some(prepared) = prepare(app, action.id, expected).await? else {
            return Ok(None);
        };
        let mut tx = app.store.write().await?;
        require_seen(&mut tx, &prepared.issue, &action).await?;
        if let Some(frozen) = freeze(&mut tx, &prepared, now).await? {
            record_start(&mut tx, app, &action, &prepared, frozen).await?;
            tx.commit().await?;
            prepared.log(frozen);
            app.delivery_wakeup.notify_one();
            return Ok(Some(frozen));
        }
    }
    start_under_lock(app, &action, expected, now).await
}

/// Starts an issue whose newsletter changed during every attempt of [`start_issue`]. It compiles the editions inside the transaction,
/// and holds the locks of the newsletter and of the issue for that time.
async fn start_under_lock(
    app: &Arc<App>,
    action: &IssueAction,
    expected: Option<IssueState>,
    now: DateTime<Utc>,
) -> Result<Option<u64>, ControlError> {
    let id = action.id;
    let mut tx = app.store.write().await?;
    // Everything below is read after the locks, so other transactions cannot change it before the freeze.
    lock(&mut tx, id).await?;
    let name = tx.issue_name(id).await?;
    tracing::warn!(issue.id = %id, issue.name = name, "issue snapshot outdated repeatedly; compiling editions under the lock");
    let Some(snapshot) = IssueSnapshot::read(&mut tx, app, id, expected).await? else {
        return Ok(None);
    };
    let prepared = snapshot.compile(app).await?;
    require_seen(&mut tx, &prepared.issue, action).await?;
    // A sign-up does not wait for the lock. If it has just confirmed the first subscription with some preferences, the plan lacks that
    // group.
    let frozen = freeze(&mut tx, &prepared, now).await?;
    let frozen = frozen.ok_or(CompileError::Outdated)?;
    record_start(&mut tx, app, action, &prepared, frozen).await?;
    tx.commit().await?;
    prepared.log(frozen);
    app.delivery_wakeup.notify_one();
    Ok(Some(frozen))
}

/// Records which operator started an issue.
async fn record_start(
    tx: &mut Tx,
    app: &App,
    action: &IssueAction,
    prepared: &PreparedIssue,
    recipients: u64,
) -> Result<(), ControlError> {
    let old = json!({ "state": prepared.issue.state });
    let new = json!({ "state": IssueState::Sending, "revision": prepared.issue.revision, "recipients": recipients });
    Ok(record_for_issue(tx, app, action, AuditAction::IssueSent, Some(old), Some(new)).await?)
}

/// Prepares an issue without locking anything. `None` as in [`start_issue`].
///
/// # Errors
/// If the issue must not be sent.
pub async fn prepare(
    app: &Arc<App>,
    id: IssueId,
    expected: Option<IssueState>,
) -> Result<Option<PreparedIssue>, ControlError> {
    let mut tx = app.store.read_snapshot().await?;
    let Some(snapshot) = IssueSnapshot::read(&mut tx, app, id, expected).await? else {
        return Ok(None);
    };
    // A read transaction that stays open keeps SQLite from checkpointing its write-ahead log.
    drop(tx);
    snapshot.compile(app).await.map(Some)
}

impl IssueSnapshot {
    async fn read(
        tx: &mut Tx,
        app: &App,
        id: IssueId,
        expected: Option<IssueState>,
    ) -> Result<Option<Self>, ControlError> {
        let issue = require_issue(tx, id).await?;
        let state = issue.state;
        if expected.is_some_and(|expected| expected != state) {
            return Ok(None);
        }
        let revision = tx.newsletter_revision(issue.newsletter_id).await?;
        let newsletter = tx.newsletter(issue.newsletter_id).await?;
        match state {
            IssueState::Sending => return Ok(None),
            // Editions start with their issue, in one transaction, so no other transaction finds one that has not started.
            IssueState::Draft | IssueState::Approved if issue.edition_of.is_some() => {
                return Err(transition_error(tx, id, state, IssueState::Sending).await);
            }
            IssueState::Draft if newsletter.approval == Approval::Required => {
                return Err(ControlError::Unapproved(tx.issue_name(id).await?));
            }
            IssueState::Draft | IssueState::Approved => {}
            // `IssueState::allows` permits `sending` after some of these states, but by `resume` and `settle` only.
            IssueState::Paused | IssueState::Sent | IssueState::Skipped | IssueState::Cancelled => {
                return Err(transition_error(tx, id, state, IssueState::Sending).await);
            }
        }
        let approved = match newsletter.approval {
            Approval::Required => Some(tx.approved_editions(id).await?),
            Approval::Auto => None,
        };
        Ok(Some(Self {
            approved,
            search_words: issue_words(tx, app, id, &issue.subject).await?,
            editions: EditionSnapshot::read(tx, app, &newsletter, &issue).await?,
            issue,
            newsletter,
            revision,
        }))
    }

    /// Compiles the editions, and runs preflight on everything that would be sent.
    async fn compile(self, app: &Arc<App>) -> Result<PreparedIssue, ControlError> {
        let app = Arc::clone(app);
        on_blocking_pool(move || {
            let Self {
                issue,
                newsletter,
                revision,
                search_words,
                editions,
                approved,
            } = self;
            let require_pass = |checked: &Issue| match preflight::check(&app, &newsletter, checked).blocking() {
                Some(reason) => Err(ControlError::Blocked {
                    name: issue_name(&newsletter.slug, checked.number, checked.edition),
                    reason,
                }),
                None => Ok(()),
            };
            require_pass(&issue)?;
            let mut plan = editions.compile_editions(&app, &issue)?;
            let unapproved = approved.map_or(0, |approved| plan.skip_unapproved(&approved, app.clock.now()));
            for edition in plan.editions.iter().filter(|edition| edition.has_stories()) {
                require_pass(&edition.issue)?;
            }
            Ok(PreparedIssue {
                issue,
                newsletter,
                revision,
                search_words,
                plan,
                unapproved,
            })
        })
        .await
    }
}

impl PreparedIssue {
    fn log(&self, recipients: u64) {
        tracing::Span::current().record("recipient.count", recipients);
        let plan = &self.plan;
        let name = issue_name(&self.newsletter.slug, self.issue.number, self.issue.edition);
        tracing::info!(issue.id = %self.issue.id, issue.name = name, edition.count = plan.editions.len(), "issue started");
        if self.unapproved > 0 {
            tracing::warn!(
                issue.id = %self.issue.id,
                issue.name = name,
                edition.count = self.unapproved,
                "editions skipped because nobody approved them; their recipients get the issue, or wait for the next weekly edition"
            );
        }
        if plan.without_edition.groups > 0 {
            tracing::warn!(
                issue.id = %self.issue.id,
                issue.name = name,
                group.count = plan.without_edition.groups,
                recipient.count = plan.without_edition.subscribers,
                "issue has more groups than editions (digest.max_editions); these recipients get the whole issue"
            );
        }
    }
}

/// Freezes the recipients of an issue and its editions, group by group, and changes their state to `sending`. Returns the number of
/// recipients; `None` if the snapshot is outdated, and then the transaction must be rolled back.
///
/// # Errors
/// If the database fails or the issue cannot start; the transaction must be rolled back then, too.
pub async fn freeze(tx: &mut Tx, prepared: &PreparedIssue, now: DateTime<Utc>) -> Result<Option<u64>, ControlError> {
    let PreparedIssue {
        issue,
        newsletter,
        revision,
        search_words,
        plan,
        ..
    } = prepared;
    // A transaction that changes a confirmed subscriber's preferences waits for the lock of the newsletter, or has committed before it.
    // So no subscriber moves from one group to another during the freeze. An edit of the issue, and another process that starts it, wait
    // as well.
    if !tx.lock_and_count_change_at(newsletter.id, *revision).await?
        || !tx.lock_issue_in_state(issue.id, issue.state).await?
    {
        return Ok(None);
    }
    let Some(groups) = groups_with_assignments(tx, newsletter, plan).await? else {
        return Ok(None);
    };
    change_states(tx, issue, plan, now).await?;
    let frozen = freeze_groups(tx, issue, plan, &groups, now).await?;
    tx.finish_freeze(issue.id).await?;
    if let Some(due) = issue.due_at.filter(|_| newsletter.local_time) {
        delay_to_local_time(tx, newsletter, issue, due, now).await?;
    }
    tx.clear_missed_since(issue.id).await?;
    tx.finish_run_of(issue, RunState::Made, None).await?;
    if let Some(words) = search_words {
        tx.put_search_document(SearchSubject::Issue(issue.id), words).await?;
    }
    Ok(Some(frozen))
}

/// Each group of subscribers with what it gets. `None` if the plan lacks a group, because the group did not exist when the plan was made.
async fn groups_with_assignments(
    tx: &mut Tx,
    newsletter: &Newsletter,
    plan: &EditionPlan,
) -> Result<Option<Vec<(SubscriberGroup, Assignment)>>, ControlError> {
    let groups = tx.subscriber_groups(newsletter.id).await?;
    let with_assignment = |group: SubscriberGroup| plan.assignment(&group).map(|assignment| (group, assignment));
    Ok(groups.into_iter().map(with_assignment).collect())
}

/// Changes the issue to `sending`, stores its editions, and changes those that have stories to `sending`.
async fn change_states(tx: &mut Tx, issue: &Issue, plan: &EditionPlan, now: DateTime<Utc>) -> Result<(), ControlError> {
    change_state(tx, issue.id, IssueState::Sending, None, now).await?;
    for edition in &plan.editions {
        edition.store(tx).await?;
        if edition.has_stories() {
            let id = edition.issue.id;
            tx.move_issue(id, IssueState::Draft, IssueState::Sending, None, now)
                .await?;
        }
    }
    if plan.without_edition.groups > 0 {
        tx.set_groups_without_edition(issue.id, plan.without_edition.groups)
            .await?;
    }
    Ok(())
}

/// Freezes the recipients of each group. Returns how many.
async fn freeze_groups(
    tx: &mut Tx,
    issue: &Issue,
    plan: &EditionPlan,
    groups: &[(SubscriberGroup, Assignment)],
    now: DateTime<Utc>,
) -> Result<u64, ControlError> {
    let mut frozen = 0;
    for (group, assignment) in groups {
        let id = match assignment {
            Assignment::Issue => issue.id,
            Assignment::Edition(index) => match plan.editions.get(*index).filter(|edition| edition.has_stories()) {
                Some(edition) => edition.issue.id,
                None => continue,
            },
            Assignment::NoMail => continue,
        };
        frozen += tx.freeze_recipients(id, group, now).await?;
    }
    Ok(frozen)
}

/// Delays deliveries to recipients in other time zones until their clocks show the time of day at which the issue is due. A
/// recipient whose time zone is unknown gets the issue at once, and an issue that an operator compiled on demand has no time of day.
///
/// The wait begins when the issue was due, or now if an operator sends it before. So no delivery waits longer than [`MAX_ZONE_DELAY`],
/// which its expiry allows for.
///
/// [`MAX_ZONE_DELAY`]: super::local_time::MAX_ZONE_DELAY
async fn delay_to_local_time(
    tx: &mut Tx,
    newsletter: &Newsletter,
    issue: &Issue,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let time = due.with_timezone(&newsletter.timezone.0).time();
    for zone in tx.zones_of_recipients(issue.id).await? {
        let at = local_time(due.min(now), time, zone.0);
        if at > now {
            tx.delay_zone(issue.id, zone, at).await?;
        }
    }
    Ok(())
}
