//! Sends transactional mails, such as confirmations, over connections of their own: a digest to a million recipients never delays a
//! sign-up.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::personalise::{PersonaliseError, build_and_sign, reply_to};
use super::retry::{RetryPolicy, disposition};
use super::routes::{Route, Routes};
use super::test_mail::{QueuedTestError, queued_message};
use crate::app::App;
use crate::bounce::relay_replies;
use crate::bounce::webhooks::reference_headers;
use crate::config::cap_name;
use crate::domain::ids::TransactionalMailId;
use crate::domain::redact::without_addresses;
use crate::domain::return_path::{Purpose, TaggedMessage};
use crate::domain::signed_links::LinkRecipient;
use crate::domain::states::{DeliveryState, MailKind};
use crate::mail::mailbox::Mailbox;
use crate::mail::message::Mail;
use crate::mail::smtp::{Outcome, Outgoing, SendError, Session};
use crate::process;
use crate::signup::{TOKEN_PLACEHOLDER, subscription_mail};
use crate::store::StoreError;
use crate::store::transactional_mails::{LeasedMail, MailLinks, TransactionalMail, TransactionalOutcome};

/// How often to look for mails without a wake-up: another process may have stored them.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// The wait before the next attempt to connect to a relay.
const RECONNECT_INTERVAL: Duration = Duration::from_secs(2);
/// The wait of a test of an issue whose relays accept no connection.
const OTHER_ROUTE_RETRY_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// A connection without work is closed after this time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends mails that are due until `stop` is cancelled. The mail in flight is finished first.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut sender = TransactionalSender {
        app: Arc::clone(&app),
        session: None,
        route: Routes::new(&app.config).of_transactional,
        process: process::current(),
    };
    let mut idle_since = Instant::now();
    while !stop.is_cancelled() {
        let pause = match sender.send_next().await {
            Ok(Step::Finished) => {
                idle_since = Instant::now();
                continue;
            }
            Ok(Step::NoRelay) => RECONNECT_INTERVAL,
            Ok(Step::NothingDue) => POLL_INTERVAL,
            Err(error) => {
                tracing::error!(%error, "transactional mail not leased or recorded; trying again");
                POLL_INTERVAL
            }
        };
        if idle_since.elapsed() > IDLE_TIMEOUT
            && let Some(open) = sender.session.take()
        {
            open.session.quit().await;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.transactional_wakeup.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    if let Some(open) = sender.session.take() {
        open.session.quit().await;
    }
}

/// What [`TransactionalSender::send_next`] did.
enum Step {
    /// It sent a mail or gave one up.
    Finished,
    /// No mail is due.
    NothingDue,
    /// No relay accepts a connection; the mails wait.
    NoRelay,
}

/// What becomes of a mail.
struct MailResult {
    state: DeliveryState,
    next_attempt_at: DateTime<Utc>,
    /// Whether this counts as an attempt.
    attempted: bool,
    /// The relay's reply, or why nothing was sent.
    reply: String,
    /// The relay whose daily cap counts the mail.
    counted_by: Option<usize>,
}

impl MailResult {
    const fn unattempted(state: DeliveryState, next_attempt_at: DateTime<Utc>, reason: String) -> Self {
        Self {
            state,
            next_attempt_at,
            attempted: false,
            reply: reason,
            counted_by: None,
        }
    }
}

/// A session that can send another mail.
struct OpenSession {
    session: Session,
    /// The index of its relay in the settings.
    relay: usize,
    /// The route for which the relay was chosen.
    route: Route,
}

struct TransactionalSender {
    app: Arc<App>,
    /// The route of all mails but tests of issues.
    route: Route,
    session: Option<OpenSession>,
    process: Option<String>,
}

impl TransactionalSender {
    /// Leases one due mail, sends it and records the outcome.
    async fn send_next(&mut self) -> Result<Step, StoreError> {
        let Some((LeasedMail { id, mail }, generation)) = self.lease().await? else {
            return Ok(Step::NothingDue);
        };
        let now = self.app.clock.now();
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
                self.record_unreadable(id, &outcome).await?;
                tracing::error!(mail.id = %id, error, "transactional mail not built");
                return Ok(Step::Finished);
            }
        };
        if mail.expires_at <= now {
            let reason = "its link has expired".to_owned();
            self.record(&mail, MailResult::unattempted(DeliveryState::Expired, now, reason))
                .await?;
            return Ok(Step::Finished);
        }
        let built = match mail.links {
            MailLinks::IssueTest(issue) => match queued_message(&self.app, &mail, issue).await {
                Err(QueuedTestError::Store(error)) => {
                    let reason = error.to_string();
                    self.record(&mail, MailResult::unattempted(DeliveryState::Queued, now, reason))
                        .await?;
                    return Err(error);
                }
                built => built.map_err(|error| error.to_string()),
            },
            _ => match self.message(&mail, generation).await {
                Ok(outgoing) => Ok((outgoing, self.route)),
                Err(error) => Err(error.to_string()),
            },
        };
        let (outgoing, route) = match built {
            Ok(built) => built,
            Err(error) => {
                let reason = format!("not sent: {error}");
                self.record(&mail, MailResult::unattempted(DeliveryState::Rejected, now, reason))
                    .await?;
                tracing::error!(mail.id = %mail.id, error, "transactional mail not built");
                return Ok(Step::Finished);
            }
        };
        let (outcome, relay) = match self.transmit(&outgoing, route, mail.kind).await {
            Ok(sent) => sent,
            Err(error) => {
                let reason = error.to_string();
                // Only a test of an issue has another route. It must not hold up the other mails until its relay is back.
                let (next_attempt_at, step) = if route == self.route {
                    (now, Step::NoRelay)
                } else {
                    (now + OTHER_ROUTE_RETRY_INTERVAL, Step::Finished)
                };
                self.record(
                    &mail,
                    MailResult::unattempted(DeliveryState::Queued, next_attempt_at, reason),
                )
                .await?;
                return Ok(step);
            }
        };
        let is_accepted = matches!(outcome, Outcome::Accepted(_));
        let counted = (is_accepted && self.app.config.relays[relay].max_per_day.is_some()).then_some(relay);
        let result = MailResult {
            counted_by: counted,
            ..self.result_of(&mail, outcome)
        };
        tracing::info!(mail.id = %mail.id, mail.kind = %mail.kind, mail.state = %result.state, "transactional mail attempted");
        self.record(&mail, result).await?;
        Ok(Step::Finished)
    }

    /// Leases a mail. The number is the recipient's [`LinkRecipient::generation`].
    async fn lease(&self) -> Result<Option<(LeasedMail, i64)>, StoreError> {
        let now = self.app.clock.now();
        // A read costs less than the write transaction, and usually no mail is due.
        if !self.app.store.read().await?.transactional_mails_due(now).await? {
            return Ok(None);
        }
        let mut tx = self.app.store.write().await?;
        tx.heartbeat(self.app.node, self.process.as_deref()).await?;
        let mail = tx.lease_transactional_mails(self.app.node, now, 1).await?.pop();
        let reader = mail
            .as_ref()
            .and_then(|leased| leased.mail.as_ref().ok()?.subscriber_id);
        let reader = match reader {
            Some(id) => tx.subscriber(id).await?,
            None => None,
        };
        tx.commit().await?;
        Ok(mail.map(|mail| (mail, reader.map_or(0, |reader| reader.link_generation))))
    }

    /// Sends a mail over the open session, if it is of the same route, or over a new one. The number is the index of the relay.
    async fn transmit(
        &mut self,
        outgoing: &Outgoing,
        route: Route,
        kind: MailKind,
    ) -> Result<(Outcome, usize), SendError> {
        let mut open = match self.session.take() {
            Some(open) if open.route == route => open,
            other => {
                if let Some(open) = other {
                    open.session.quit().await;
                }
                let (relay, session) = super::relays::connect_on(&self.app, route).await?;
                OpenSession { session, relay, route }
            }
        };
        let (relay, session) = (open.relay, &mut open.session);
        let outcome = session.send(outgoing).await;
        if let Some(metrics) = session.relay_metrics() {
            metrics.message(kind.as_str(), outcome.label());
        }
        if session.is_open() {
            self.session = Some(open);
        }
        Ok((outcome, relay))
    }

    /// Decides what becomes of a mail after an attempt.
    fn result_of(&self, mail: &TransactionalMail, outcome: Outcome) -> MailResult {
        let now = self.app.clock.now();
        let mut policy = RetryPolicy::of(&self.app);
        // The mail is useful until its link expires. A person who asked for it would rather get it twice than never.
        policy.expire_after = mail.expires_at - mail.created_at;
        policy.resend_in_doubt = true;
        let jitter = self.app.rng.fraction();
        let disposition = disposition(outcome, mail.attempts, mail.created_at, &policy, jitter, now);
        let mut next_attempt_at = disposition.next_attempt_at.unwrap_or(now);
        // A relay that refuses one mail may accept the next one. So only this mail waits, and the relay stays available.
        if let Some(reason) = &disposition.pause {
            let reason = without_addresses(reason);
            tracing::error!(mail.id = %mail.id, mail.kind = %mail.kind, reason, "transactional mail refused; trying again");
            next_attempt_at = now + policy.waits.first().copied().unwrap_or_default();
        }
        MailResult {
            state: disposition.state,
            next_attempt_at,
            attempted: disposition.attempted,
            reply: disposition.reply,
            counted_by: None,
        }
    }

    async fn message(&self, mail: &TransactionalMail, generation: i64) -> Result<Outgoing, PersonaliseError> {
        let keys = &self.app.keys;
        let (html, text) = match &mail.links {
            MailLinks::None | MailLinks::IssueTest(_) => (mail.html.clone(), mail.text.clone()),
            MailLinks::Confirmation { signing_key_id, nonce } => {
                let token = keys.confirmation_token(*signing_key_id, nonce)?;
                let filled = |body: &str| body.replace(TOKEN_PLACEHOLDER, &token);
                (filled(&mail.html), filled(&mail.text))
            }
            MailLinks::Subscriptions(subscriptions) => {
                let filled = |body| subscription_mail::fill(keys, subscriptions, body);
                (filled(&mail.html), filled(&mail.text))
            }
            MailLinks::Signed { purpose, subject } => {
                let address = &mail.recipient;
                let recipient = Some(LinkRecipient { address, generation });
                let token = keys.link_token(*purpose, *subject, recipient, mail.expires_at);
                let filled = |body: &str| body.replace(subscription_mail::LINK_PLACEHOLDER, &token);
                (filled(&mail.html), filled(&mail.text))
            }
        };
        let from = &self.app.config.mail.from;
        let from = Mailbox::try_from(from).map_err(|_| PersonaliseError::From(from.to_string()))?;
        let reply_to = mail.reply_to.as_deref().map(reply_to).transpose()?;
        let to = &mail.recipient;
        let tag = keys.tag(Purpose::MessageId, TaggedMessage::Transactional(mail.id));
        let built = Mail {
            message_id: format!("{tag}@{}", from.address.domain()),
            reference_headers: reference_headers(&self.app.config),
            boundary_seed: mail.id.to_string(),
            from,
            to: Mailbox::bare(to.into()),
            reply_to,
            subject: mail.subject.clone(),
            date: mail.created_at,
            text,
            html: Some(html),
            list: None,
            auto_generated: true,
        };
        build_and_sign(&self.app, mail.id, built, to, self.app.clock.now()).await
    }

    async fn record(&self, mail: &TransactionalMail, result: MailResult) -> Result<(), StoreError> {
        let wait = (result.next_attempt_at - self.app.clock.now()).max(TimeDelta::zero());
        let outcome = TransactionalOutcome {
            state: result.state,
            next_attempt_at: result.next_attempt_at,
            // Due mails are sent in the order of `turn_at`, and the turns of one requester's mails lie apart. A deferred mail moves its
            // turn by its wait, so the mails of one requester that are deferred together stay apart.
            turn_at: mail.turn_at + wait,
            attempted: result.attempted,
            reply: &result.reply,
        };
        let mut tx = self.app.store.write().await?;
        let recorded = tx
            .record_transactional_mail(mail.id, self.app.node, &outcome, self.app.clock.now())
            .await?;
        if let Some(relay) = result.counted_by.filter(|_| recorded) {
            let today = self.app.clock.now().date_naive();
            tx.count_towards_cap(&cap_name(&self.app.config.relays, relay), today)
                .await?;
        }
        // Operators do not become suppressed: they get notices, not newsletters.
        if recorded && result.attempted && result.state == DeliveryState::Rejected && mail.subscriber_id.is_some() {
            relay_replies::record_for_mail(&self.app, &mut tx, &mail.recipient, &result.reply).await?;
        }
        tx.commit().await
    }

    async fn record_unreadable(
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
