//! Test mails: one copy of an issue to an operator's address. The delivery report does not count it.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::expected_audience::edition_of_issue;
use super::issue_state::{ControlError, require_issue};
use super::personalise::{IssueTemplate, PersonaliseError, Recipient, message};
use super::relays;
use super::routes::Route;
use crate::app::App;
use crate::audit::record_for_issue;
use crate::digest::with_page_of;
use crate::domain::address::EmailAddress;
use crate::domain::audit::AuditAction;
use crate::domain::ids::{IssueId, SubscriptionId, TransactionalMailId};
use crate::domain::issue_action::IssueAction;
use crate::domain::states::MailKind;
use crate::mail::outgoing::Outgoing;
use crate::mail::smtp::Outcome;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::store::rate_limits::Permit;
use crate::store::transactional_mails::{MailLinks, TransactionalMail};
use crate::store::{StoreError, Tx};

/// A queued test mail that could not be sent is given up after this time.
const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// Who causes test mails, for the turns in the queue.
const REQUESTER: &str = "tests of issues";
/// The most queued test mails in an hour to one address. Its owner may not have asked for them.
const PER_ADDRESS: u32 = 20;
/// The most queued test mails in an hour of one operator.
const PER_OPERATOR: u32 = 60;

/// Sends an issue, or an edition of it, to one address. Its unsubscribe link belongs to no subscription. Returns the relay's reply.
///
/// # Errors
/// [`ControlError`], also if the relay refuses the mail.
pub async fn send_test(app: &Arc<App>, id: IssueId, edition: Option<i64>, to: &str) -> Result<String, ControlError> {
    let address = EmailAddress::parse(to)?;
    let mut issue = match edition {
        Some(number) => edition_of_issue(app, id, number).await?,
        None => require_issue(&mut app.store.read().await?, id).await?,
    };
    let newsletter = app.store.read().await?.newsletter(issue.newsletter_id).await?;
    let now = app.clock.now();
    issue.subject = format!("[test] {}", issue.subject);
    // A new id for each test: mail programs hide a second mail with the same Message-ID.
    let (outgoing, route) = message_to(app, issue, newsletter, &address, app.rng.uuid(now)).await?;
    let (_, mut session) = relays::connect_on(app, route).await?;
    let outcome = session.send(&outgoing).await;
    session.quit().await;
    match outcome {
        Outcome::Accepted(reply) => Ok(reply.to_string()),
        Outcome::Rejected(reply)
        | Outcome::Deferred(reply)
        | Outcome::Slow { reply, .. }
        | Outcome::SenderRefused(reply) => Err(ControlError::TestMailNotAccepted(reply.to_string())),
        Outcome::RelayTrouble { text: reason, .. } | Outcome::Lost(reason) | Outcome::InDoubt(reason) => {
            Err(ControlError::TestMailNotAccepted(reason))
        }
    }
}

/// The message of a test mail, and the route of its newsletter. `seed` makes its Message-ID.
async fn message_to(
    app: &Arc<App>,
    issue: Issue,
    newsletter: Newsletter,
    address: &EmailAddress,
    seed: Uuid,
) -> Result<(Outgoing, Route), PersonaliseError> {
    let template = Arc::new(IssueTemplate::new(app, issue, newsletter)?);
    let recipient = Recipient {
        subscription: SubscriptionId(Uuid::nil()),
        message_id_seed: seed,
        address,
        name: None,
    };
    let outgoing = message(app, &template, recipient, app.clock.now()).await?;
    Ok((outgoing, template.route))
}

