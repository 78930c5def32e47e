//! Accepts a sign-up: checks, counts and stores it in one transaction, in the same way for every address.

use chrono::{DateTime, TimeDelta, Utc};

use super::check::{Checked, check, is_unconfirmed, topic};
use super::limits::{Refusals, address_permits, network_permits};
use super::mailbox::{MailboxLimit, mailbox_key};
use super::mails::{Mails, SharedMail, Topic};
use super::{SignupError, SignupRequest, requester};
use crate::app::App;
use crate::domain::ids::{SubscriberId, SubscriptionId, TransactionalMailId};
use crate::domain::states::{ConsentEvent, MailKind};
use crate::domain::time::time_delta;
use crate::domain::tokens::token_hash;
use crate::domain::topics::Topics;
use crate::store::confirmations::NewConfirmation;
use crate::store::rate_limits::Permit;
use crate::store::subscribers::NewSubscriber;
use crate::store::subscriptions::{CLOCK_TOLERANCE, ConsentRecord, Subscription};
use crate::store::transactional_mails::{MailLinks, NONCE_LENGTH, TransactionalMail};
use crate::store::{StoreError, Tx, retry_on_conflict};

/// How often a request is tried if a subscription changes concurrently.
const MAX_ATTEMPTS: usize = 5;

/// Accepts sign-ups. Each process that serves the site has one; its caches save work of the database.
#[derive(Debug, Default)]
pub struct Signups {
    refusals: Refusals,
    mails: Mails,
}

/// The result of an attempt to store a request.
enum Stored {
    Done,
    /// A subscription changed since it was read, and requires another mail.
    Changed,
    /// The mailbox has reached its daily cap.
    NoMoreToday,
    /// These limits are reached.
    Refused(Vec<[u8; 16]>),
}

impl Signups {
    /// Accepts a request. A client cannot distinguish whether the address is new, pending, confirmed or suppressed.
    ///
    /// # Errors
    /// [`SignupError`]; then only the count of the network is stored.
    pub async fn request(&self, app: &App, request: &SignupRequest) -> Result<(), SignupError> {
        let now = app.clock.now();
        let network = request
            .network
            .map(|address| network_permits(app, address))
            .unwrap_or_default();
        if self.refusals.includes(&network, now) {
            return Err(SignupError::TooMany);
        }
        for _ in 0..MAX_ATTEMPTS {
            let checked = match check(app, request).await {
                Ok(checked) => checked,
                Err(error) if error.is_ours() => return Err(error),
                Err(error) => {
                    self.count(app, &network, now).await?;
                    return Err(error);
                }
            };
            let address = address_permits(app, &checked.address);
            if self.refusals.includes(&address, now) {
                self.count(app, &network, now).await?;
                return Err(SignupError::TooMany);
            }
            let permits = [&network[..], &address].concat();
            let mail = self.mails.of(app, &checked.topic)?;
            let is_conflict = |error: &SignupError| matches!(error, SignupError::Store(error) if error.is_conflict());
            let attempt = || self.store(app, request, &checked, &mail, &permits, now);
            match retry_on_conflict(is_conflict, attempt).await? {
                Stored::Done => {
                    app.transactional_wakeup.notify_one();
                    return Ok(());
                }
                Stored::Changed => {}
                // The request is counted like any other, and not stored.
                Stored::NoMoreToday => return self.count(app, &permits, now).await,
                Stored::Refused(reached) => {
                    self.refusals.note(&permits, &reached, now);
                    if network.iter().all(|permit| !reached.contains(&permit.key)) {
                        self.count(app, &network, now).await?;
                    }
                    return Err(SignupError::TooMany);
                }
            }
        }
        // It changed at each attempt, so other requests for this address were stored at the same time.
        Ok(())
    }

    /// Counts a refused request for its network only.
    ///
    /// # Errors
    /// [`SignupError::TooMany`], and when the database fails.
    pub async fn count_refused(&self, app: &App, network: std::net::IpAddr) -> Result<(), SignupError> {
        let now = app.clock.now();
        let network = network_permits(app, network);
        if self.refusals.includes(&network, now) {
            return Err(SignupError::TooMany);
        }
        self.count(app, &network, now).await
    }

    async fn count(&self, app: &App, permits: &[Permit], now: DateTime<Utc>) -> Result<(), SignupError> {
        let work = || async {
            let mut tx = app.store.write().await?;
            let reached = tx.take_permits(permits, now).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(reached)
        };
        let reached = retry_on_conflict(StoreError::is_conflict, work).await?;
        if reached.is_empty() {
            return Ok(());
        }
        self.refusals.note(permits, &reached, now);
        Err(SignupError::TooMany)
    }

