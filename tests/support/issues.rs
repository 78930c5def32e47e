//! What a story does with an issue and asks of it.

use chrono::{DateTime, Utc};
use daywire::delivery::control;
use daywire::delivery::report::{DeliveryReport, delivery_report};
use daywire::domain::address::EmailAddress;
use daywire::domain::consent::ConsentSource;
use daywire::domain::ids::{IssueId, SubscriptionId};
use daywire::domain::states::DeliveryState;
use daywire::mail::sink::Verdict;
use daywire::store::deliveries::DeliveryLine;
use daywire::store::newsletters::Newsletter;
use uuid::Uuid;

use super::{TestApp, eventually};

impl TestApp {
    /// An issue of what waits, or of one new article, whose recipients are frozen.
    pub async fn send(&self, newsletter: &Newsletter) -> IssueId {
        self.articles(newsletter, 1).await;
        let id = self.build(newsletter).await;
        control::send(&self.app, id).await.expect("it can be sent");
        id
    }

    /// A confirmed reader whose address is suppressed: an issue has a recipient, and nothing is sent.
    pub async fn silent_reader(&self, newsletter: &Newsletter) {
        self.readers_at(newsletter, "silent.example", 1).await;
        self.suppress("reader0@silent.example", "the test says so").await;
    }

    /// Every delivery of an issue.
    pub async fn deliveries(&self, id: IssueId) -> Vec<DeliveryLine> {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let none = SubscriptionId(Uuid::nil());
        tx.deliveries_after(id, none, 10_000).await.expect("deliveries")
    }

    /// Waits until every delivery that is still open was tried at `since` or later, and none is on the wire.
    pub async fn tried(&self, id: IssueId, since: DateTime<Utc>) {
        eventually("every open delivery was tried", || async {
            let open = self
                .deliveries(id)
                .await
                .into_iter()
                .filter(|line| line.state.is_open());
            open.into_iter().all(|line| {
                line.state != DeliveryState::Sending && line.last_reply.is_some() && line.updated_at >= since
            })
        })
        .await;
    }

    /// The delivery report of an issue, which must balance.
    pub async fn delivery_report(&self, id: IssueId) -> DeliveryReport {
        let report = delivery_report(&self.app, id).await.expect("a report");
        assert!(report.balanced, "{report:?}");
        assert_eq!(report.deliveries.values().sum::<i64>(), report.recipients);
        report
    }

    /// Nobody gets an issue and an edition of it, or two editions.
    pub async fn nobody_twice(&self, issue: IssueId) {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let editions = tx.editions_of(issue).await.expect("editions");
        drop(tx);
        let mut readers = Vec::new();
        for id in editions.iter().map(|edition| edition.id).chain([issue]) {
            readers.extend(self.deliveries(id).await.into_iter().map(|line| line.subscription_id));
        }
        let all = readers.len();
        readers.sort_unstable();
        readers.dedup();
        assert_eq!(readers.len(), all, "nobody gets two");
    }

    /// The only delivery of an issue.
    pub async fn only_delivery(&self, id: IssueId) -> DeliveryLine {
        let mut lines = self.deliveries(id).await;
        assert_eq!(lines.len(), 1);
        lines.remove(0)
    }

    /// A reader's subscription to the newsletter they have.
    pub async fn subscription(&self, address: &str) -> SubscriptionId {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let address = EmailAddress::parse(address).expect("an address");
        let subscriber = tx
            .subscriber_by_address(&address)
            .await
            .expect("an answer")
            .expect("a subscriber");
        tx.subscriptions_of(subscriber.id).await.expect("an answer")[0].id
    }

    /// Puts an address on the suppression list.
    pub async fn suppress(&self, address: &str, reason: &str) {
        let address = EmailAddress::parse(address).expect("an address");
        let hash = self.app.keys.address_hash(address.key());
        let mut tx = self.app.store.write().await.expect("the database answers");
        tx.suppress(&hash, reason, self.now()).await.expect("it is suppressed");
        tx.commit().await.expect("it is stored");
    }

    /// A reader leaves.
    pub async fn leave(&self, address: &str) {
        let subscription = self.subscription(address).await;
        let left =
            daywire::unsubscribe::unsubscribe(&self.app, subscription, &ConsentSource::Other("test".to_owned()), None)
                .await;
        assert!(left.expect("an answer"), "{address} left before");
    }
}

/// An answer of the relay.
pub fn reply(code: u16, text: &str) -> Verdict {
    Verdict::Reply(code, text.to_owned())
}

/// The number of a reader made by [`TestApp::readers`].
pub fn number(address: &str) -> usize {
    let digits: String = address.chars().filter(char::is_ascii_digit).collect();
    digits.parse().expect("a reader's number")
}
