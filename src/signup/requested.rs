//! The newsletters that a request names, with the subscriptions to them, and the mail that they require.

use chrono::{DateTime, TimeDelta, Utc};

use super::confirmation_mail::ConfirmationCause;
use super::mail_cache::{MailContent, RequiredMail};
use super::state::KnownSubscription;
use super::suppressed::Mailing;
use crate::app::App;
use crate::digest::rules::language_of;
use crate::domain::states::SubscriptionState;
use crate::domain::topics::Topics;
use crate::store::newsletters::Newsletter;
use crate::store::subscriptions::{CLOCK_TOLERANCE, needs_confirmation};
use crate::words::Language;

/// A newsletter that a request names, and the subscription to it.
pub(super) struct Requested<'a> {
    pub(super) newsletter: &'a Newsletter,
    pub(super) topics: Topics,
    /// The subscription, if there is one.
    pub(super) known: Option<KnownSubscription>,
}

impl Requested<'_> {
    fn needs_confirmation(&self) -> bool {
        let known = self.known.as_ref();
        known.is_none_or(|known| needs_confirmation(known.state, known.is_paused_after_bounces))
    }

    /// Whether a mail with a valid link for it was queued.
    pub(super) fn has_link(&self, now: DateTime<Utc>, token_ttl: TimeDelta) -> bool {
        let mailed_at = self.known.as_ref().and_then(|known| known.mailed_at);
        mailed_at.is_some_and(|mailed| mailed > now - token_ttl && mailed <= now + CLOCK_TOLERANCE)
    }

    /// Whether another confirmation mail may be queued for it. A time in the future was written by a clock that was ahead.
    pub(super) fn is_due(&self, now: DateTime<Utc>, resend_after: TimeDelta) -> bool {
        let mailed_at = self.known.as_ref().and_then(|known| known.mailed_at);
        mailed_at.is_none_or(|mailed| mailed <= now - resend_after || mailed > now + CLOCK_TOLERANCE)
    }
}

/// Where replies to the mail go: to the address of the first newsletter that has one.
pub(super) fn reply_to(requested: &[Requested<'_>]) -> Option<String> {
    let mut newsletters = requested.iter();
    newsletters.find_map(|requested| requested.newsletter.reply_to.clone())
}

/// Whether the confirmation concerns a subscription. If the address is suppressed, it also concerns a confirmed one: only the
/// confirmation lifts the suppression.
pub(super) fn is_concerned(requested: &Requested<'_>, mailing: Mailing) -> bool {
    requested.needs_confirmation() || mailing == Mailing::ConfirmationOnly
}

/// The mail that the subscriptions require. A reminder is in the language of the subscription, because anybody can sign up a
/// subscriber's address, in any language.
pub(super) fn required_mail(
    app: &App,
    requested: &[Requested<'_>],
    mailing: Mailing,
    asked: Option<Language>,
) -> RequiredMail {
    let usual = || {
        let first = requested.first();
        first.map_or(app.config.site.language, |first| language_of(app, first.newsletter))
    };
    let unconfirmed = requested.iter().filter(|requested| is_concerned(requested, mailing));
    let unconfirmed: Vec<String> = unconfirmed.map(|requested| requested.newsletter.name.clone()).collect();
    if !unconfirmed.is_empty() {
        return RequiredMail {
            content: MailContent::Confirm(ConfirmationCause::SignUp, unconfirmed),
            language: asked.unwrap_or_else(usual),
        };
    }
    let subscribed = requested.iter().map(|requested| {
        let state = requested.known.as_ref().map(|known| known.state);
        let is_paused = state == Some(SubscriptionState::Paused);
        (requested.newsletter.name.clone(), is_paused)
    });
    let own = requested.iter().find_map(|requested| requested.known.as_ref());
    RequiredMail {
        content: MailContent::AlreadySubscribed(subscribed.collect()),
        language: own.and_then(|known| known.language).unwrap_or_else(usual),
    }
}