    async fn store(
        &self,
        app: &App,
        request: &SignupRequest,
        checked: &Checked,
        mail: &SharedMail,
        permits: &[Permit],
        now: DateTime<Utc>,
    ) -> Result<Stored, SignupError> {
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
        let is_suppressed = tx.suppression(&checked.address_hash).await?.is_some();
        let mut subscriptions = Vec::new();
        for (newsletter, topics) in &checked.newsletters {
            let id = SubscriptionId(app.rng.uuid(now));
            let (subscription, _) = tx.ensure_subscription(id, subscriber, newsletter.id, now).await?;
            subscriptions.push((subscription, topics));
        }
        let stands = |(subscription, _): &(Subscription, _)| (subscription.newsletter_name.clone(), subscription.state);
        if topic(subscriptions.iter().map(stands)) != checked.topic {
            return Ok(Stored::Changed);
        }
        if !is_suppressed {
            let attempt = Attempt {
                app,
                now,
                request,
                checked,
                mail,
                subscriber,
            };
            let is_full = match &checked.topic {
                Topic::Confirm(_) => {
                    subscriptions.retain(|(subscription, _)| is_unconfirmed(subscription.state));
                    attempt.ask_to_confirm(&mut tx, &self.mails, &subscriptions).await?
                }
                Topic::Subscribed(_) => attempt.remind(&mut tx, &self.mails, &subscriptions).await?,
            };
            if is_full {
                return Ok(Stored::NoMoreToday);
            }
        }
        // Last, because on PostgreSQL other sign-ups wait for these rows until the commit.
        let reached = tx.take_permits(permits, now).await?;
        if !reached.is_empty() {
            return Ok(Stored::Refused(reached));
        }
        tx.commit().await?;
        self.mails
            .note_stored([&mail.html, &mail.text].into_iter().chain(&checked.words));
        Ok(Stored::Done)
    }
}

/// The data of a transaction that stores a request.
struct Attempt<'a> {
    app: &'a App,
    now: DateTime<Utc>,
    request: &'a SignupRequest,
    checked: &'a Checked,
    mail: &'a SharedMail,
    subscriber: SubscriberId,
}

impl Attempt<'_> {
    /// Queues the mail that confirms these subscriptions, unless a queued one already does. Returns true if the mailbox has reached
    /// its daily cap.
    async fn ask_to_confirm(
        &self,
        tx: &mut Tx,
        mails: &Mails,
        subscriptions: &[(Subscription, &Topics)],
    ) -> Result<bool, SignupError> {
        let (app, now, settings) = (self.app, self.now, &self.app.config.signup);
        let mailbox = mailbox_key(app, MailboxLimit::SignUps, &self.checked.address);
        let spelling = self.checked.address.spelling();
        let mut allowance = tx.lock_allowance(&mailbox).await?.current(now);
        let Some(send_at) = allowance.next(now, spelling, settings.confirmations_per_day, settings.resend_after) else {
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
        allowance.count(send_at, spelling, settings.confirmations_per_day);
        tx.set_allowance(&mailbox, &allowance, now).await?;
        self.keep_texts(tx, mails).await?;
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
        self.queue(tx, MailKind::Confirmation, links, send_at).await?;
        Ok(false)
    }

    /// Queues the mail that says that the address is subscribed already, at most once a day. Returns true if the mailbox has reached
    /// its daily cap.
    async fn remind(
        &self,
        tx: &mut Tx,
        mails: &Mails,
        subscriptions: &[(Subscription, &Topics)],
    ) -> Result<bool, SignupError> {
        let (app, now, settings) = (self.app, self.now, &self.app.config.signup);
        let mailbox = mailbox_key(app, MailboxLimit::SignUps, &self.checked.address);
        let spelling = self.checked.address.spelling();
        let mut allowance = tx.lock_allowance(&mailbox).await?.current(now);
        if allowance
            .reminded_at
            .is_some_and(|reminded| reminded > now - TimeDelta::days(1))
        {
            return Ok(false);
        }
        match allowance.next(now, spelling, settings.confirmations_per_day, settings.resend_after) {
            None => return Ok(true),
            Some(send_at) if send_at > now => return Ok(false),
            Some(_) => {}
        }
        allowance.count(now, spelling, settings.confirmations_per_day);
        allowance.reminded_at = Some(now);
        tx.set_allowance(&mailbox, &allowance, now).await?;
        self.keep_texts(tx, mails).await?;
        let ids = subscriptions.iter().map(|(subscription, _)| subscription.id);
        let links = MailLinks::Subscriptions(ids.collect());
        self.queue(tx, MailKind::SubscribedAlready, links, now).await?;
        Ok(false)
    }

    async fn keep_texts(&self, tx: &mut Tx, mails: &Mails) -> Result<(), StoreError> {
        let texts = self.checked.words.iter().chain([&self.mail.text, &self.mail.html]);
        for text in texts.filter(|text| !mails.is_stored(text)) {
            tx.store_text(text).await?;
        }
        Ok(())
    }

    async fn queue(
        &self,
        tx: &mut Tx,
        kind: MailKind,
        links: MailLinks,
        send_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let id = TransactionalMailId(self.app.rng.uuid(self.now));
        let requester = if send_at > self.now {
            // This mail is sent later, and later mails of this requester must not wait for it.
            id.to_string()
        } else {
            requester::of(self.request.network, &self.checked.address)
        };
        let mail = TransactionalMail {
            id,
            kind,
            subscriber_id: Some(self.subscriber),
            recipient: self.checked.address.clone(),
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
