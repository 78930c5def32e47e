//! The mail to a subscriber about a change of preferences by link. It names the new preferences, and its link changes them back.

use chrono::{DateTime, TimeDelta, Utc};

use super::plan::Plan;
use crate::app::App;
use crate::domain::address::Spelling;
use crate::domain::ids::TransactionalMailId;
use crate::domain::states::{Cadence, MailKind, SubscriptionState};
use crate::signup::account_mail::{self, AccountView, SubscriptionLine};
use crate::signup::mailbox_limits::{MailboxLimit, mailbox_key};
use crate::store::subscriptions::Subscription;
use crate::store::transactional_mails::{MailLinks, TransactionalMail};
use crate::store::{StoreError, Tx};
use crate::text::plain::one_line;

/// A mail that could not be sent is given up after this time.
const LIFETIME: TimeDelta = TimeDelta::days(2);

/// A rendered mail about a change, without its recipient's links.
pub(super) struct ChangeMail {
    reply_to: Option<String>,
    subject: String,
    html: String,
    text: String,
}

impl ChangeMail {
    /// The mail about a change; `None` if nothing changes.
    pub(super) fn about(app: &App, plan: &Plan) -> Result<Option<Self>, askama::Error> {
        let after = plan.after();
        let zone = plan.timezone.or(plan.timezone_before);
        if after == plan.before && zone == plan.timezone_before {
            return Ok(None);
        }
        let name = one_line(&plan.subscription.newsletter_name);
        let paused_until = after.paused_until.filter(|_| after.state == SubscriptionState::Paused);
        let paused_until = paused_until.map(|until| until.with_timezone(&plan.zone()).format("%-d %B %Y").to_string());
        let was_paused = plan.before.state == SubscriptionState::Paused;
        let subject = match &paused_until {
            Some(day) if after.paused_until != plan.before.paused_until => format!("{name} is paused until {day}"),
            None if was_paused && after.state == SubscriptionState::Confirmed => format!("{name} is no longer paused"),
            _ => format!("Your preferences for {name} have changed"),
        };
        let mut notes = Vec::new();
        if let Some(day) = &paused_until {
            notes.push(format!("Nothing is sent to you until {day}."));
        }
        if after.pause_reason.is_some() {
            notes.push(
                "It is paused, because your mailbox did not take our mails. The link below ends the pause.".to_owned(),
            );
        }
        notes.push(match after.cadence {
            Cadence::Every => "You get every issue.".to_owned(),
            Cadence::Weekly => "You get one issue a week.".to_owned(),
        });
        notes.push(if after.topics.is_empty() {
            "You get all topics.".to_owned()
        } else {
            format!("You get these topics: {}.", after.topics)
        });
        if let Some(zone) = zone {
            notes.push(format!("Your time zone is {zone}."));
        }
        let view = AccountView {
            subject,
            opening: "Someone, most likely you, used the link in one of your mails to change what you get. This is how it is now."
                .to_owned(),
            subscriptions: vec![SubscriptionLine {
                newsletter: name,
                notes,
                token: account_mail::placeholder(0),
            }],
            closing: "If it wasn’t you, somebody has a mail of yours. Change your preferences back by the link above, and cut \
                      the links at the foot of mails that you pass on."
                .to_owned(),
        };
        let (html, text) = account_mail::render(app, &view)?;
        Ok(Some(Self {
            reply_to: plan.reply_to.clone(),
            subject: view.subject,
            html,
            text,
        }))
    }

    /// Queues the mail, unless the mailbox has reached its daily cap.
    pub(super) async fn queue(
        &self,
        tx: &mut Tx,
        app: &App,
        subscription: &Subscription,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let per_day = app.config.signup.confirmations_per_day;
        let mailbox = mailbox_key(app, MailboxLimit::PreferenceChanges, &subscription.address);
        let mut history = tx.lock_mailbox_history(&mailbox).await?.current(now);
        // The cap keeps a person with the link from filling the mailbox. Only a subscriber's own mails have the link, so no part of
        // it is kept for another spelling of the address.
        let next = history.next(now, Spelling::Plain, per_day, std::time::Duration::ZERO);
        if next.is_none() {
            tracing::info!(subscription.id = %subscription.id, "preferences mail not sent: daily cap of the mailbox reached");
            return Ok(());
        }
        history.count(now, Spelling::Plain, per_day);
        tx.put_mailbox_histories(&[(&mailbox, &history)], now).await?;
        tx.add_transactional_mail(&TransactionalMail {
            id: TransactionalMailId(app.rng.uuid(now)),
            kind: MailKind::Preferences,
            subscriber_id: Some(subscription.subscriber_id),
            recipient: subscription.address.clone(),
            reply_to: self.reply_to.clone(),
            subject: self.subject.clone(),
            html: self.html.clone(),
            text: self.text.clone(),
            links: MailLinks::Subscriptions(vec![subscription.id]),
            requester: subscription.address.domain().to_owned(),
            turn_at: now,
            attempts: 0,
            expires_at: now + LIFETIME,
            created_at: now,
        })
        .await
    }
}
