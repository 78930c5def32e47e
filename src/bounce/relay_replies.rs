//! The relay's own refusals of recipients: they are bounces too, without a returned mail.

use super::read::codes;
use super::reason::{Action, Evidence, reason};
use super::soft_bounces;
use crate::app::App;
use crate::domain::address::domain_of_key;
use crate::domain::ids::BounceId;
use crate::domain::redact::without_addresses;
use crate::domain::states::{DeliveryState, ReturnedKind, SuppressionReason};
use crate::mail::reply::Stage;
use crate::store::bounces::Bounce;
use crate::store::deliveries::DeliveryKey;
use crate::store::{StoreError, retry_on_conflict};

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
        .filter_map(|reply| Some((reply, assess(reply)?)))
        .collect();
    if about_recipients.is_empty() {
        return Ok(());
    }
    retry_on_conflict(StoreError::is_conflict, || async {
        let now = app.clock.now();
        let mut tx = app.store.write().await?;
        for (reply, bounce) in &about_recipients {
            let (issue, subscription) = reply.key;
            let Some((address_hash, key)) = tx.unrecorded_refusal(issue, subscription).await? else {
                continue;
            };
            tx.add_bounce(&Bounce {
                id: BounceId(app.rng.uuid(now)),
                returned_mail_id: None,
                address_hash: address_hash.clone(),
                domain: domain_of_key(&key).to_owned(),
                subscription_id: Some(subscription),
                issue_id: Some(issue),
                kind: ReturnedKind::Bounce,
                reason: bounce.reason.to_owned(),
                action: bounce.action.name().to_owned(),
                status: bounce.status.clone(),
                evidence: reply.reply.clone(),
                at: now,
            })
            .await?;
            if bounce.action == Action::Suppress {
                let evidence = without_addresses(&reply.reply);
                tx.suppress(&address_hash, SuppressionReason::HardBounce, &evidence, now)
                    .await?;
            } else {
                soft_bounces::pause_if_due(app, &mut tx, subscription).await?;
            }
        }
        tx.commit().await
    })
    .await
}

/// What a reply means for its recipient.
struct Assessed {
    reason: &'static str,
    action: Action,
    status: Option<String>,
}

/// `None` if the reply does not concern the recipient, or if the delivery ended without a reply.
fn assess(reply: &FinalReply) -> Option<Assessed> {
    let (code, status) = codes(&reply.reply);
    let code = code.filter(|code| reply.reply.starts_with(&code.to_string()))?;
    let reason = reason(&Evidence {
        status,
        code: Some(code),
        words: &reply.reply,
        stage: Stage::Rcpt,
    });
    let action = match reason.action() {
        // The relay asked to try again later until the delivery expired: the failure may end.
        Action::Suppress if reply.state == DeliveryState::Expired => Action::Count,
        action => action,
    };
    matches!(action, Action::Suppress | Action::Count).then(|| Assessed {
        reason: reason.name(),
        action,
        status: status.map(super::reason::written),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{IssueId, SubscriptionId};
    use uuid::Uuid;

    fn action(state: DeliveryState, reply: &str) -> Option<Action> {
        let key = (IssueId(Uuid::nil()), SubscriptionId(Uuid::nil()));
        let reply = reply.to_owned();
        assess(&FinalReply { key, state, reply }).map(|assessed| assessed.action)
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
