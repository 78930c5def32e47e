//! Queues mails to a subscriber about their subscriptions, at most `signup.confirmations_per_day` a day to one mailbox: the links in a
//! subscriber's mails cause them, and mails are forwarded.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::mailbox_limits::{MailboxLimit, mailbox_key};
use crate::app::App;
use crate::domain::address::{EmailAddress, Spelling};
use crate::domain::ids::{SubscriberId, TransactionalMailId};
use crate::domain::states::MailKind;
use crate::store::transactional_mails::{MailLinks, TransactionalMail};
use crate::store::{StoreError, Tx};

/// A rendered mail, without its recipient.
#[derive(Clone, Debug)]
pub(crate) struct RenderedMail {
    pub(crate) subject: String,
    pub(crate) html: String,
    pub(crate) text: String,
}

/// A mail to be queued.
#[derive(Debug)]
pub(crate) struct SubscriptionMail<'a> {
    /// The limit that it counts for.
    pub(crate) limit: MailboxLimit,
    pub(crate) kind: MailKind,
    pub(crate) subscriber: SubscriberId,
    pub(crate) recipient: &'a EmailAddress,
    /// `Name <address>` for replies; `None` if they go to the sender.
    pub(crate) reply_to: Option<String>,
    pub(crate) mail: &'a RenderedMail,
    pub(crate) links: MailLinks,
    /// It is not sent after this.
    pub(crate) expires_at: DateTime<Utc>,
}

/// Counts a mail to a mailbox. Returns false, and counts nothing, if the mailbox has reached its daily cap of this kind.
pub(crate) async fn count_mail(
    tx: &mut Tx,
    app: &App,
    limit: MailboxLimit,
    recipient: &EmailAddress,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let per_day = app.config.signup.confirmations_per_day;
    let mailbox = mailbox_key(app, limit, recipient);
    let spelling = match limit {
        MailboxLimit::SignUps => {
            // Sign-ups hold this lock while they count.
            tx.lock_mailboxes(vec![mailbox]).await?;
            recipient.spelling()
        }
        // Only mails to a subscriber count, so no part of the cap is kept for another spelling of the address.
        MailboxLimit::PreferenceChanges
        | MailboxLimit::ChangesByDigest
        | MailboxLimit::Links
        | MailboxLimit::LinksByDigest
        | MailboxLimit::Welcomes
        | MailboxLimit::LostLinks
        | MailboxLimit::Comments => Spelling::Plain,
    };
    let mut history = tx.lock_mailbox_history(&mailbox).await?.current(now);
    if history.next(now, spelling, per_day, Duration::ZERO).is_none() {
        return Ok(false);
    }
    history.count(now, spelling, per_day);
    tx.put_mailbox_histories(&[(&mailbox, &history)], now).await?;
    Ok(true)
}

impl SubscriptionMail<'_> {
    /// Queues the mail. Returns false, and queues nothing, if the mailbox has reached its daily cap.
    pub(crate) async fn queue(self, tx: &mut Tx, app: &App, now: DateTime<Utc>) -> Result<bool, StoreError> {
        if !count_mail(tx, app, self.limit, self.recipient, now).await? {
            return Ok(false);
        }
        self.queue_unlimited(tx, app, now).await?;
        Ok(true)
    }

    /// Queues the mail, however many the mailbox got.
    pub(crate) async fn queue_unlimited(self, tx: &mut Tx, app: &App, now: DateTime<Utc>) -> Result<(), StoreError> {
        tx.add_transactional_mail(&TransactionalMail {
            id: TransactionalMailId(app.rng.uuid(now)),
            kind: self.kind,
            subscriber_id: Some(self.subscriber),
            recipient: self.recipient.clone(),
            reply_to: self.reply_to,
            subject: self.mail.subject.clone(),
            html: self.mail.html.clone(),
            text: self.mail.text.clone(),
            links: self.links,
            requester: self.recipient.domain().to_owned(),
            turn_at: now,
            attempts: 0,
            expires_at: self.expires_at,
            created_at: now,
        })
        .await
    }
}
