//! Stores a planned change of preferences with the mail about it.

use std::sync::Arc;

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::change_mail::ChangeMail;
use super::plan::{Plan, begins, plan, zone_of};
use super::request::{ChangedBy, Pause, PreferenceChange, PreferenceError};
use crate::app::App;
use crate::audit;
use crate::domain::audit::AuditAction;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::SubscriberId;
use crate::domain::seen::Seen;
use crate::domain::states::ConsentEvent;
use crate::domain::time_zone::TimeZone;
use crate::signup::ReaderWrites;
use crate::signup::mailbox_limits::MailboxLimit;
use crate::store::consent_records::ConsentRecord;
use crate::store::preferences::{Preferences, PreferencesUpdate};
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx};
use crate::write_queue::{self, Locks, Step, run_alone};

/// A change is tried this often if the subscription changes at the same time.
const MAX_ATTEMPTS: usize = 5;

/// Changes the preferences in a transaction of its own, and returns the new ones.
///
/// # Errors
/// [`PreferenceError`]; then nothing is changed.
pub async fn save(
    app: &App,
    subscription: &Subscription,
    requested: &PreferenceChange,
    by: ChangedBy,
) -> Result<Preferences, PreferenceError> {
    plan_and_make(app, None, subscription, requested, by).await
}

/// Changes the preferences together with other requests of readers ([`save`]).
///
/// # Errors
/// [`PreferenceError`]; then nothing is changed.
pub(crate) async fn save_with_others(
    writes: &Arc<ReaderWrites>,
    subscription: &Subscription,
    requested: &PreferenceChange,
    by: ChangedBy,
) -> Result<Preferences, PreferenceError> {
    plan_and_make(writes.app(), Some(writes), subscription, requested, by).await
}

/// Plans a change and makes it. If the subscription changes in between, it is planned again. The subscriber gets a mail about a change
/// by link, because mails are forwarded with the link in them.
async fn plan_and_make(
    app: &App,
    writes: Option<&Arc<ReaderWrites>>,
    subscription: &Subscription,
    requested: &PreferenceChange,
    by: ChangedBy,
) -> Result<Preferences, PreferenceError> {
    for attempt in 1.. {
        let plan = plan(app, subscription, requested).await?;
        // The mail is rendered before the transaction, for the expected result of the change.
        let mail = match by {
            ChangedBy::DigestLink | ChangedBy::MailedLink => ChangeMail::about(app, &plan)?,
            ChangedBy::Operator(_) => None,
        };
        let change = Change {
            subscription: subscription.clone(),
            seen: requested.seen.clone(),
            plan,
            by: by.clone(),
            mail,
            is_last: attempt == MAX_ATTEMPTS,
        };
        let made = match writes {
            Some(writes) => writes.run(change).await?,
            None => run_alone(app, &change).await?,
        };
        if let Some(preferences) = made? {
            app.transactional_wakeup.notify_one();
            return Ok(preferences);
        }
    }
    unreachable!("the last attempt makes the change in any case")
}

/// The new preferences. `None` if the result differs from the plan, because the subscription has changed since.
type StepOutcome = Result<Option<Preferences>, PreferenceError>;

/// A planned change of preferences.
struct Change {
    subscription: Subscription,
    seen: Seen<Preferences>,
    plan: Plan,
    by: ChangedBy,
    mail: Option<ChangeMail>,
    /// In the last attempt the change is made even if the result differs from the plan, without the mail.
    is_last: bool,
}

impl Step for Change {
    type Output = StepOutcome;

    fn locks(&self) -> Locks {
        Locks {
            newsletters: vec![self.subscription.newsletter_id],
            mailboxes: Vec::new(),
        }
    }

    async fn run(&self, app: &App, tx: &mut Tx) -> Result<write_queue::StepOutcome<StepOutcome>, StoreError> {
        match self.make(app, tx).await {
            Ok(Some(preferences)) => Ok(write_queue::StepOutcome::Commit(Ok(Some(preferences)))),
            Err(PreferenceError::Store(error)) => Err(error),
            unmade => Ok(write_queue::StepOutcome::RollBack(unmade)),
        }
    }
}

