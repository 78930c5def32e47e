//! Sends transactional mails, such as confirmations, over connections of their own: a digest to a million recipients never delays a
//! sign-up.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::personalise::{PersonaliseError, build_and_sign};
use super::retry::{RetryPolicy, disposition};
use crate::app::App;
use crate::domain::ids::TransactionalMailId;
use crate::domain::redact::without_addresses;
use crate::domain::states::DeliveryState;
use crate::mail::mailbox::Mailbox;
use crate::mail::message::Mail;
use crate::mail::smtp::Outgoing;
use crate::mail::smtp::Session;
use crate::process;
use crate::signup::{TOKEN_PLACEHOLDER, account_mail};
use crate::store::StoreError;
use crate::store::transactional_mails::{LeasedMail, MailLinks, TransactionalMail, TransactionalOutcome};

/// How often to look for mails without a wake-up: another process may have stored them.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// The wait before the next attempt to connect to a relay.
const RECONNECT_INTERVAL: Duration = Duration::from_secs(2);
/// A connection without work is closed after this time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends mails that are due until `stop` is cancelled. The mail in flight is finished first.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut sender = TransactionalSender {
        app: Arc::clone(&app),
        session: None,
        process: process::current(),
    };
    let mut idle_for = Duration::ZERO;
    while !stop.is_cancelled() {
        let pause = match sender.send_next().await {
            Ok(Next::Done) => {
                idle_for = Duration::ZERO;
                continue;
            }
            Ok(Next::NoRelay) => RECONNECT_INTERVAL,
            Ok(Next::NothingDue) => POLL_INTERVAL,
            Err(error) => {
                tracing::error!(%error, "transactional mail not claimed or recorded; trying again");
                POLL_INTERVAL
            }
        };
        idle_for += pause;
        if idle_for > IDLE_TIMEOUT
            && let Some(session) = sender.session.take()
        {
            session.quit().await;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.transactional_wakeup.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    if let Some(session) = sender.session.take() {
        session.quit().await;
    }
}

enum Next {
    /// A mail was sent or given up.
    Done,
    /// No mail is due.
    NothingDue,
    /// No relay accepts a connection; the mails wait.
    NoRelay,
}

struct TransactionalSender {
    app: Arc<App>,
    session: Option<Session>,
    process: Option<String>,
}

impl TransactionalSender {
    /// Claims one due mail, sends it and records the outcome.
    async fn send_next(&mut self) -> Result<Next, StoreError> {
        let now = self.app.clock.now();
        if !self.app.store.read().await?.transactional_mails_due(now).await? {
            return Ok(Next::NothingDue);
        }
        let mut tx = self.app.store.write().await?;
        tx.heartbeat(self.app.node, self.process.as_deref()).await?;
        let mail = tx.lease_transactional_mails(self.app.node, now, 1).await?.pop();
        tx.commit().await?;
        let Some(LeasedMail { id, mail }) = mail else {
            return Ok(Next::NothingDue);
        };
        let mail = match mail {
            Ok(mail) => mail,
            Err(error) => {
                let outcome = TransactionalOutcome {
                    state: DeliveryState::Rejected,
                    next_attempt_at: now,
                    turn_at: now,
                    attempted: false,
                    reply: &format!("not sent: {error}"),
                };
                self.record_outcome(id, &outcome).await?;
                tracing::error!(mail.id = %id, error, "transactional mail not built");
                return Ok(Next::Done);
            }
        };
        if mail.expires_at <= now {
            self.record(&mail, DeliveryState::Expired, now, false, "its link has expired")
                .await?;
            return Ok(Next::Done);
        }
        let outgoing = match self.message(&mail).await {
            Ok(outgoing) => outgoing,
            Err(error) => {
                let reply = format!("not sent: {error}");
                self.record(&mail, DeliveryState::Rejected, now, false, &reply).await?;
                tracing::error!(mail.id = %mail.id, %error, "transactional mail not built");
                return Ok(Next::Done);
            }
        };
        let mut session = match self.session.take() {
            Some(session) => session,
            None => match super::relays::connect(&self.app).await {
                Ok(session) => session,
                Err(error) => {
                    self.record(&mail, DeliveryState::Queued, now, false, &error.to_string())
                        .await?;
                    return Ok(Next::NoRelay);
                }
            },
        };
        let outcome = session.send(&outgoing).await;
        if session.is_open() {
            self.session = Some(session);
        }
        let now = self.app.clock.now();
        let mut policy = RetryPolicy::of(&self.app);
        // The mail is useful until its link expires. A reader who asked for it would rather get it twice than never.
        policy.expire_after = mail.expires_at - mail.created_at;
        policy.resend_in_doubt = true;
        let disposition = disposition(
            outcome,
            mail.attempts,
            mail.created_at,
            &policy,
            self.app.rng.fraction(),
            now,
        );
        let mut next_attempt_at = disposition.next_attempt_at.unwrap_or(now);
        // A refusal of one mail does not make the relay unavailable: it may accept the next one. Only this mail waits.
        if let Some(reason) = &disposition.pause {
            let reason = without_addresses(reason);
            tracing::error!(mail.id = %mail.id, mail.kind = %mail.kind, reason, "transactional mail refused; trying again");
            next_attempt_at = now + policy.waits.first().copied().unwrap_or_default();
        }
        tracing::info!(mail.id = %mail.id, mail.kind = %mail.kind, mail.state = %disposition.state, "transactional mail attempted");
        self.record(
            &mail,
            disposition.state,
            next_attempt_at,
            disposition.attempted,
            &disposition.reply,
        )
        .await?;
        Ok(Next::Done)
    }

    async fn message(&self, mail: &TransactionalMail) -> Result<Outgoing, PersonaliseError> {
        let keys = &self.app.keys;
        let (html, text) = match &mail.links {
            MailLinks::None => (mail.html.clone(), mail.text.clone()),
            MailLinks::Confirmation { signing_key_id, nonce } => {
                let token = keys.confirmation_token(*signing_key_id, nonce)?;
                let filled = |body: &str| body.replace(TOKEN_PLACEHOLDER, &token);
                (filled(&mail.html), filled(&mail.text))
            }
            MailLinks::Subscriptions(subscriptions) => {
                let filled = |body| account_mail::fill(keys, subscriptions, body);
                (filled(&mail.html), filled(&mail.text))
            }
        };
        let from = &self.app.config.mail.from;
        let from = Mailbox::try_from(from).map_err(|_| PersonaliseError::Sender(from.to_string()))?;
        let to = &mail.recipient;
        let built = Mail {
            message_id: format!("{}@{}", mail.id.0.simple(), from.address.domain()),
            boundary_seed: mail.id.to_string(),
            from,
            to: Mailbox::bare(to.into()),
            reply_to: None,
            subject: mail.subject.clone(),
            date: mail.created_at,
            text,
            html: Some(html),
            list: None,
            auto_generated: true,
        };
        build_and_sign(&self.app, built, to, self.app.clock.now()).await
    }

    async fn record(
        &self,
        mail: &TransactionalMail,
        state: DeliveryState,
        next_attempt_at: chrono::DateTime<chrono::Utc>,
        attempted: bool,
        reply: &str,
    ) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let outcome = TransactionalOutcome {
            state,
            next_attempt_at,
            // The turn moves by as much as the attempt, so mails of one requester that were deferred together keep their distance.
            turn_at: mail.turn_at + (next_attempt_at - now).max(TimeDelta::zero()),
            attempted,
            reply,
        };
        self.record_outcome(mail.id, &outcome).await
    }

    async fn record_outcome(
        &self,
        mail: TransactionalMailId,
        outcome: &TransactionalOutcome<'_>,
    ) -> Result<(), StoreError> {
        let mut tx = self.app.store.write().await?;
        tx.record_transactional_mail(mail, self.app.node, outcome, self.app.clock.now())
            .await?;
        tx.commit().await
    }
}
