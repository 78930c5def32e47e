//! Test mails: one copy of an issue to an operator's address. The delivery report does not count it.

use std::sync::Arc;

use uuid::Uuid;

use super::expected_audience::edition_of_issue;
use super::issue_state::{ControlError, require_issue};
use super::personalise::{IssueTemplate, Recipient, message};
use super::relays;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::mail::smtp::Outcome;

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
    let template = Arc::new(IssueTemplate::new(app, issue, newsletter)?);
    let recipient = Recipient {
        subscription: SubscriptionId(Uuid::nil()),
        // A new id for each test: mail programs hide a second mail with the same Message-ID.
        message_id_seed: app.rng.uuid(now),
        address: &address,
        name: None,
    };
    let outgoing = message(app, &template, recipient, now).await?;
    let mut session = relays::connect_to_any_relay(app).await?;
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
