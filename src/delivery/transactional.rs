//! The lane of mails to one person about their own doings: a digest to a million never delays a sign-up.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::personalise::{PersonaliseError, finish};
use super::retry::{RetryPolicy, fate};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::redact::without_addresses;
use crate::domain::states::DeliveryState;
use crate::mail::mailbox::Mailbox;
use crate::mail::message::Mail;
use crate::mail::smtp::Outgoing;
use crate::mail::smtp::Session;
use crate::process;
use crate::signup::{TOKEN_PLACEHOLDER, account_mail};
use crate::store::StoreError;
use crate::store::transactional_mails::{TransactionalMail, TransactionalOutcome};

/// How often to look for mails that nobody announced.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often a relay that does not let us in is tried.
const RECONNECT: Duration = Duration::from_secs(2);
/// How long a connection with nothing to do is kept.
const IDLE: Duration = Duration::from_secs(5);

/// Sends what is due, until told to stop; the mail on the wire ends first.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut lane = Lane {
        app: Arc::clone(&app),
        session: None,
        process: process::current(),
    };
    let mut idle = Duration::ZERO;
    while !stop.is_cancelled() {
        let pause = match lane.next().await {
            Ok(Next::Sent) => {
                idle = Duration::ZERO;
                continue;
            }
            Ok(Next::NoRelay) => RECONNECT,
            Ok(Next::Nothing) => LOOK_EVERY,
            Err(error) => {
                tracing::error!(%error, "could not look for transactional mails; trying again");
                LOOK_EVERY
            }
        };
        idle += pause;
        if idle > IDLE
            && let Some(session) = lane.session.take()
        {
            session.quit().await;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.transactional_wakeup.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    if let Some(session) = lane.session.take() {
        session.quit().await;
    }
}

enum Next {
    /// A mail was dealt with.
    Sent,
    /// None is due.
    Nothing,
    /// The relay does not let us in; the mails wait.
    NoRelay,
}

struct Lane {
    app: Arc<App>,
    session: Option<Session>,
    process: Option<String>,
}

impl Lane {
    /// Takes one mail that is due and deals with it.
    async fn next(&mut self) -> Result<Next, StoreError> {
        let now = self.app.clock.now();
        if !self.app.store.read().await?.transactional_mails_due(now).await? {
            return Ok(Next::Nothing);
        }
        let mut tx = self.app.store.write().await?;
        tx.heartbeat(self.app.node, self.process.as_deref()).await?;
        let mail = tx.claim_transactional_mails(self.app.node, now, 1).await?.pop();
        tx.commit().await?;
        let Some(mail) = mail else { return Ok(Next::Nothing) };
        if mail.expires_at <= now {
            self.record(&mail, DeliveryState::Expired, now, false, "it is of no use any more")
                .await?;
            return Ok(Next::Sent);
        }
        let outgoing = match self.message(&mail).await {
            Ok(made) => made,
            Err(error) => {
                let reply = format!("not sent: {error}");
                self.record(&mail, DeliveryState::Rejected, now, false, &reply).await?;
                tracing::error!(mail.id = %mail.id, %error, "a transactional mail could not be made");
                return Ok(Next::Sent);
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
        let answer = session.send(&outgoing).await;
        if session.is_open() {
            self.session = Some(session);
        }
        let now = self.app.clock.now();
        let mut policy = RetryPolicy::of(&self.app);
        // It is worth as much as its link; and a reader who asked wants it rather twice than never.
        policy.expire_after = mail.expires_at - mail.created_at;
        policy.resend_in_doubt = true;
        let fate = fate(
            answer,
            mail.attempts,
            mail.created_at,
            &policy,
            self.app.rng.fraction(),
            now,
        );
        let mut next_attempt_at = fate.next_attempt_at.unwrap_or(now);
        // A refusal of one mail does not mean that the relay is down: it may accept the next one. Only this mail waits.
        if let Some(reason) = &fate.pause {
            let reason = without_addresses(reason);
            tracing::error!(mail.id = %mail.id, mail.kind = mail.kind, reason, "transactional mail refused; trying again");
            next_attempt_at = now + policy.waits.first().copied().unwrap_or_default();
        }
        tracing::info!(mail.id = %mail.id, mail.kind = mail.kind, state = %fate.state, "transactional mail");
        self.record(&mail, fate.state, next_attempt_at, fate.attempted, &fate.reply)
            .await?;
        Ok(Next::Sent)
    }

    async fn message(&self, mail: &TransactionalMail) -> Result<Outgoing, PersonaliseError> {
        // A mail without a signing key has no confirmation link.
        let token = match mail.signing_key_id {
            Some(key) => self.app.keys.confirmation_token(key, &mail.token_nonce)?,
            None => String::new(),
        };
        let filled = |body: &str| {
            let body = body.replace(TOKEN_PLACEHOLDER, &token);
            // Without a signing key, `token_nonce` holds the ids of the subscriptions that the mail links to.
            let subscriptions = if mail.signing_key_id.is_none() {
                &mail.token_nonce[..]
            } else {
                &[]
            };
            account_mail::fill(&self.app.keys, subscriptions, &body)
        };
        let from = &self.app.config.mail.from;
        let to = EmailAddress::parse(&mail.recipient)?;
        let built = Mail {
            message_id: format!("{}@{}", mail.id.0.simple(), from.email.domain()),
            boundary_seed: mail.id.to_string(),
            from: Mailbox {
                name: from.name.clone(),
                address: from.email.to_string(),
            },
            to: Mailbox::bare(to.to_smtp()),
            reply_to: None,
            subject: mail.subject.clone(),
            date: mail.created_at,
            text: filled(&mail.text),
            html: Some(filled(&mail.html)),
            list: None,
            auto_generated: true,
        };
        finish(&self.app, built, &to, self.app.clock.now()).await
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
            state: state.as_str(),
            next_attempt_at,
            // The turn moves by as much as the attempt, so mails that were deferred together also come back in turns.
            turn_at: mail.turn_at + (next_attempt_at - now).max(TimeDelta::zero()),
            attempted,
            reply,
        };
        let mut tx = self.app.store.write().await?;
        tx.record_transactional_mail(mail.id, self.app.node, &outcome, now)
            .await?;
        tx.commit().await
    }
}
