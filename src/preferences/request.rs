//! A requested change of preferences, and the reasons to refuse it.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::domain::audit::Actor;
use crate::domain::seen::Seen;
use crate::domain::states::{Cadence, SubscriptionState};
use crate::domain::topics::TopicError;
use crate::store::StoreError;
use crate::store::preferences::Preferences;
use crate::words::Language;

/// A requested change; `None` leaves a field unchanged.
#[derive(Clone, Debug, Default)]
pub struct PreferenceChange {
    /// Topics that the newsletter offers or that the subscriber chose before; empty for all.
    pub topics: Option<Vec<String>>,
    /// How often an issue is sent.
    pub cadence: Option<Cadence>,
    /// The subscriber's time zone, for all newsletters.
    pub timezone: Option<Tz>,
    /// The language of the fixed texts in mails.
    pub language: Option<Language>,
    /// The start or the end of a pause, in which nothing is sent.
    pub pause: Option<Pause>,
    /// The preferences that an operator saw.
    pub seen: Seen<Preferences>,
}

/// The start or the end of a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Nothing is sent until this day begins in the subscriber's time zone, or in the newsletter's if the subscriber's is unknown.
    Until(NaiveDate),
    /// A running pause ends now.
    End,
}

/// The person who changes the preferences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedBy {
    /// A person with the link of a digest, which may have been forwarded. The subscriber gets a mail about the change.
    DigestLink,
    /// A person with the link to all subscriptions, which was mailed for the purpose. The subscriber gets a mail, too.
    MailedLink,
    /// An operator. No mail is sent, and the audit log names the operator.
    Operator(Actor),
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PreferenceError {
    /// The preferences are not those that the operator saw.
    #[error("the preferences were changed meanwhile, and nothing was done; look at them again")]
    Outdated,
    /// Two or more of the other reasons, each about another field.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<Self>),
    /// The day on which the pause would end is today or in the past.
    #[error("{0} has begun already; choose a later day")]
    Begun(NaiveDate),
    /// The time zone skips this day, or the year is after 9998.
    #[error("a pause cannot end on {0}; choose another day")]
    NoDay(NaiveDate),
    /// The pause is longer than a year.
    #[error("a pause lasts at most a year; choose a day up to {latest}")]
    TooLong {
        /// The last day that can be chosen.
        latest: NaiveDate,
    },
    /// A subscription that is not confirmed cannot be paused.
    #[error("the subscription is {0}; only a confirmed one can be paused")]
    NotConfirmed(SubscriptionState),
    /// A subscription that is not paused has no pause to end.
    #[error("the subscription is {0}, not paused")]
    NotPaused(SubscriptionState),
    /// The mailbox has got its mails of this day, so the subscriber would not be informed of the pause.
    #[error(
        "the subscriber would not be informed of the pause, because the mailbox got too many mails today; try again tomorrow"
    )]
    TooMany,
    /// The newsletter does not offer a requested topic.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// The mail about the change could not be rendered, which only a broken build can cause.
    #[error("the mail about the change could not be written: {0}")]
    Template(#[from] askama::Error),
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
