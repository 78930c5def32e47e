//! The relay's own refusals of recipients: they are bounces too, without a returned mail.

use chrono::{DateTime, Utc};

use super::read::codes;
use super::reason::{Action, Evidence, reason};
use super::soft_bounces;
use super::sources::RELAY;
use crate::app::App;
use crate::domain::address::{EmailAddress, domain_of_key};
use crate::domain::ids::BounceId;
use crate::domain::redact::without_addresses;
use crate::domain::states::{DeliveryState, ReturnedKind, SuppressionReason};
use crate::mail::reply::Stage;
use crate::store::bounces::Bounce;
use crate::store::deliveries::DeliveryKey;
use crate::store::{StoreError, Tx, retry_on_conflict};

/// The last reply to a delivery that ended without success.
#[derive(Clone, Debug)]
pub(crate) struct FinalReply {
    pub(crate) key: DeliveryKey,
    /// `rejected` or `expired`; no other state ends without success.
    pub(crate) state: DeliveryState,
    /// The reply as it is stored: code, enhanced code and text.
    pub(crate) reply: String,
}

/// Puts final replies on record. A permanent reply about the recipient suppresses the address; a full mailbox and the like count. Replies
/// about the sender or the message lead to nothing. A reply that is recorded twice counts once.
///
/// # Errors
/// When the database fails: nothing is on record then.
pub(crate) async fn record(app: &App, replies: &[FinalReply]) -> Result<(), StoreError> {
    let about_recipients: Vec<_> = replies
        .iter()
        .filter_map(|reply| Some((reply, assess(reply.state, &reply.reply)?)))
        .collect();
    if about_recipients.is_empty() {
        return Ok(());
    }
    retry_on_conflict(StoreError::is_conflict, || async {
        let now = app.clock.now();
        let mut tx = app.store.write().await?;
        for (reply, assessed) in &about_recipients {
            let (issue, subscription) = reply.key;
            let Some((address_hash, key)) = tx.unrecorded_refusal(issue, subscription).await? else {
                continue;
            };
            let bounce = assessed.bounce(BounceId(app.rng.uuid(now)), address_hash, domain_of_key(&key), now);
            act(
                &mut tx,
                &Bounce {
                    subscription_id: Some(subscription),
                    issue_id: Some(issue),
                    ..bounce
                },
                assessed,
            )
            .await?;
            if assessed.action == Action::Count {
                soft_bounces::pause_if_due(app, &mut tx, subscription).await?;
            }
        }
        tx.commit().await
    })
    .await
}

/// Puts the permanent refusal of a transactional mail to a subscriber on record, such as a confirmation. If it is about the recipient, the
/// address is suppressed.
///
/// # Errors
/// When the database fails.
pub(crate) async fn record_for_mail(
    app: &App,
    tx: &mut Tx,
    recipient: &EmailAddress,
    reply: &str,
) -> Result<(), StoreError> {
    let Some(assessed) = assess(DeliveryState::Rejected, reply) else {
        return Ok(());
    };
    let now = app.clock.now();
    let address_hash = app.keys.address_hash(recipient.key()).to_vec();
    let bounce = assessed.bounce(BounceId(app.rng.uuid(now)), address_hash, recipient.domain(), now);
    act(tx, &bounce, &assessed).await
}

async fn act(tx: &mut Tx, bounce: &Bounce, assessed: &Assessed) -> Result<(), StoreError> {
    tx.add_bounce(bounce).await?;
    if assessed.action == Action::Suppress {
        let evidence = without_addresses(&bounce.evidence);
        tx.suppress(
            &bounce.address_hash,
            SuppressionReason::HardBounce,
            &evidence,
            bounce.at,
        )
        .await?;
    }
    Ok(())
}

/// Whether a permanent reply of the relay suppresses the address of the recipient.
pub(crate) fn suppresses(reply: &str) -> bool {
    assess(DeliveryState::Rejected, reply).is_some_and(|assessed| assessed.action == Action::Suppress)
}

/// What a reply means for its recipient.
struct Assessed {
    reason: &'static str,
    action: Action,
    status: Option<String>,
    /// The reply as it is stored: code, enhanced code and text.
    reply: String,
}

impl Assessed {
    fn bounce(&self, id: BounceId, address_hash: Vec<u8>, domain: &str, at: DateTime<Utc>) -> Bounce {
        Bounce {
            id,
            returned_mail_id: None,
            address_hash,
            domain: domain.to_owned(),
            subscription_id: None,
            issue_id: None,
            kind: ReturnedKind::Bounce,
            reason: self.reason.to_owned(),
            action: self.action.name().to_owned(),
            status: self.status.clone(),
            // What is on record outlives the erasure of the subscriber.
            evidence: without_addresses(&self.reply),
            source: RELAY.to_owned(),
            at,
        }
    }
}

/// `None` if the reply does not concern the recipient, or if the delivery ended without a reply.
fn assess(state: DeliveryState, reply: &str) -> Option<Assessed> {
    let (code, status) = codes(reply);
    let code = code.filter(|code| reply.starts_with(&code.to_string()))?;
    let reason = reason(&Evidence {
        status,
        code: Some(code),
        words: reply,
        stage: Stage::Rcpt,
    });
    let action = match reason.action() {
        // The relay asked to try again later until the delivery expired: the failure may end.
        Action::Suppress if state == DeliveryState::Expired => Action::Count,
        action => action,
    };
    matches!(action, Action::Suppress | Action::Count).then(|| Assessed {
        reason: reason.name(),
        action,
        status: status.map(super::reason::status_text),
        reply: reply.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(state: DeliveryState, reply: &str) -> Option<Action> {
        assess(state, reply).map(|assessed| assessed.action)
    }

    #[test]
    fn a_permanent_reply_about_the_recipient_suppresses() {
        for reply in [
            "550 5.1.1 User unknown",
            "550 5.1.2 Host unknown",
            "550 5.1.3 bad address",
            "550 5.1.6 moved",
            "550 5.1.10 no such recipient",
            "550 5.2.1 mailbox disabled, not accepting messages",
            "550 no such user here",
        ] {
            assert_eq!(
                action(DeliveryState::Rejected, reply),
                Some(Action::Suppress),
                "{reply}"
            );
        }
    }

    #[test]
    fn a_full_mailbox_and_an_expired_delivery_count() {
        assert_eq!(
            action(DeliveryState::Rejected, "552 5.2.2 Over quota"),
            Some(Action::Count)
        );
        assert_eq!(
            action(DeliveryState::Expired, "452 4.2.2 mailbox full"),
            Some(Action::Count)
        );
        assert_eq!(
            action(DeliveryState::Expired, "450 4.1.1 User unknown"),
            Some(Action::Count)
        );
    }

    #[test]
    fn a_reply_about_the_sender_or_the_message_leads_to_nothing() {
        for reply in [
            "550 5.7.1 rejected by policy",
            "554 5.7.26 unauthenticated mail",
            "552 5.3.4 message too big",
            "554 5.6.0 malformed",
            "the server closed the connection",
            "expired after 4 days",
        ] {
            assert_eq!(action(DeliveryState::Rejected, reply), None, "{reply}");
        }
    }
}