impl Change {
    async fn make(&self, app: &App, tx: &mut Tx) -> StepOutcome {
        let (subscription, plan) = (&self.subscription, &self.plan);
        let now = app.clock.now();
        // While an issue starts, its recipients are grouped by preferences under this lock. So it uses the preferences before the change
        // for all groups, or those after it.
        tx.lock_and_count_change(subscription.newsletter_id).await?;
        if !self.seen.is(&tx.preferences(subscription.id).await?) {
            return Err(PreferenceError::Outdated);
        }
        let update = PreferencesUpdate {
            topics: plan.topics.clone(),
            cadence: plan.cadence,
            language: plan.language,
        };
        tx.set_preferences(subscription.id, &update).await?;
        if let Some(zone) = plan.timezone {
            move_pauses(tx, subscription.subscriber_id, zone).await?;
            tx.set_timezone(subscription.subscriber_id, TimeZone(zone)).await?;
        }
        if let Some(until) = plan.paused_until
            && !tx.pause_subscription(subscription.id, until, now).await?
        {
            return Err(PreferenceError::NotConfirmed(subscription.state));
        }
        if plan.pause == Some(Pause::End) && !tx.end_pause(subscription.id, now).await? {
            return Err(PreferenceError::NotPaused(subscription.state));
        }
        if plan.pause.is_some() && plan.before.pause_reason.is_some() {
            record_end_of_pause(tx, app, subscription, &self.by).await?;
        }
        let preferences = tx.preferences(subscription.id).await?;
        let is_as_planned = preferences == plan.after();
        if !is_as_planned && !self.is_last {
            return Ok(None);
        }
        self.inform(app, tx, is_as_planned).await?;
        if let ChangedBy::Operator(operator) = &self.by {
            let object = subscription.subscriber_id.to_string();
            let change = audit::Change::of(AuditAction::ReaderPreferencesChanged, &object)
                .from(recorded(subscription, &plan.before))
                .to(recorded(subscription, &preferences));
            audit::record(tx, app, operator, change).await?;
        }
        Ok(Some(preferences))
    }

    /// Queues the mail about the change. With a forwarded digest, a pause of which the subscriber would not be informed is refused: issues
    /// would stop, and the subscriber would not know why.
    async fn inform(&self, app: &App, tx: &mut Tx, is_as_planned: bool) -> Result<(), PreferenceError> {
        let limit = match self.by {
            ChangedBy::DigestLink => MailboxLimit::ChangesByDigest,
            ChangedBy::MailedLink => MailboxLimit::PreferenceChanges,
            ChangedBy::Operator(_) => return Ok(()),
        };
        let is_informed = match &self.mail {
            Some(mail) if is_as_planned => mail.queue(tx, app, &self.subscription, limit).await?,
            Some(_) => false,
            // Nothing changes.
            None => is_as_planned,
        };
        if is_informed {
            return Ok(());
        }
        if self.by == ChangedBy::DigestLink && self.plan.pause.is_some() {
            return Err(PreferenceError::TooMany);
        }
        tracing::info!(subscription.id = %self.subscription.id, "preferences mail not sent: daily cap of the mailbox reached");
        Ok(())
    }
}

/// The preferences as the audit log has them.
fn recorded(subscription: &Subscription, preferences: &Preferences) -> Value {
    json!({
        "newsletter": subscription.newsletter_slug,
        "state": preferences.state,
        "topics": preferences.topics.to_vec(),
        "cadence": preferences.cadence,
        "language": preferences.language,
        "paused_until": preferences.paused_until,
    })
}

/// Adds to the record of consent that the subscriber or an operator ended a pause after soft bounces.
async fn record_end_of_pause(
    tx: &mut Tx,
    app: &App,
    subscription: &Subscription,
    by: &ChangedBy,
) -> Result<(), PreferenceError> {
    let now = app.clock.now();
    let record = ConsentRecord {
        event: ConsentEvent::Resumed,
        at: now,
        network_address: None,
        source: match by {
            ChangedBy::DigestLink | ChangedBy::MailedLink => ConsentSource::Page,
            ChangedBy::Operator(_) => ConsentSource::Operator,
        },
        words: None,
        mail_text: None,
    };
    let newsletter = subscription.newsletter_id;
    Ok(tx
        .add_consent(app.rng.uuid(now), subscription.id, newsletter, &record)
        .await?)
}

/// Keeps the days on which a subscriber's pauses end when the time zone changes: a pause until 1 January ends when that day
/// begins in the new zone.
async fn move_pauses(tx: &mut Tx, subscriber: SubscriberId, zone: Tz) -> Result<(), PreferenceError> {
    let before = zone_of(tx.subscriber(subscriber).await?.as_ref());
    for (subscription, until, newsletter_zone) in tx.pauses_of(subscriber).await? {
        let counted_in = before.unwrap_or(newsletter_zone.0);
        let day = until.with_timezone(&counted_in).date_naive();
        let until = begins(day, zone).ok_or(PreferenceError::NoDay(day))?;
        tx.move_pause(subscription, until).await?;
    }
    Ok(())
}
