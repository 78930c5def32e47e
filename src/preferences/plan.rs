//! Checks a requested change of preferences, and computes the preferences after it.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use super::request::{Pause, PreferenceChange, PreferenceError};
use crate::app::App;
use crate::digest::rules::language_of;
use crate::digest::topics::{newsletter_topics, newsletter_topics_as_written};
use crate::domain::states::{Cadence, SubscriptionState};
use crate::domain::time_zone::first_instant;
use crate::domain::topics::{self, Topics};
use crate::store::newsletters::Newsletter;
use crate::store::preferences::Preferences;
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx};
use crate::words::Language;

/// The longest pause. Every forwarded mail has the link, and a longer pause would be like unsubscribing the subscriber.
const MAX_PAUSE: Months = Months::new(12);

/// A checked change, and the subscription that it was checked against.
pub(super) struct Plan {
    pub(super) subscription: Subscription,
    pub(super) before: Preferences,
    /// The subscriber's time zone before the change; `None` if it is unknown.
    pub(super) timezone_before: Option<Tz>,
    pub(super) newsletter_timezone: Tz,
    /// The language of the newsletter's fixed texts.
    pub(super) newsletter_language: Language,
    /// The newsletter's address for replies.
    pub(super) reply_to: Option<String>,
    pub(super) topics: Option<Topics>,
    /// The topics of the newsletter as readers see them.
    pub(super) topics_as_written: Vec<String>,
    pub(super) cadence: Option<Cadence>,
    pub(super) timezone: Option<Tz>,
    pub(super) language: Option<Language>,
    pub(super) pause: Option<Pause>,
    /// When a pause that begins with this change ends.
    pub(super) paused_until: Option<DateTime<Utc>>,
}

impl Plan {
    /// The preferences after the change.
    pub(super) fn after(&self) -> Preferences {
        let mut after = self.before.clone();
        if let Some(topics) = &self.topics {
            after.topics.clone_from(topics);
        }
        if let Some(cadence) = self.cadence {
            after.cadence = cadence;
        }
        if self.language.is_some() {
            after.language = self.language;
        }
        if self.pause.is_some() {
            after.pause_reason = None;
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

    /// The end of a running pause. A change of the time zone keeps its day, as when it is stored.
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

    /// The time zone in which the subscriber's days begin.
    pub(super) fn zone(&self) -> Tz {
        self.timezone
            .or(self.timezone_before)
            .unwrap_or(self.newsletter_timezone)
    }
}

/// Checks a change against the stored preferences. Changes nothing.
pub(super) async fn plan(
    app: &App,
    subscription: &Subscription,
    requested: &PreferenceChange,
) -> Result<Plan, PreferenceError> {
    let mut errors: Vec<PreferenceError> = Vec::new();
    let mut tx = app.store.read().await?;
    let newsletter = tx.newsletter(subscription.newsletter_id).await?;
    let mut topics = None;
    if let Some(wanted) = &requested.topics {
        let offered = offered_topics(&mut tx, app, &newsletter, subscription).await?;
        match topics::choose(wanted, &offered) {
            Ok(chosen) => topics = Some(chosen),
            Err(error) => errors.push(error.into()),
        }
    }
    let topics_as_written = newsletter_topics_as_written(&mut tx, app, &newsletter).await?;
    let before = tx.preferences(subscription.id).await?;
    let newsletter_language = language_of(app, &newsletter);
    // A subscription without a language follows its newsletter's, also when that changes.
    let language = requested
        .language
        .filter(|language| *language != before.language.unwrap_or(newsletter_language));
    let mut plan = Plan {
        subscription: subscription.clone(),
        before,
        timezone_before: zone_of(tx.subscriber(subscription.subscriber_id).await?.as_ref()),
        newsletter_timezone: newsletter.timezone.0,
        newsletter_language,
        reply_to: newsletter.reply_to,
        topics,
        topics_as_written,
        cadence: requested.cadence,
        timezone: requested.timezone,
        language,
        pause: requested.pause,
        paused_until: None,
    };
    drop(tx);
    if let Some(Pause::Until(day)) = requested.pause {
        match end_of_pause(day, plan.zone(), app.clock.now()) {
            Ok(until) => plan.paused_until = Some(until),
            Err(error) => errors.push(error),
        }
    }
    match <[PreferenceError; 1]>::try_from(errors) {
        Ok([only]) => Err(only),
        Err(errors) if errors.is_empty() => Ok(plan),
        Err(errors) => Err(PreferenceError::Several(errors)),
    }
}

/// Checks a change without making it.
///
/// # Errors
/// [`PreferenceError`], which names all that is wrong.
pub(crate) async fn check(
    app: &App,
    subscription: &Subscription,
    requested: &PreferenceChange,
) -> Result<(), PreferenceError> {
    plan(app, subscription, requested).await.map(|_| ())
}

/// The first instant of the day on which a pause ends.
fn end_of_pause(day: NaiveDate, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>, PreferenceError> {
    let until = begins(day, zone).ok_or(PreferenceError::NoDay(day))?;
    if until <= now {
        return Err(PreferenceError::Begun(day));
    }
    let latest = now.with_timezone(&zone).date_naive().checked_add_months(MAX_PAUSE);
    match latest.filter(|latest| day > *latest) {
        Some(latest) => Err(PreferenceError::TooLong { latest }),
        None => Ok(until),
    }
}

/// The topics that a subscriber can choose from: those that the newsletter offers, and those chosen before.
///
/// # Errors
/// If the database fails.
pub async fn offered_topics(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    subscription: &Subscription,
) -> Result<Vec<String>, StoreError> {
    let mut offered = newsletter_topics(tx, app, newsletter).await?;
    let chosen = tx.preferences(subscription.id).await?.topics;
    offered.extend(chosen.to_vec());
    Ok(topics::normal_list(&offered))
}

/// A subscriber's time zone, if it is known.
#[must_use]
pub fn zone_of(subscriber: Option<&Subscriber>) -> Option<Tz> {
    Some(subscriber?.timezone?.0)
}

/// The first instant of a day in a time zone; `None` if the zone skips the day, or if its year is after 9998, because the instant has
/// to be storable in both databases.
pub(super) fn begins(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
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
