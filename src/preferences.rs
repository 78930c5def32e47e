//! What a reader wants of a newsletter: topics, cadence, time zone, pause; set by the reader or by an operator.

mod note;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::app::App;
use crate::digest::topics::offered;
use crate::domain::ids::SubscriberId;
use crate::domain::states::{Cadence, SubscriptionState};
use crate::domain::time_zone::{TimeZone, first_instant};
use crate::domain::topics::{self, TopicError, Topics};
use crate::store::newsletters::Newsletter;
use crate::store::preferences::{Preferences, PreferencesUpdate};
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx, retry_on_conflict};
use note::Note;

/// The longest pause. Every forwarded mail has the link, and a longer pause set with it would be like unsubscribing the reader.
const MAX_PAUSE: Months = Months::new(12);
/// How often a change is tried if the subscription changes concurrently.
const MAX_ATTEMPTS: usize = 5;

/// The requested change; `None` leaves a field unchanged.
#[derive(Clone, Debug, Default)]
pub struct PreferenceChange {
    /// Topics that the newsletter offers or that the reader chose before; empty for all.
    pub topics: Option<Vec<String>>,
    /// How often.
    pub cadence: Option<Cadence>,
    /// The reader's time zone; it holds for all newsletters.
    pub timezone: Option<Tz>,
    /// Whether anything is sent at all for a while.
    pub pause: Option<Pause>,
}

/// Whether anything is sent for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Nothing until this day begins, on the reader's clock if it is known, else on the newsletter's.
    Until(NaiveDate),
    /// A pause ends now.
    End,
}

