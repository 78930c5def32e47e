//! The leased deliveries of this process. The coordinator adds them, and connections take them: those of their relay's routes, within the
//! limit of each recipient domain, and shared among the relays by weight.
//!
//! A leased delivery is in one of these places:
//!
//! - *ready*: no connection has looked at it yet. Connections look in the order of the leases, except that a requeued delivery goes to
//!   the front, and parked deliveries go first.
//! - *held*: ready, but its issue may not be sent at the moment. It stays ready, behind the others.
//! - *parked*: its domain is at its limit. It stays in memory with the domain.
//! - *surplus*: [`MAX_PARKED`](super::queue) deliveries of its domain are parked already. The coordinator releases it to the database for a while.
//! - *in flight*: a connection has taken it and its outcome is not recorded.
//!
//! *Waiting* means ready, parked or surplus.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::domains::{DomainFeedback, RecipientDomain};
use super::job::Job;
use super::queue::{Availability, Queue};
use super::relay_shares::{INACTIVE_AFTER, RelayShares};
use super::routes::{Route, Routes};
use crate::config::DomainLimit;
use crate::domain::ids::IssueId;
use crate::domain::sending_status::DomainStatus;
use crate::store::deliveries::DeliveryKey;

/// What a connection gets when it asks for a delivery.
#[derive(Debug)]
pub(super) enum NextJob {
    Job(Job),
    /// There is none now. Ask again at this instant, if one is given, or when [`Dispatcher::work_available`] completes.
    Wait(Option<Instant>),
}

/// The queue between the coordinator and the connections of all relays. No method waits while it holds the lock. Most take constant time;
/// those that look at every waiting delivery run once a round of the coordinator, or when no delivery may be sent.
#[derive(Debug)]
pub(super) struct Dispatcher {
    queue: Mutex<Queue>,
    work_available: Notify,
    /// Starts the coordinator's next round at once: few deliveries are left, or the state of an issue or a lease is uncertain.
    pub(super) coordinator_wakeup: Notify,
    /// More is leased when fewer deliveries of a route than this are ready.
    low_water: usize,
    routes: Routes,
}

