//! Issues: built and sent, with their deliveries, editions and reports.

use chrono::{DateTime, Utc};
use daywire::delivery::control;
use daywire::delivery::report::{DeliveryReport, delivery_report};
use daywire::digest::Compiled;
use daywire::digest::build::build;
use daywire::domain::ids::{IssueId, SubscriptionId};
use daywire::domain::states::DeliveryState;
use daywire::mail::server::Verdict;
use daywire::schedule::{RunOutcome, ScheduleError, Scheduler};
use daywire::store::deliveries::ReportedDelivery;
use daywire::store::editions::Edition;
use daywire::store::issues::Issue;
use daywire::store::newsletters::Newsletter;
use uuid::Uuid;

use super::{TestApp, eventually};

impl TestApp {
    /// Builds a draft of the articles that wait for the newsletter's next issue.
    pub async fn build(&self, newsletter: &Newsletter) -> IssueId {
        let compiled = build(&self.app, newsletter.id, self.now(), None).await;
        match compiled.expect("the issue compiles") {
            Compiled::Issue(draft) => draft.issue.id,
            Compiled::Nothing(nothing) => panic!("nothing to send: {}", nothing.reason),
        }
    }

    /// Makes the runs that are due, as a process does that was started long before. It has missed no run, so it waits for no feed.
    pub async fn make_due(&self) -> Result<Vec<(String, DateTime<Utc>, RunOutcome)>, ScheduleError> {
        let scheduler = Scheduler::started_at(DateTime::<Utc>::MIN_UTC);
        scheduler.make_due(&self.app).await
    }

    /// Adds an article, builds an issue and queues its deliveries. They are sent once a sender runs.
    pub async fn send(&self, newsletter: &Newsletter) -> IssueId {
        self.articles(newsletter, 1).await;
        let id = self.build(newsletter).await;
        control::send(&self.app, id).await.expect("the issue can be sent");
        id
    }

    pub async fn issue(&self, id: IssueId) -> Issue {
        let mut tx = self.app.store.read().await.expect("the database answers");
        control::require_issue(&mut tx, id).await.expect("the issue exists")
    }

    /// The editions of an issue.
    pub async fn editions(&self, id: IssueId) -> Vec<Edition> {
        let mut tx = self.app.store.read().await.expect("the database answers");
        tx.editions_of(id).await.expect("the editions are listed")
    }

    /// Every delivery of an issue.
    pub async fn deliveries(&self, id: IssueId) -> Vec<ReportedDelivery> {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let before_all = SubscriptionId(Uuid::nil());
        let deliveries = tx.deliveries_after(id, before_all, 10_000).await;
        deliveries.expect("the deliveries are listed")
    }

    /// Waits until every open delivery was attempted at `since` or later and no attempt is in progress.
    pub async fn tried(&self, id: IssueId, since: DateTime<Utc>) {
        eventually("every open delivery was attempted", || async {
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

    /// The delivery report of an issue. Fails if it does not balance.
    pub async fn delivery_report(&self, id: IssueId) -> DeliveryReport {
        let report = delivery_report(&self.app, id).await.expect("the report is made");
        assert!(report.balanced, "{report:?}");
        assert_eq!(report.deliveries.values().sum::<i64>(), report.recipients);
        report
    }

    /// Fails if a reader gets both an issue and one of its editions, or two editions.
    pub async fn assert_one_edition_per_reader(&self, issue: IssueId) {
        let editions = self.editions(issue).await;
        let mut readers = Vec::new();
        for id in editions.iter().map(|edition| edition.id).chain([issue]) {
            readers.extend(self.deliveries(id).await.into_iter().map(|line| line.subscription_id));
        }
        let all = readers.len();
        readers.sort_unstable();
        readers.dedup();
        assert_eq!(readers.len(), all, "a reader gets two editions");
    }

    pub async fn only_delivery(&self, id: IssueId) -> ReportedDelivery {
        let mut lines = self.deliveries(id).await;
        assert_eq!(lines.len(), 1);
        lines.remove(0)
    }
}

/// A reply of the relay.
pub fn reply(code: u16, text: &str) -> Verdict {
    Verdict::Reply(code, text.to_owned())
}

/// The number in the address of a reader that [`TestApp::readers`] made.
pub fn number(address: &str) -> usize {
    let digits: String = address.chars().filter(char::is_ascii_digit).collect();
    digits.parse().expect("the address has the number of a reader")
}
