//! The transaction that stores a sign-up request with its mail.
//!
//! It reads the subscriptions again, because they may have changed since the check. Then it locks the history of the mailbox. So
//! simultaneous requests for one address take turns, on all nodes, and each sees the mails that the others queued.

use chrono::{DateTime, TimeDelta, Utc};

use super::check::{CheckedRequest, Concerned, required_mail};
use super::mail_cache::{MailCache, RequiredMail, SharedMail};
use super::mailbox_limits::{MailboxLimit, mailbox_key};
use super::request::SignupRequest;
use super::requester::requester_of;
use super::suppressed::Mailing;
use crate::app::App;
use crate::domain::ids::{SubscriberId, SubscriptionId, TransactionalMailId};
use crate::domain::states::{ConsentEvent, MailKind};
use crate::domain::time::time_delta;
use crate::domain::tokens::token_hash;
use crate::domain::topics::Topics;
use crate::store::confirmations::NewConfirmation;
use crate::store::consent_records::ConsentRecord;
use crate::store::mailbox_histories::MailboxHistory;
use crate::store::rate_limits::Permit;
use crate::store::subscribers::NewSubscriber;
use crate::store::subscriptions::{CLOCK_TOLERANCE, Subscription};
use crate::store::transactional_mails::{MailLinks, NONCE_LENGTH, TransactionalMail};
use crate::store::{StoreError, Tx};

/// The result of an attempt to store a request. Only [`Stored::Done`] has changed anything.
pub(super) enum Stored {
    Done,
    /// A subscription changed since the check, and requires another mail.
    Changed,
    /// The mailbox has reached its daily cap of mails.
    MailboxFull,
    /// The limits with these keys are reached.
    LimitReached(Vec<[u8; 16]>),
}

/// A checked request that is about to be stored.
pub(super) struct Storing<'a> {
    pub(super) app: &'a App,
    pub(super) now: DateTime<Utc>,
    pub(super) request: &'a SignupRequest,
    pub(super) checked: &'a CheckedRequest,
    pub(super) mail: &'a SharedMail,
    pub(super) mails: &'a MailCache,
    /// The permits that the request takes.
    pub(super) permits: &'a [Permit],
}

/// The history of the mailbox that the address belongs to. Its row is locked until the transaction ends.
struct LockedMailbox {
    key: [u8; 16],
    history: MailboxHistory,
}