/// Who changes a reader's preferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedBy {
    /// A person with the link from one of the reader's mails. The reader is mailed what changed.
    Link,
    /// An operator.
    Operator,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PreferenceError {
    /// The day of the pause is over, or is today.
    #[error("{0} has begun already; choose a later day")]
    Begun(NaiveDate),
    /// There is no such day there, or databases know none so late.
    #[error("a pause cannot end on {0}; choose another day")]
    NoDay(NaiveDate),
    /// The pause is longer than a year.
    #[error("a pause lasts at most a year; choose a day up to {latest}")]
    TooLong {
        /// The last day that can be chosen.
        latest: NaiveDate,
    },
    /// Only who is confirmed gets anything to pause.
    #[error("the subscription is {0}; only a confirmed one can be paused")]
    NotConfirmed(SubscriptionState),
    /// There is no pause to end.
    #[error("the subscription is {0}, not paused")]
    NotPaused(SubscriptionState),
    /// The newsletter has no such topic.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// The mail to the reader could not be written, which only a broken build can cause.
    #[error("the mail about the change could not be written: {0}")]
    Template(#[from] askama::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The topics that a subscriber can choose from: those that the newsletter offers, and those chosen before.
///
/// # Errors
/// When the database fails.
pub async fn offered_topics(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    subscription: &Subscription,
) -> Result<Vec<String>, StoreError> {
    let mut offered = offered(tx, app, newsletter).await?;
    let chosen = tx.preferences(subscription.id).await?.topics;
    offered.extend(chosen.to_vec());
    Ok(topics::normal_list(&offered))
}

/// Makes a change, and returns the reader's new preferences. The reader is mailed about a change by link: every mail has the link,
/// and mails are forwarded.
///
/// # Errors
/// [`PreferenceError`]; nothing is changed then.
pub async fn save(
    app: &App,
    subscription: &Subscription,
    requested: &PreferenceChange,
    by: ChangedBy,
) -> Result<Preferences, PreferenceError> {
    // The transaction may conflict with a beginning issue or with a sender.
    let is_conflict = |error: &PreferenceError| matches!(error, PreferenceError::Store(error) if error.is_conflict());
    for attempt in 1.. {
        let plan = plan(app, subscription, requested).await?;
        // The mail is rendered before the transaction, for the expected result of the change.
        let note = match by {
            ChangedBy::Link => Note::about(app, &plan)?,
            ChangedBy::Operator => None,
        };
        let change = || change(app, subscription, &plan, note.as_ref(), attempt == MAX_ATTEMPTS);
        if let Some(wants) = retry_on_conflict(is_conflict, change).await? {
            return Ok(wants);
        }
    }
    unreachable!("the last attempt takes what it finds")
}

/// A checked change, and the subscription that it was checked against.
struct Plan {
    subscription: Subscription,
    before: Preferences,
    timezone_before: Option<Tz>,
    newsletter_timezone: Tz,
    topics: Option<Topics>,
    cadence: Option<Cadence>,
    timezone: Option<Tz>,
    pause: Option<Pause>,
    paused_until: Option<DateTime<Utc>>,
}

impl Plan {
    /// The reader's preferences after the change.
    fn after(&self) -> Preferences {
        let mut after = self.before.clone();
        if let Some(topics) = &self.topics {
            after.topics.clone_from(topics);
        }
        if let Some(cadence) = self.cadence {
            after.cadence = cadence;
        }
        match self.pause {
            Some(Pause::Until(_)) => {
                after.state = SubscriptionState::Paused;
                after.paused_until = self.paused_until;
            }
            Some(Pause::End) => {
                after.state = SubscriptionState::Confirmed;
                after.paused_until = None;
            }
            None => after.paused_until = self.moved_pause(),
        }
        after
    }

    /// The end of a running pause. A change of the time zone keeps its day ([`move_pauses`]).
    fn moved_pause(&self) -> Option<DateTime<Utc>> {
        let until = self.before.paused_until?;
        match self.timezone {
            Some(zone) if self.before.state == SubscriptionState::Paused => {
                let counted_in = self.timezone_before.unwrap_or(self.newsletter_timezone);
                begins(until.with_timezone(&counted_in).date_naive(), zone)
            }
            _ => Some(until),
        }
    }

    /// The time zone in which the reader's days begin.
    fn zone(&self) -> Tz {
        self.timezone
            .or(self.timezone_before)
            .unwrap_or(self.newsletter_timezone)
    }
}

async fn plan(app: &App, subscription: &Subscription, requested: &PreferenceChange) -> Result<Plan, PreferenceError> {
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let newsletter = tx.newsletter(subscription.newsletter_id).await?;
    let topics = match &requested.topics {
        Some(wanted) => {
            let offered = offered_topics(&mut tx, app, &newsletter, subscription).await?;
            Some(topics::choose(wanted, &offered)?)
        }
        None => None,
    };
    let mut plan = Plan {
        subscription: subscription.clone(),
        before: tx.preferences(subscription.id).await?,
        timezone_before: zone_of(tx.subscriber(subscription.subscriber_id).await?.as_ref()),
        newsletter_timezone: newsletter.timezone.0,
        topics,
        cadence: requested.cadence,
        timezone: requested.timezone,
        pause: requested.pause,
        paused_until: None,
    };
    drop(tx);
    if let Some(Pause::Until(day)) = requested.pause {
        let zone = plan.zone();
        let until = begins(day, zone).ok_or(PreferenceError::NoDay(day))?;
        if until <= now {
            return Err(PreferenceError::Begun(day));
        }
        let latest = now.with_timezone(&zone).date_naive().checked_add_months(MAX_PAUSE);
        if let Some(latest) = latest.filter(|latest| day > *latest) {
            return Err(PreferenceError::TooLong { latest });
        }
        plan.paused_until = Some(until);
    }
    Ok(plan)
}

/// Makes the change in one transaction. Returns `None` if the subscription has changed since it was planned; in the last attempt
/// the change is made anyway, without the mail.
async fn change(
    app: &App,
    subscription: &Subscription,
    plan: &Plan,
    note: Option<&Note>,
    is_last: bool,
) -> Result<Option<Preferences>, PreferenceError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    // An issue that is just being sent is sent by what was wanted before, or by what is wanted now.
    tx.lock_newsletter(subscription.newsletter_id).await?;
    let wanted = PreferencesUpdate {
        topics: plan.topics.clone(),
        cadence: plan.cadence,
    };
    tx.set_preferences(subscription.id, &wanted).await?;
    if let Some(zone) = plan.timezone {
        move_pauses(&mut tx, subscription.subscriber_id, zone).await?;
        tx.set_timezone(subscription.subscriber_id, TimeZone(zone)).await?;
    }
    if let Some(until) = plan.paused_until
        && !tx.pause_subscription(subscription.id, until, now).await?
    {
        return Err(PreferenceError::NotConfirmed(subscription.state));
    }
    if plan.pause == Some(Pause::End) && !tx.end_pause(subscription.id).await? {
        return Err(PreferenceError::NotPaused(subscription.state));
    }
    let wants = tx.preferences(subscription.id).await?;
    let is_as_planned = wants == plan.after();
    if !is_as_planned && !is_last {
        return Ok(None);
    }
    if let Some(note) = note.filter(|_| is_as_planned) {
        note.queue(&mut tx, app, subscription, now).await?;
    }
    tx.commit().await?;
    app.transactional_wakeup.notify_one();
    Ok(Some(wants))
}

/// Keeps the days on which a reader's pauses end when the reader's time zone changes: a pause until 1 January ends when that day
/// begins in the new zone.
async fn move_pauses(tx: &mut Tx, reader: SubscriberId, zone: Tz) -> Result<(), PreferenceError> {
    let before = zone_of(tx.subscriber(reader).await?.as_ref());
    for (subscription, until, newsletter_zone) in tx.pauses_of(reader).await? {
        let counted_in = before.unwrap_or(newsletter_zone.0);
        let day = until.with_timezone(&counted_in).date_naive();
        let until = begins(day, zone).ok_or(PreferenceError::NoDay(day))?;
        tx.move_pause(subscription, until).await?;
    }
    Ok(())
}

/// A reader's time zone, if it is known.
#[must_use]
pub fn zone_of(reader: Option<&Subscriber>) -> Option<Tz> {
    Some(reader?.timezone?.0)
}

/// The first moment of a day.
fn begins(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = day.and_hms_opt(0, 0, 0).filter(|_| day.year() < 9999)?;
    // A zone that crosses the date line skips a whole day.
    first_instant(midnight, zone).filter(|at| at.with_timezone(&zone).date_naive() == day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_midnight_begins_later() {
        let begins = |day: &str, zone: Tz| {
            let begins = super::begins(day.parse().expect("a day"), zone);
            begins.map(|at| at.to_rfc3339())
        };
        for (day, zone, expected) in [
            ("2027-04-30", chrono_tz::Africa::Cairo, "2027-04-29T22:00:00+00:00"),
            ("2027-03-28", chrono_tz::Asia::Beirut, "2027-03-27T22:00:00+00:00"),
            ("2024-10-06", chrono_tz::America::Asuncion, "2024-10-06T04:00:00+00:00"),
            // Midnight comes twice.
            ("2026-11-01", chrono_tz::America::Havana, "2026-11-01T04:00:00+00:00"),
            // On the other side of the date line from that day on.
            ("2011-12-31", chrono_tz::Pacific::Apia, "2011-12-30T10:00:00+00:00"),
        ] {
            assert_eq!(begins(day, zone).as_deref(), Some(expected), "{zone}");
        }
        assert_eq!(begins("2011-12-30", chrono_tz::Pacific::Apia), None, "there was none");
    }
}
