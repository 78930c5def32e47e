//! Lists of deliveries for operators: those of one issue with their addresses, and those of one subscription.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::deliveries::ReportedDelivery;
use super::issue_lists::issue_name;
use super::{Result, Tx, on, row};
use crate::domain::ids::{IssueId, NewsletterId, SubscriptionId};
use crate::domain::states::DeliveryState;

row! {
    /// A delivery and the address of its recipient.
    #[derive(Clone)]
    pub struct DeliveryWithAddress {
        pub(crate) subscription_id: SubscriptionId,
        /// The address; `None` if the subscriber was erased.
        pub address: Option<String>,
        pub(crate) state: DeliveryState,
        /// The number of attempts.
        pub attempts: i64,
        /// The relay's last reply, or why nothing was sent.
        pub last_reply: Option<String>,
        /// When it entered this state.
        pub updated_at: DateTime<Utc>,
    }
}

impl DeliveryWithAddress {
    /// The address, and the delivery as the delivery report shows it, without the address.
    #[must_use]
    pub fn split(self) -> (Option<String>, ReportedDelivery) {
        let delivery = ReportedDelivery {
            subscription_id: self.subscription_id,
            state: self.state,
            attempts: self.attempts,
            last_reply: self.last_reply,
            updated_at: self.updated_at,
        };
        (self.address, delivery)
    }
}

row! {
    /// A delivery and its issue.
    #[derive(Clone)]
    pub struct DeliveryWithIssue {
        /// The issue or edition.
        pub issue_id: IssueId,
        /// The slug of the newsletter.
        pub newsletter_slug: String,
        pub(crate) number: i64,
        /// The edition; 0 is the issue itself.
        pub edition: i64,
        /// The state of the delivery.
        pub state: DeliveryState,
        /// The number of attempts.
        pub attempts: i64,
        /// The relay's last reply, or why nothing was sent.
        pub last_reply: Option<String>,
        /// When it entered this state.
        pub updated_at: DateTime<Utc>,
    }
}

impl DeliveryWithIssue {
    /// The name of the issue.
    #[must_use]
    pub fn name(&self) -> String {
        issue_name(&self.newsletter_slug, self.number, self.edition)
    }
}

impl Tx {
    /// Deliveries of an issue page by page, in the order of their subscriptions.
    pub(crate) async fn addressed_deliveries(
        &mut self,
        issue: IssueId,
        after: Option<SubscriptionId>,
        limit: i64,
    ) -> Result<Vec<DeliveryWithAddress>> {
        Ok(on!(
            self,
            all as DeliveryWithAddress,
            "SELECT d.subscription_id, p.address, d.state, d.attempts, d.last_reply, d.updated_at FROM deliveries d \
             LEFT JOIN subscriptions s ON s.id = d.subscription_id LEFT JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE d.issue_id = $1 AND d.subscription_id > $2 ORDER BY d.subscription_id LIMIT $3",
            issue,
            after.unwrap_or(SubscriptionId(Uuid::nil())),
            limit
        )?)
    }

    /// The latest deliveries to a subscription of this newsletter.
    pub(crate) async fn deliveries_to(
        &mut self,
        subscription: SubscriptionId,
        newsletter: NewsletterId,
        limit: i64,
    ) -> Result<Vec<DeliveryWithIssue>> {
        // No index begins with the subscription, so the row of each issue is looked up by the primary key.
        Ok(on!(
            self,
            all as DeliveryWithIssue,
            "SELECT d.issue_id, n.slug AS newsletter_slug, i.number, i.edition, d.state, d.attempts, d.last_reply, \
             d.updated_at FROM issues i JOIN newsletters n ON n.id = i.newsletter_id \
             JOIN deliveries d ON d.issue_id = i.id AND d.subscription_id = $1 \
             WHERE i.newsletter_id = $2 ORDER BY i.number DESC, i.edition LIMIT $3",
            subscription,
            newsletter,
            limit
        )?)
    }
}
