//! The mail to a subscriber about a change of preferences by link. It names the new preferences, and its link changes them back.

use chrono::TimeDelta;

use super::plan::Plan;
use crate::app::App;
use crate::digest::topics::topic_name;
use crate::domain::states::{Cadence, MailKind, SubscriptionState};
use crate::signup::mailbox_limits::MailboxLimit;
use crate::signup::subscription_mail::{self, MailCause, SubscriptionLine, SubscriptionMailView};
use crate::signup::subscription_mail_queue::{RenderedMail, SubscriptionMail};
use crate::store::subscriptions::Subscription;
use crate::store::transactional_mails::MailLinks;
use crate::store::{StoreError, Tx};
use crate::text::plain::one_line;

/// A mail that could not be sent is given up after this time.
const LIFETIME: TimeDelta = TimeDelta::days(2);

/// A rendered mail about a change, without its recipient's links.
pub(super) struct ChangeMail {
    reply_to: Option<String>,
    mail: RenderedMail,
}

impl ChangeMail {
    /// The mail about a change; `None` if nothing changes.
    pub(super) fn about(app: &App, plan: &Plan) -> Result<Option<Self>, askama::Error> {
        let after = plan.after();
        let zone = plan.timezone.or(plan.timezone_before);
        if after == plan.before && zone == plan.timezone_before {
            return Ok(None);
        }
        let language = after.language.unwrap_or(plan.newsletter_language);
        let words = app.words(language);
        let name = one_line(&plan.subscription.newsletter_name);
        let paused_until = after.paused_until.filter(|_| after.state == SubscriptionState::Paused);
        let paused_until = paused_until.map(|until| words.day(until.with_timezone(&plan.zone()).date_naive()));
        let was_paused = plan.before.state == SubscriptionState::Paused;
        let subject = match &paused_until {
            Some(day) if after.paused_until != plan.before.paused_until => words.changed_subject_paused(&name, day),
            None if was_paused && after.state == SubscriptionState::Confirmed => words.changed_subject_resumed(&name),
            _ => words.changed_subject(&name),
        };
        let mut notes = Vec::new();
        if let Some(day) = &paused_until {
            notes.push(words.now_paused_until(day));
        }
        if after.pause_reason.is_some() {
            notes.push(words.now_paused_after_bounces());
        }
        notes.push(match after.cadence {
            Cadence::Every => words.now_every_issue(),
            Cadence::Weekly => words.now_weekly(),
        });
        notes.push(if after.topics.is_empty() {
            words.now_all_topics()
        } else {
            let names = after
                .topics
                .iter()
                .map(|topic| topic_name(topic, &plan.topics_as_written));
            words.now_topics(names.collect::<Vec<_>>().join(&words.list_separator()))
        });
        if let Some(zone) = zone {
            notes.push(words.now_time_zone(zone.name()));
        }
        if plan.language.is_some() {
            notes.push(words.now_language(language.own_name()));
        }
        let view = SubscriptionMailView {
            subject,
            opening: words.changed_opening(),
            subscriptions: vec![SubscriptionLine {
                newsletter: name,
                notes,
                token: subscription_mail::placeholder(0),
            }],
            link: None,
            closing: words.changed_closing(),
            cause: MailCause::Subscribed,
        };
        let (html, text) = subscription_mail::render(&app.mail_site(), &words, &view)?;
        Ok(Some(Self {
            reply_to: plan.reply_to.clone(),
            mail: RenderedMail {
                subject: view.subject,
                html,
                text,
            },
        }))
    }

    /// Queues the mail. Returns false, and queues nothing, if the mailbox has reached its daily cap.
    pub(super) async fn queue(
        &self,
        tx: &mut Tx,
        app: &App,
        subscription: &Subscription,
        limit: MailboxLimit,
    ) -> Result<bool, StoreError> {
        let now = app.clock.now();
        let mail = SubscriptionMail {
            limit,
            kind: MailKind::Preferences,
            subscriber: subscription.subscriber_id,
            recipient: &subscription.address,
            reply_to: self.reply_to.clone(),
            mail: &self.mail,
            links: MailLinks::Subscriptions(vec![subscription.id]),
            expires_at: now + LIFETIME,
        };
        mail.queue(tx, app, now).await
    }
}
