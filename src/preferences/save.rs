//! Stores a planned change of preferences with the mail about it.

use chrono_tz::Tz;

use super::change_mail::ChangeMail;
use super::plan::{Plan, begins, plan, zone_of};
use super::request::{ChangedBy, Pause, PreferenceChange, PreferenceError};
use crate::app::App;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::SubscriberId;
use crate::domain::states::ConsentEvent;
use crate::domain::time_zone::TimeZone;
use crate::store::consent_records::ConsentRecord;
use crate::store::preferences::{Preferences, PreferencesUpdate};
use crate::store::subscriptions::Subscription;
use crate::store::{Tx, retry_on_conflict};

/// A change is tried this often if the subscription changes at the same time.
const MAX_ATTEMPTS: usize = 5;

/// Changes the preferences, and returns the new ones. The subscriber gets a mail about a change by link, because mails are forwarded
/// with the link in them.
///
/// # Errors
/// [`PreferenceError`]; then nothing is changed.
pub async fn save(
    app: &App,
    subscription: &Subscription,
    requested: &PreferenceChange,
    by: ChangedBy,
) -> Result<Preferences, PreferenceError> {
    // The transaction may conflict with the start of an issue or with a sender.
    let is_conflict = |error: &PreferenceError| matches!(error, PreferenceError::Store(error) if error.is_conflict());
    for attempt in 1.. {
        let plan = plan(app, subscription, requested).await?;
        // The mail is rendered before the transaction, for the expected result of the change.
        let mail = match by {
            ChangedBy::Link => ChangeMail::about(app, &plan)?,
            ChangedBy::Operator => None,
        };
        let change = || change(app, subscription, &plan, by, mail.as_ref(), attempt == MAX_ATTEMPTS);
        if let Some(preferences) = retry_on_conflict(is_conflict, change).await? {
            return Ok(preferences);
        }
    }
    unreachable!("the last attempt makes the change in any case")
}

/// Makes the change in one transaction. Returns `None` if the result differs from the plan, because the subscription has changed
/// since. In the last attempt the change is made anyway, without the mail.
async fn change(
    app: &App,
    subscription: &Subscription,
    plan: &Plan,
    by: ChangedBy,
    mail: Option<&ChangeMail>,
    is_last: bool,
) -> Result<Option<Preferences>, PreferenceError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    // While an issue starts, its recipients are grouped by preferences under this lock. So it uses the preferences before the change
    // for all groups, or those after it.
    tx.lock_and_count_change(subscription.newsletter_id).await?;
    let update = PreferencesUpdate {
        topics: plan.topics.clone(),
        cadence: plan.cadence,
    };
    tx.set_preferences(subscription.id, &update).await?;
    if let Some(zone) = plan.timezone {
        move_pauses(&mut tx, subscription.subscriber_id, zone).await?;
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
        record_end_of_pause(&mut tx, app, subscription, by).await?;
    }
    let preferences = tx.preferences(subscription.id).await?;
    let is_as_planned = preferences == plan.after();
    if !is_as_planned && !is_last {
        return Ok(None);
    }
    if let Some(mail) = mail.filter(|_| is_as_planned) {
        mail.queue(&mut tx, app, subscription, now).await?;
    }
    tx.commit().await?;
    app.transactional_wakeup.notify_one();
    Ok(Some(preferences))
}

/// Adds to the record of consent that the subscriber or an operator ended a pause after soft bounces.
async fn record_end_of_pause(
    tx: &mut Tx,
    app: &App,
    subscription: &Subscription,
    by: ChangedBy,
) -> Result<(), PreferenceError> {
    let now = app.clock.now();
    let record = ConsentRecord {
        event: ConsentEvent::Resumed,
        at: now,
        network_address: None,
        source: match by {
            ChangedBy::Link => ConsentSource::Page,
            ChangedBy::Operator => ConsentSource::Operator,
        },
        words: None,
        mail_text: None,
    };
    Ok(tx.add_consent(app.rng.uuid(now), subscription.id, &record).await?)
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
