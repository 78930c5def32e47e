//! The message that a returned mail is about, and its recipient.

use super::origin::Origin;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::return_path::TaggedMessage;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx};

/// The message that a returned mail is about.
pub(crate) struct Target {
    pub(crate) address: EmailAddress,
    /// `None` for a transactional mail, and for an address that only the report names.
    pub(crate) subscription: Option<Subscription>,
    pub(crate) issue: Option<IssueId>,
}

impl Target {
    /// The message that a signature of ours names; `None` if there is no signature, or if the message is not on record any more.
    pub(crate) async fn of(tx: &mut Tx, origin: Origin) -> Result<Option<Self>, StoreError> {
        match origin {
            Origin::Tag(_, message) => Self::tagged(tx, message).await,
            Origin::QuotedLink { subscription, number } => Self::quoted(tx, subscription, number).await,
            Origin::ForgedTag | Origin::Unsigned => Ok(None),
        }
    }

    async fn tagged(tx: &mut Tx, message: TaggedMessage) -> Result<Option<Self>, StoreError> {
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
                Ok(Some(Self {
                    address: subscription.address.clone(),
                    subscription: Some(subscription),
                    issue,
                }))
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
        Ok(Some(Self {
            address: subscription.address.clone(),
            subscription: Some(subscription),
            issue,
        }))
    }
}
