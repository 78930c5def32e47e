//! The issues of which this process holds leases. The status of each decides whether connections may take its deliveries.

use std::collections::{HashMap, HashSet};

use super::routes::Route;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::store::deliveries::DeliveryKey;

/// Whether connections may take deliveries of an issue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Status {
    #[default]
    Sending,
    /// A delivery could not be started, so the issue may have been paused or cancelled. Connections take nothing until the coordinator
    /// has read the states of all issues. If it read them just before, a delivery may still be taken. That is harmless: the recorder
    /// rejects its start.
    Unverified,
    /// A connection is storing that the issue is paused. Connections take nothing until that has succeeded or failed.
    Pausing,
}

#[derive(Debug, Default)]
struct LeasedIssue {
    status: Status,
    route: Route,
    /// Recipients whose delivery this process has leased, until its outcome is recorded or its lease is released.
    recipients: HashSet<SubscriptionId>,
}

impl LeasedIssue {
    fn is_needed(&self) -> bool {
        !self.recipients.is_empty() || self.status != Status::Sending
    }
}

#[derive(Debug, Default)]
pub(super) struct LeasedIssues(HashMap<IssueId, LeasedIssue>);

impl LeasedIssues {
    pub(super) fn insert(&mut self, (issue, recipient): DeliveryKey, route: Route) {
        let leased = self.0.entry(issue).or_default();
        leased.route = route;
        leased.recipients.insert(recipient);
    }

    pub(super) fn remove(&mut self, (issue, recipient): &DeliveryKey) {
        if let Some(leased) = self.0.get_mut(issue) {
            leased.recipients.remove(recipient);
            if !leased.is_needed() {
                self.0.remove(issue);
            }
        }
    }

    pub(super) fn contains(&self, (issue, recipient): &DeliveryKey) -> bool {
        self.0
            .get(issue)
            .is_some_and(|leased| leased.recipients.contains(recipient))
    }

    /// How many deliveries are leased, of all issues.
    pub(super) fn len(&self) -> usize {
        self.0.values().map(|leased| leased.recipients.len()).sum()
    }

    /// The issues of which at least one delivery is leased, with their routes.
    pub(super) fn with_routes(&self) -> impl Iterator<Item = (IssueId, Route)> + '_ {
        let leased = self.0.iter().filter(|(_, leased)| !leased.recipients.is_empty());
        leased.map(|(id, leased)| (*id, leased.route))
    }

    /// Whether connections may take deliveries of an issue.
    pub(super) fn may_send(&self, issue: IssueId) -> bool {
        self.0.get(&issue).is_none_or(|leased| leased.status == Status::Sending)
    }

    /// A delivery could not be started. An issue that is being paused stays so: the pause is the newer information.
    pub(super) fn start_failed(&mut self, issue: IssueId) {
        let status = &mut self.0.entry(issue).or_default().status;
        if *status == Status::Sending {
            *status = Status::Unverified;
        }
    }

    pub(super) fn pause_started(&mut self, issue: IssueId) {
        self.0.entry(issue).or_default().status = Status::Pausing;
    }

    /// The pause was stored, or that failed. Which of the two, the coordinator reads from the database.
    pub(super) fn pause_ended(&mut self, issue: IssueId) {
        self.0.entry(issue).or_default().status = Status::Unverified;
    }

    /// The coordinator has read the states of all issues. Returns whether that ends the wait of an issue.
    pub(super) fn states_read(&mut self) -> bool {
        let mut any = false;
        self.0.retain(|_, leased| {
            if leased.status == Status::Unverified {
                leased.status = Status::Sending;
                any = true;
            }
            leased.is_needed()
        });
        any
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_issue_that_is_being_paused_is_held_until_the_pause_ended_and_its_state_was_read() {
        let issue = IssueId(Uuid::from_u128(1));
        let delivery = (issue, SubscriptionId(Uuid::from_u128(2)));
        let mut issues = LeasedIssues::default();
        issues.insert(delivery, Route::GENERAL);
        assert!(issues.may_send(issue));
        issues.pause_started(issue);
        issues.start_failed(issue);
        assert!(
            !issues.states_read() && !issues.may_send(issue),
            "the pause is not stored yet"
        );
        issues.pause_ended(issue);
        assert!(!issues.may_send(issue), "the state was not read yet");
        assert!(issues.states_read() && issues.may_send(issue));
        assert!(issues.contains(&delivery) && issues.len() == 1);
    }

    #[test]
    fn an_issue_without_leases_is_forgotten_once_its_state_is_known() {
        let issue = IssueId(Uuid::from_u128(1));
        let delivery = (issue, SubscriptionId(Uuid::from_u128(2)));
        let mut issues = LeasedIssues::default();
        issues.insert(delivery, Route::GENERAL);
        issues.start_failed(issue);
        issues.remove(&delivery);
        assert!(!issues.may_send(issue) && issues.with_routes().next().is_none());
        issues.states_read();
        assert!(issues.0.is_empty());
    }
}
