//! The message that a returned mail is about, and its recipient.

use chrono::{DateTime, Utc};

use super::origin::Origin;
use super::read::ReportedRecipient;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::return_path::TaggedMessage;
use crate::store::address_changes::address_at;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx};

/// The message that a returned mail is about.
pub(crate) struct Target {
    /// The address that the message was sent to.
    pub(crate) address: EmailAddress,
    /// `None` for a transactional mail, for an address that only the report names, and if the subscriber has another address by now: what
    /// comes back from the old mailbox says nothing about the new one.
    pub(crate) subscription: Option<Subscription>,
    pub(crate) issue: Option<IssueId>,
}

impl Target {
    /// The message that a signature of ours names; `None` if there is no signature, or if the message is not on record any more.
    /// `reported` are the recipients that the returned mail names.
    pub(crate) async fn of(
        tx: &mut Tx,
        origin: Origin,
        reported: &[ReportedRecipient],
    ) -> Result<Option<Self>, StoreError> {
        match origin {
            Origin::Tag(_, message) => Self::tagged(tx, message, reported).await,
            Origin::QuotedLink { subscription, number } => Self::quoted(tx, subscription, number, reported).await,
            Origin::ForgedTag | Origin::Unsigned => Ok(None),
        }
    }

    async fn tagged(
        tx: &mut Tx,
        message: TaggedMessage,
        reported: &[ReportedRecipient],
    ) -> Result<Option<Self>, StoreError> {
        match message {
            TaggedMessage::Delivery {
                subscription,
                number,
                edition,
            } => {
                let Some(subscription) = tx.subscription(subscription).await? else {
                    return Ok(None);
                };
                let issue = tx
                    .issue_with_number(subscription.newsletter_id, number.into(), edition.into())
                    .await?;
                Self::delivered(tx, subscription, issue, reported).await.map(Some)
            }
            TaggedMessage::Transactional(id) => {
                let recipient = tx.recipient_of_transactional_mail(id).await?;
                Ok(recipient.map(|address| Self {
                    address,
                    subscription: None,
                    issue: None,
                }))
            }
        }
    }

    async fn quoted(
        tx: &mut Tx,
        subscription: SubscriptionId,
        number: Option<i64>,
        reported: &[ReportedRecipient],
    ) -> Result<Option<Self>, StoreError> {
        let Some(subscription) = tx.subscription(subscription).await? else {
            return Ok(None);
        };
        let issue = match number {
            Some(number) => {
                tx.delivered_issue_with_number(subscription.newsletter_id, number, subscription.id)
                    .await?
            }
            None => None,
        };
        Self::delivered(tx, subscription, issue, reported).await.map(Some)
    }

    /// The message of an issue. The subscriber may have changed the address since it was sent.
    async fn delivered(
        tx: &mut Tx,
        subscription: Subscription,
        issue: Option<IssueId>,
        reported: &[ReportedRecipient],
    ) -> Result<Self, StoreError> {
        let changes = tx.address_changes_of(subscription.subscriber_id).await?;
        let sent_at = match issue {
            Some(issue) if !changes.is_empty() => sent_at(tx, issue, subscription.id).await?,
            _ => None,
        };
        let address = if let Some(at) = sent_at {
            address_at(&changes, &subscription.address, at).clone()
        } else {
            // The issue is not known. An old address that the report names is the one that it is about.
            let mut old = changes.iter().map(|change| &change.from_address);
            let named = old.find(|old| reported.iter().any(|reported| reported.address == **old));
            named.unwrap_or(&subscription.address).clone()
        };
        let is_current = address.key() == subscription.address.key();
        Ok(Self {
            address,
            subscription: Some(subscription).filter(|_| is_current),
            issue,
        })
    }
}

/// When the message of an issue to a subscription was sent: exactly, or when its issue started, after the delivery was compacted.
async fn sent_at(
    tx: &mut Tx,
    issue: IssueId,
    subscription: SubscriptionId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    if let Some(at) = tx.delivery_changed_at(issue, subscription).await? {
        return Ok(Some(at));
    }
    Ok(tx.issue(issue).await?.and_then(|issue| issue.started_at))
}
