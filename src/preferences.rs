//! What a reader wants of a newsletter: topics, cadence, time zone, pause; set by the reader or by an operator.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::App;
use crate::domain::ids::SubscriberId;
use crate::domain::states::{Cadence, SubscriptionState};
use crate::store::editions::{Preferences, Wanted};
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx, again_if_met};

/// What to change; what is none stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Topics as [`crate::signup::topics`] writes them; empty for all.
    pub topics: Option<String>,
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

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PreferenceError {
    /// The day of the pause is over, or is today.
    #[error("{0} has begun already; choose a later day")]
    Begun(NaiveDate),
    /// There is no such day there, or databases know none so late.
    #[error("a pause cannot end on {0}; choose another day")]
    NoDay(NaiveDate),
    /// Only who is confirmed gets anything to pause.
    #[error("the subscription is {0}; only a confirmed one can be paused")]
    NotConfirmed(SubscriptionState),
    /// There is no pause to end.
    #[error("the subscription is {0}, not paused")]
    NotPaused(SubscriptionState),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Does what is wished, and returns what the reader wants now.
///
/// # Errors
/// [`PreferenceError`]; nothing is changed then.
pub async fn save(app: &App, there: &Subscription, wish: &Wish) -> Result<Wanted, PreferenceError> {
    // It may meet an issue that begins, or a sender.
    let met = |error: &PreferenceError| matches!(error, PreferenceError::Store(error) if error.met_another());
    again_if_met(met, || save_once(app, there, wish)).await
}

async fn save_once(app: &App, there: &Subscription, wish: &Wish) -> Result<Wanted, PreferenceError> {
    let mut tx = app.store.write().await?;
    // An issue that is just being sent is sent by what was wanted before, or by what is wanted now.
    tx.lock_newsletter_unchanged(there.newsletter_id).await?;
    let wanted = Preferences {
        topics: wish.topics.clone(),
        cadence: wish.cadence,
    };
    tx.set_preferences(there.id, &wanted).await?;
    if let Some(zone) = wish.timezone {
        move_pauses(&mut tx, there.subscriber_id, zone).await?;
        tx.set_timezone(there.subscriber_id, zone.name()).await?;
    }
    match wish.pause {
        Some(Pause::Until(day)) => pause(&mut tx, app, there, day).await?,
        Some(Pause::End) if !tx.end_pause(there.id).await? => return Err(PreferenceError::NotPaused(there.state)),
        Some(Pause::End) | None => {}
    }
    let wants = tx.preferences(there.id).await?;
    tx.commit().await?;
    Ok(wants)
}

async fn pause(tx: &mut Tx, app: &App, there: &Subscription, day: NaiveDate) -> Result<(), PreferenceError> {
    let now = app.clock.now();
    let newsletter = tx.newsletter(there.newsletter_id).await?;
    let reader = tx.subscriber(there.subscriber_id).await?;
    let zone = zone_of(reader.as_ref()).or_else(|| newsletter.timezone.parse().ok());
    let until = begins(day, zone.unwrap_or(Tz::UTC)).ok_or(PreferenceError::NoDay(day))?;
    if until <= now {
        return Err(PreferenceError::Begun(day));
    }
    if !tx.pause_subscription(there.id, until, now).await? {
        return Err(PreferenceError::NotConfirmed(there.state));
    }
    Ok(())
}

/// Keeps the days on which a reader's pauses end while the reader's time zone changes: a pause until 1 January ends when that
/// day begins in the new zone.
async fn move_pauses(tx: &mut Tx, reader: SubscriberId, zone: Tz) -> Result<(), PreferenceError> {
    let before = zone_of(tx.subscriber(reader).await?.as_ref());
    for (subscription, until, newsletter_zone) in tx.pauses_of(reader).await? {
        let counted_in = before.or_else(|| newsletter_zone.parse().ok()).unwrap_or(Tz::UTC);
        let day = until.with_timezone(&counted_in).date_naive();
        let until = begins(day, zone).ok_or(PreferenceError::NoDay(day))?;
        tx.move_pause(subscription, until).await?;
    }
    Ok(())
}

/// A reader's time zone, if it is known.
#[must_use]
pub fn zone_of(reader: Option<&Subscriber>) -> Option<Tz> {
    reader?.timezone.as_deref()?.parse().ok()
}

/// The first moment of a day.
fn begins(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = day.and_hms_opt(0, 0, 0).filter(|_| day.year() < 9999)?;
    let mut minutes = (0..=180).filter_map(|minutes| midnight.checked_add_signed(TimeDelta::minutes(minutes)));
    minutes
        .find_map(|local| local.and_local_timezone(zone).earliest())
        .map(|at| at.with_timezone(&Utc))
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