impl Storing<'_> {
    /// Stores the request, its mail and its counts, or nothing.
    pub(super) async fn store(&self) -> Result<Stored, StoreError> {
        let Self { app, now, checked, .. } = *self;
        let mut tx = app.store.write().await?;
        let subscriber = NewSubscriber {
            id: SubscriberId(app.rng.uuid(now)),
            address: &checked.address,
            address_hash: &checked.address_hash,
            // What was typed here is stored for the subscriber when the mailed link is used.
            name: None,
            timezone: None,
        };
        let subscriber = tx.ensure_subscriber(&subscriber, now).await?;
        let suppression = tx.suppression(&checked.address_hash).await?;
        let mailing = Mailing::of(app, suppression.as_ref());
        let mut subscriptions = Vec::new();
        for (newsletter, topics) in &checked.newsletters {
            let id = SubscriptionId(app.rng.uuid(now));
            let (subscription, _) = tx.ensure_subscription(id, subscriber, newsletter.id, now).await?;
            subscriptions.push((subscription, topics));
        }
        let concerned = subscriptions
            .iter()
            .map(|(subscription, _)| Concerned::from(subscription));
        if required_mail(concerned, mailing) != checked.mail {
            return Ok(Stored::Changed);
        }
        // Without a mail, the answer and the counts are the same.
        if mailing != Mailing::Nothing {
            let mailbox = self.lock_mailbox(&mut tx).await?;
            let is_full = match &checked.mail {
                RequiredMail::Confirm(_) => {
                    if mailing == Mailing::ConfirmationOnly {
                        tx.note_confirmation_of_suppressed(&checked.address_hash, now).await?;
                    } else {
                        subscriptions.retain(|(subscription, _)| subscription.needs_confirmation());
                    }
                    self.queue_confirmation(&mut tx, mailbox, subscriber, &subscriptions)
                        .await?
                }
                RequiredMail::AlreadySubscribed(_) => {
                    self.queue_reminder(&mut tx, mailbox, subscriber, &subscriptions)
                        .await?
                }
            };
            if is_full {
                return Ok(Stored::MailboxFull);
            }
        }
        // Last, because on PostgreSQL other sign-ups wait for these rows until the commit.
        let reached = tx.take_permits(self.permits, now).await?;
        if !reached.is_empty() {
            return Ok(Stored::LimitReached(reached));
        }
        tx.commit().await?;
        self.mails
            .note_stored([&self.mail.html, &self.mail.text].into_iter().chain(&checked.words));
        Ok(Stored::Done)
    }

    async fn lock_mailbox(&self, tx: &mut Tx) -> Result<LockedMailbox, StoreError> {
        let key = mailbox_key(self.app, MailboxLimit::SignUps, &self.checked.address);
        let history = tx.lock_mailbox_history(&key).await?.current(self.now);
        Ok(LockedMailbox { key, history })
    }

    /// When the next mail to the mailbox may be sent; `None` if the mailbox has reached its daily cap.
    fn next_mail_at(&self, mailbox: &LockedMailbox) -> Option<DateTime<Utc>> {
        let settings = &self.app.config.signup;
        let spelling = self.checked.address.spelling();
        mailbox.history.next(
            self.now,
            spelling,
            settings.confirmations_per_day,
            settings.resend_after,
        )
    }

    /// Queues the mail whose link confirms these subscriptions, unless a queued mail already has such a link. Returns true if the
    /// mailbox has reached its daily cap.
    async fn queue_confirmation(
        &self,
        tx: &mut Tx,
        mailbox: LockedMailbox,
        subscriber: SubscriberId,
        subscriptions: &[(Subscription, &Topics)],
    ) -> Result<bool, StoreError> {
        let (app, now, settings) = (self.app, self.now, &self.app.config.signup);
        let Some(send_at) = self.next_mail_at(&mailbox) else {
            return Ok(true);
        };
        // During the wait, a reader with a valid link for each of them gets no further mail. Without one, the mail is queued for
        // the end of the wait, so that the request is not lost.
        let has_link = |(subscription, _): &(Subscription, _)| {
            let since = now - time_delta(settings.token_ttl);
            subscription
                .mailed_at
                .is_some_and(|mailed| mailed > since && mailed <= now + CLOCK_TOLERANCE)
        };
        if send_at > now && subscriptions.iter().all(has_link) {
            for (subscription, _) in subscriptions {
                let (name, timezone) = (self.checked.name.as_deref(), self.checked.timezone);
                tx.forget_disputed_profile(subscription.id, name, timezone, now).await?;
            }
            return Ok(false);
        }
        let mut is_due = false;
        for (subscription, _) in subscriptions {
            let not_since = now - time_delta(settings.resend_after);
            is_due |= tx.record_request(subscription.id, now, not_since).await?;
        }
        if !is_due {
            return Ok(false);
        }
        self.count_mail(tx, mailbox, send_at).await?;
        self.store_texts(tx).await?;
        let nonce = app.rng.bytes::<NONCE_LENGTH>();
        let (signing_key_id, token) = app.keys.new_confirmation_token(&nonce);
        let token_hash = token_hash(&token);
        let expires_at = send_at + time_delta(settings.token_ttl);
        for (subscription, topics) in subscriptions {
            tx.add_confirmation(&NewConfirmation {
                token_hash: &token_hash,
                subscription_id: subscription.id,
                created_at: now,
                expires_at,
                name: self.checked.name.as_deref(),
                timezone: self.checked.timezone,
                topics,
            })
            .await?;
            let record = ConsentRecord {
                event: ConsentEvent::Requested,
                at: now,
                network_address: self.request.network.map(|address| address.to_string()),
                source: self.request.source.clone(),
                words: self.request.words.clone(),
                mail_text: Some(self.mail.text.body.clone()),
            };
            tx.add_consent(app.rng.uuid(now), subscription.id, &record).await?;
        }
        let links = MailLinks::Confirmation { signing_key_id, nonce };
        self.queue(tx, subscriber, MailKind::Confirmation, links, send_at)
            .await?;
        Ok(false)
    }

    /// Queues the mail that says that the address is already subscribed, at most once a day. Returns true if the mailbox has reached
    /// its daily cap.
    async fn queue_reminder(
        &self,
        tx: &mut Tx,
        mut mailbox: LockedMailbox,
        subscriber: SubscriberId,
        subscriptions: &[(Subscription, &Topics)],
    ) -> Result<bool, StoreError> {
        let now = self.now;
        let reminded_at = mailbox.history.reminded_at;
        if reminded_at.is_some_and(|reminded| reminded > now - TimeDelta::days(1)) {
            return Ok(false);
        }
        match self.next_mail_at(&mailbox) {
            None => return Ok(true),
            Some(send_at) if send_at > now => return Ok(false),
            Some(_) => {}
        }
        mailbox.history.reminded_at = Some(now);
        self.count_mail(tx, mailbox, now).await?;
        self.store_texts(tx).await?;
        let ids = subscriptions.iter().map(|(subscription, _)| subscription.id);
        let links = MailLinks::Subscriptions(ids.collect());
        self.queue(tx, subscriber, MailKind::SubscribedAlready, links, now)
            .await?;
        Ok(false)
    }

    /// Counts a mail that is sent at `send_at` in the history of its mailbox.
    async fn count_mail(&self, tx: &mut Tx, mailbox: LockedMailbox, send_at: DateTime<Utc>) -> Result<(), StoreError> {
        let LockedMailbox { key, mut history } = mailbox;
        let per_day = self.app.config.signup.confirmations_per_day;
        history.count(send_at, self.checked.address.spelling(), per_day);
        tx.set_mailbox_history(&key, &history, self.now).await
    }

    /// Stores the texts that the consent record and the mail refer to, unless this process knows that they are stored.
    async fn store_texts(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let texts = self.checked.words.iter().chain([&self.mail.text, &self.mail.html]);
        for text in texts.filter(|text| !self.mails.is_stored(text)) {
            tx.store_text(text).await?;
        }
        Ok(())
    }

    /// Where replies to the mail go: to the address of the first newsletter that has one.
    fn reply_to(&self) -> Option<String> {
        let mut newsletters = self.checked.newsletters.iter();
        newsletters.find_map(|(newsletter, _)| newsletter.reply_to.clone())
    }

    /// Queues the mail, to be sent at `send_at`.
    async fn queue(
        &self,
        tx: &mut Tx,
        subscriber: SubscriberId,
        kind: MailKind,
        links: MailLinks,
        send_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let id = TransactionalMailId(self.app.rng.uuid(self.now));
        let requester = if send_at > self.now {
            // This mail is sent later, and later mails of this requester must not wait for it.
            id.to_string()
        } else {
            requester_of(self.request.network, &self.checked.address)
        };
        let mail = TransactionalMail {
            id,
            kind,
            subscriber_id: Some(subscriber),
            recipient: self.checked.address.clone(),
            reply_to: self.reply_to(),
            subject: self.mail.subject.clone(),
            html: String::new(),
            text: String::new(),
            links,
            requester,
            turn_at: send_at,
            attempts: 0,
            expires_at: send_at + time_delta(self.app.config.signup.token_ttl),
            created_at: send_at,
        };
        tx.add_transactional_mail_with_texts(&mail, &self.mail.html, &self.mail.text)
            .await
    }
}
