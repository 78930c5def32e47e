//! Pages of readers for operators, the newest first, and the subscriptions of the readers of a page.

use uuid::Uuid;

use super::subscriber_search::FoundSubscriber;
use super::{Result, Tx, on, select_over};
use crate::domain::ids::{NewsletterId, SubscriberId};
use crate::domain::states::SubscriptionState;

/// A reader's subscription: the reader, the newsletter with its slug, and the state.
pub(crate) type ReaderSubscription = (SubscriberId, NewsletterId, String, SubscriptionState);

impl Tx {
    /// Subscribers, the newest first, after the one with the id `before`.
    pub(crate) async fn newest_subscribers(
        &mut self,
        before: Option<SubscriberId>,
        limit: i64,
    ) -> Result<Vec<FoundSubscriber>> {
        Ok(on!(
            self,
            all as FoundSubscriber,
            "SELECT id, address, name, created_at FROM subscribers WHERE id < $1 ORDER BY id DESC LIMIT $2",
            before.unwrap_or(SubscriberId(Uuid::max())),
            limit
        )?)
    }

    /// Subscribers with a subscription to a newsletter in a state, the newest first, after the one with the id `before`.
    pub(crate) async fn newest_readers(
        &mut self,
        newsletter: NewsletterId,
        state: SubscriptionState,
        before: Option<SubscriberId>,
        limit: i64,
    ) -> Result<Vec<FoundSubscriber>> {
        Ok(on!(
            self,
            all as FoundSubscriber,
            "SELECT p.id, p.address, p.name, p.created_at FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE s.newsletter_id = $1 AND s.state = $2 AND s.subscriber_id < $3 ORDER BY s.subscriber_id DESC LIMIT $4",
            newsletter,
            state,
            before.unwrap_or(SubscriberId(Uuid::max())),
            limit
        )?)
    }

    /// The subscriptions of several subscribers.
    pub(crate) async fn subscriptions_of_all(
        &mut self,
        subscribers: &[SubscriberId],
    ) -> Result<Vec<ReaderSubscription>> {
        Ok(select_over!(
            self,
            "SELECT s.subscriber_id, s.newsletter_id, n.slug, s.state FROM subscriptions s \
             JOIN newsletters n ON n.id = s.newsletter_id WHERE s.subscriber_id IN (",
            ")",
            ReaderSubscription,
            subscribers,
            |id| *id
        ))
    }
}