/// Queues an issue, or an edition of it, to one address, as it is now. It is sent like other mails to one person, so it outlives a restart.
///
/// # Errors
/// [`ControlError`]; then nothing is queued.
pub async fn queue_test(
    app: &App,
    action: impl Into<IssueAction>,
    edition: Option<i64>,
    to: &str,
) -> Result<(), ControlError> {
    let action = action.into();
    let recipient = EmailAddress::parse(to)?;
    let issue = require_issue(&mut app.store.read().await?, action.id).await?;
    // First, because compiling an edition and rendering the mail take long.
    require_permitted(app, &action, &recipient).await?;
    let issue = match edition {
        Some(number) => edition_of_issue(app, action.id, number).await?,
        None => issue,
    };
    let now = app.clock.now();
    let mail = TransactionalMail {
        id: TransactionalMailId(app.rng.uuid(now)),
        kind: MailKind::IssueTest,
        subscriber_id: None,
        reply_to: None,
        subject: format!("[test] {}", issue.subject),
        html: with_page_of(app, &issue, &issue.html),
        text: with_page_of(app, &issue, &issue.text),
        links: MailLinks::IssueTest(action.id),
        requester: REQUESTER.to_owned(),
        turn_at: now,
        attempts: 0,
        expires_at: now + LIFETIME,
        created_at: now,
        recipient,
    };
    let mut tx = app.store.write().await?;
    // The address may have been suppressed meanwhile.
    require_not_suppressed(&mut tx, app, &mail.recipient).await?;
    tx.add_transactional_mail(&mail).await?;
    let new = json!({ "to": mail.recipient.as_typed(), "edition": edition, "revision": issue.revision });
    record_for_issue(&mut tx, app, &action, AuditAction::IssueTested, None, Some(new)).await?;
    tx.commit().await?;
    app.transactional_wakeup.notify_one();
    Ok(())
}

/// Takes the permits of a test mail, and refuses one that is over a limit or to a suppressed address.
async fn require_permitted(app: &App, action: &IssueAction, recipient: &EmailAddress) -> Result<(), ControlError> {
    let mut tx = app.store.write().await?;
    // Also a refused test takes permits: otherwise an editor could ask about any number of addresses whether they are suppressed.
    if !tx
        .take_permits(&permits(app, action, recipient), app.clock.now())
        .await?
    {
        return Err(ControlError::TooManyTestMails);
    }
    let allowed = require_not_suppressed(&mut tx, app, recipient).await;
    tx.commit().await?;
    allowed
}

async fn require_not_suppressed(tx: &mut Tx, app: &App, recipient: &EmailAddress) -> Result<(), ControlError> {
    let hash = app.keys.address_hash(recipient.key());
    if tx.suppression(&hash).await?.is_some() {
        return Err(ControlError::TestAddressSuppressed);
    }
    Ok(())
}

/// What a test mail takes permits of: the limit of its recipient, and that of the operator who asks for it.
fn permits(app: &App, action: &IssueAction, recipient: &EmailAddress) -> Vec<Permit> {
    let limit = |kind: &str, name: &str, per_hour| Permit {
        key: app.keys.limit_key(kind, &[name.as_bytes()]),
        per_hour,
    };
    let operator = action
        .actor
        .as_ref()
        .map(|actor| limit("issue tests of operator", &actor.name, PER_OPERATOR));
    let recipient = limit("issue tests to address", recipient.key(), PER_ADDRESS);
    operator.into_iter().chain([recipient]).collect()
}

/// The message of a queued test mail. The content is that of the mail; the issue has the sender, and may have changed since.
pub(super) async fn queued_message(
    app: &Arc<App>,
    mail: &TransactionalMail,
    issue: IssueId,
) -> Result<(Outgoing, Route), QueuedTestError> {
    let mut tx = app.store.read().await?;
    let issue = tx.issue(issue).await?.ok_or(QueuedTestError::NoIssue)?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    drop(tx);
    let issue = Issue {
        subject: mail.subject.clone(),
        html: mail.html.clone(),
        text: mail.text.clone(),
        ..issue
    };
    Ok(message_to(app, issue, newsletter, &mail.recipient, mail.id.0).await?)
}

/// Why a queued test mail has no message.
#[derive(Debug, thiserror::Error)]
pub(super) enum QueuedTestError {
    #[error("its issue does not exist any more")]
    NoIssue,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Personalise(#[from] PersonaliseError),
}