impl Dispatcher {
    /// A dispatcher for relays of these weights, which send these routes.
    pub(super) fn new(weights: &[u32], routes: Routes, limits: &[DomainLimit], low_water: usize) -> Self {
        Self {
            queue: Mutex::new(Queue::new(weights, &routes, limits)),
            work_available: Notify::new(),
            coordinator_wakeup: Notify::new(),
            low_water,
            routes,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add_jobs(&self, jobs: Vec<Job>) {
        let mut queue = self.lock();
        for job in jobs {
            queue.leased.insert(job.key(), job.route());
            queue.ready[job.route().0].push_back(job);
        }
        drop(queue);
        self.work_available.notify_waiters();
    }

    /// Takes the next delivery for a relay.
    pub(super) fn take_job(&self, relay: usize) -> NextJob {
        let now = Instant::now();
        let mut queue = self.lock();
        let (mut taken, mut ask_at, mut is_low) = (None, None::<Instant>, false);
        for route in queue.in_turn(self.routes.of_relay(relay).collect()) {
            let ask_route_at;
            if !queue.shares[route.0].may_take(relay, now) {
                // By that time the other relays have caught up, or they count as inactive.
                ask_route_at = Some(now + INACTIVE_AFTER);
            } else if let Some(job) = queue.take_sendable(route, now) {
                taken = Some(job);
                is_low = queue.ready[route.0].len() < self.low_water;
                break;
            } else {
                is_low |= queue.ready[route.0].len() < self.low_water;
                ask_route_at = queue.next_opening(&[route], now);
            }
            ask_at = ask_at.into_iter().chain(ask_route_at).min();
        }
        let others_may_go_on = taken
            .as_ref()
            .is_some_and(|job| queue.shares[job.route().0].message_taken(relay, now));
        drop(queue);
        if is_low {
            self.coordinator_wakeup.notify_one();
        }
        if others_may_go_on {
            self.work_available.notify_waiters();
        }
        taken.map_or(NextJob::Wait(ask_at), NextJob::Job)
    }

    /// Puts a delivery that was taken and not attempted back at the front of the queue.
    pub(super) fn requeue(&self, job: Job) {
        let mut queue = self.lock();
        let name = queue.limit_name(job.domain());
        if let Some(domain) = queue.domains.get_mut(&name) {
            domain.message_ended();
        }
        queue.ready[job.route().0].push_front(job);
        drop(queue);
        self.work_available.notify_waiters();
    }

    /// Whether any delivery for a relay waits in memory, even one that must not be sent yet.
    pub(super) fn has_work(&self, relay: usize) -> bool {
        let queue = self.lock();
        let mut routes = self.routes.of_relay(relay);
        routes.any(|route| {
            let is_parked = |domain: &RecipientDomain| domain.parked.iter().any(|job| job.route() == route);
            !queue.ready[route.0].is_empty() || queue.domains.values().any(is_parked)
        })
    }

    /// Whether a connection of a relay that asked now would get a delivery. A ready delivery counts although its domain may turn out to
    /// be at its limit.
    pub(super) fn availability(&self, relay: usize) -> Availability {
        let routes: Vec<_> = self.routes.of_relay(relay).collect();
        self.lock().availability(&routes, Instant::now())
    }

    /// The same for the connections of all relays that send a route.
    pub(super) fn availability_on(&self, route: Route) -> Availability {
        self.lock().availability(&[route], Instant::now())
    }

    /// How fast messages are sent to the domains with a limit, at most 50 of them.
    pub(super) fn domain_statuses(&self, now: DateTime<Utc>) -> Vec<DomainStatus> {
        let queue = self.lock();
        let domains = queue.domains.iter();
        let mut all: Vec<_> = domains.map(|(name, domain)| domain.status(name, now)).collect();
        all.sort_by(|a, b| (b.waiting, &a.domain).cmp(&(a.waiting, &b.domain)));
        all.truncate(50);
        all
    }

    /// Completes when there may be a delivery to take. Enable this future before looking, so that no notification is missed.
    pub(super) fn work_available(&self) -> tokio::sync::futures::Notified<'_> {
        self.work_available.notified()
    }

    /// Lets every waiting connection look again.
    pub(super) fn notify_connections(&self) {
        self.work_available.notify_waiters();
    }

    /// Ends the attempt of a delivery, and changes the limits of the recipient's domain as the reply requires. `jitter` is from 0 to 1.
    ///
    /// This wakes no connection that waits for the domain: the connection that ended the attempt takes a delivery next, and parked ones
    /// go first.
    pub(super) fn attempt_ended(&self, job: &Job, feedback: DomainFeedback, jitter: f64) {
        let changes_no_limit = matches!(feedback, DomainFeedback::Accepted | DomainFeedback::Unchanged);
        let mut queue = self.lock();
        // The usual case: no domain has a limit, so the name of this one is not needed.
        if queue.domains.is_empty() && changes_no_limit {
            return;
        }
        let name = queue.limit_name(job.domain());
        let Queue { domains, limits, .. } = &mut *queue;
        if let Some(domain) = domains.get_mut(&name) {
            domain.message_ended();
            domain.apply(feedback, Instant::now(), jitter);
            if domain.is_unrestricted() && domain.parked.is_empty() {
                domains.remove(&name);
            }
        } else if !changes_no_limit {
            let mut domain = RecipientDomain::new(limits.get(&name).map(AsRef::as_ref));
            domain.apply(feedback, Instant::now(), jitter);
            domains.insert(name, domain);
        }
    }

    /// Sets whether a relay accepts connections. While it does not, the others take its share.
    pub(super) fn set_accepts_connections(&self, relay: usize, accepts: bool) {
        self.change_shares(|shares| shares.set_accepts_connections(relay, accepts));
    }

    /// Sets whether a relay may send issues now, by its daily cap and its send window. While it may not, the others take its share.
    pub(super) fn set_allowance_left(&self, relay: usize, is_left: bool) {
        self.change_shares(|shares| shares.set_allowance_left(relay, is_left));
    }

    /// Applies a change to the shares of every route. If a relay became available or unavailable, connections look again.
    fn change_shares(&self, change: impl Fn(&mut RelayShares) -> bool) {
        let mut queue = self.lock();
        let changed = queue
            .shares
            .iter_mut()
            .filter_map(|shares| change(shares).then_some(()));
        if changed.count() > 0 {
            drop(queue);
            self.work_available.notify_waiters();
        }
    }

    /// The routes of a relay that no other available relay sends.
    pub(super) fn routes_of_relay_alone(&self, relay: usize) -> Vec<Route> {
        let queue = self.lock();
        let routes = self.routes.of_relay(relay);
        routes
            .filter(|route| !queue.shares[route.0].is_another_available(relay))
            .collect()
    }

    pub(super) const fn transactional_route(&self) -> Route {
        self.routes.of_transactional
    }

    /// Whether a relay sends the mail of a route.
    pub(super) fn is_member(&self, route: Route, relay: usize) -> bool {
        self.routes.is_member(route, relay)
    }

    /// How many deliveries connections have taken and not finished.
    pub(super) fn in_flight(&self) -> usize {
        let queue = self.lock();
        let parked: usize = queue.domains.values().map(|domain| domain.parked.len()).sum();
        let ready: usize = queue.ready.iter().map(VecDeque::len).sum();
        let waiting = ready + parked + queue.surplus.len();
        queue.leased.len().saturating_sub(waiting)
    }

    /// Whether more deliveries of a route should be leased.
    pub(super) fn is_low(&self, route: Route) -> bool {
        self.lock().ready[route.0].len() < self.low_water
    }

    /// A delivery's outcome was recorded or its lease released: this process does not hold it any more.
    pub(super) fn remove_lease(&self, key: &DeliveryKey) {
        self.lock().leased.remove(key);
    }

    pub(super) fn has_lease(&self, key: &DeliveryKey) -> bool {
        self.lock().leased.contains(key)
    }

    /// The issues of which this process holds leases.
    pub(super) fn issues(&self) -> HashSet<IssueId> {
        self.lock().leased.with_routes().map(|(issue, _)| issue).collect()
    }

    /// Those of them that go by one of these routes.
    pub(super) fn issues_on(&self, routes: &[Route]) -> Vec<IssueId> {
        let queue = self.lock();
        let leased = queue.leased.with_routes();
        leased
            .filter(|(_, route)| routes.contains(route))
            .map(|(issue, _)| issue)
            .collect()
    }

    /// The database may hold leases of this process that are not known here, because a commit failed or its reply was lost.
    pub(super) fn request_reconciliation(&self) {
        self.lock().needs_reconciliation = true;
        self.coordinator_wakeup.notify_one();
    }

    /// Whether that was requested since the last call.
    pub(super) fn take_reconciliation_request(&self) -> bool {
        std::mem::take(&mut self.lock().needs_reconciliation)
    }

    /// Hands out nothing of an issue until [`Self::pause_ended`].
    pub(super) fn pause_started(&self, issue: IssueId) {
        self.lock().leased.pause_started(issue);
    }

    /// The pause was stored, or that failed. Hands out nothing of the issue until the coordinator has read its state. If the coordinator
    /// read it just before the pause was stored, a delivery may still be handed out: the recorder rejects its start.
    pub(super) fn pause_ended(&self, issue: IssueId) {
        self.lock().leased.pause_ended(issue);
        self.coordinator_wakeup.notify_one();
    }

    /// A delivery could not be started. Hands out nothing of its issue until the coordinator has read the issue's state, with the same
    /// exception.
    pub(super) fn start_failed(&self, issue: IssueId) {
        self.lock().leased.start_failed(issue);
        self.coordinator_wakeup.notify_one();
    }

    /// Applies the issues' states that the coordinator has read: removes the waiting deliveries of every issue that is not in
    /// `sending`, and returns them so that their leases are released.
    pub(super) fn remove_stopped(&self, sending: &[IssueId]) -> Vec<DeliveryKey> {
        let mut queue = self.lock();
        let may_send_again = queue.leased.states_read();
        let mut removed = Vec::new();
        let mut is_sending = |job: &Job| {
            let is_sending = sending.contains(&job.delivery.issue_id);
            if !is_sending {
                removed.push(job.key());
            }
            is_sending
        };
        for ready in &mut queue.ready {
            ready.retain(&mut is_sending);
        }
        for domain in queue.domains.values_mut() {
            domain.parked.retain(&mut is_sending);
        }
        for key in &removed {
            queue.leased.remove(key);
        }
        drop(queue);
        if may_send_again {
            self.notify_connections();
        }
        removed
    }

    /// Takes the deliveries to release to the database, and how long each should wait there.
    pub(super) fn take_surplus(&self) -> Vec<(Job, Duration)> {
        std::mem::take(&mut self.lock().surplus)
    }
}
