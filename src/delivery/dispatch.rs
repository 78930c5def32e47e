//! The leased deliveries of this process. The coordinator adds them, and connections take them, within the limit of each recipient
//! domain and shared among the relays by weight.
//!
//! A leased delivery is in one of these places:
//!
//! - *ready*: no connection has looked at it yet. Connections look in the order of the leases, except that a requeued delivery goes to
//!   the front, and parked deliveries go first.
//! - *held*: ready, but its issue may not be sent at the moment. It stays ready, behind the others.
//! - *parked*: its domain is at its limit. It stays in memory with the domain.
//! - *surplus*: [`MAX_PARKED`] deliveries of its domain are parked already. The coordinator releases it to the database for a while.
//! - *in flight*: a connection has taken it and its outcome is not recorded.
//!
//! *Waiting* means ready, parked or surplus.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::domains::{DomainFeedback, RecipientDomain};
use super::job::Job;
use super::leased_issues::LeasedIssues;
use super::relay_shares::{INACTIVE_AFTER, RelayShares};
use crate::config::DomainLimit;
use crate::domain::ids::IssueId;
use crate::domain::sending_status::DomainStatus;
use crate::store::deliveries::DeliveryKey;

/// How many deliveries wait in memory for one domain at its limit. Further ones are released to the database.
const MAX_PARKED: usize = 100;

/// What a connection gets when it asks for a delivery.
#[derive(Debug)]
pub(super) enum NextJob {
    Job(Job),
    /// There is none now. Ask again at this instant, if one is given, or when [`Dispatcher::work_available`] completes.
    Wait(Option<Instant>),
}

/// Whether connections can take a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Availability {
    Now,
    /// The first parked delivery may be sent at this instant.
    At(Instant),
    /// No delivery may be sent, and no time is known at which that changes.
    Unknown,
}

/// The queue between the coordinator and the connections of all relays. No method waits while it holds the lock. Most take constant time;
/// those that look at every waiting delivery run once a round of the coordinator, or when no delivery may be sent.
#[derive(Debug)]
pub(super) struct Dispatcher {
    queue: Mutex<Queue>,
    work_available: Notify,
    /// Starts the coordinator's next round at once: few deliveries are left, or the state of an issue or a lease is uncertain.
    pub(super) coordinator_wakeup: Notify,
    /// More is leased when fewer deliveries than this are ready.
    low_water: usize,
}

#[derive(Debug)]
struct Queue {
    /// Deliveries that no connection has looked at, in the order of their leases.
    ready: VecDeque<Job>,
    /// Recipient domains with a limit, each with its parked deliveries. Domains that share an entry of `delivery.limits` share one here,
    /// under the first domain of that entry ([`Queue::limit_name`]).
    domains: HashMap<String, RecipientDomain>,
    /// The entry of `delivery.limits` for each domain.
    limits: HashMap<String, Arc<DomainLimit>>,
    /// Deliveries to release to the database, and how long each should wait there.
    surplus: Vec<(Job, Duration)>,
    leased: LeasedIssues,
    /// Whether the database may hold leases of this process that are not in `leased`.
    needs_reconciliation: bool,
    relays: RelayShares,
}

impl Dispatcher {
    /// A dispatcher for relays of these weights.
    pub(super) fn new(weights: &[u32], limits: &[DomainLimit], low_water: usize) -> Self {
        let limits = limits.iter().flat_map(|limit| {
            let shared = Arc::new(limit.clone());
            limit
                .domains
                .iter()
                .map(move |domain| (domain.clone(), Arc::clone(&shared)))
        });
        Self {
            queue: Mutex::new(Queue {
                ready: VecDeque::new(),
                domains: HashMap::new(),
                limits: limits.collect(),
                surplus: Vec::new(),
                leased: LeasedIssues::default(),
                needs_reconciliation: false,
                relays: RelayShares::new(weights),
            }),
            work_available: Notify::new(),
            coordinator_wakeup: Notify::new(),
            low_water,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add_jobs(&self, jobs: Vec<Job>) {
        let mut queue = self.lock();
        for job in jobs {
            queue.leased.insert(job.key());
            queue.ready.push_back(job);
        }
        drop(queue);
        self.work_available.notify_waiters();
    }

    /// Takes the next delivery for a relay.
    pub(super) fn take_job(&self, relay: usize) -> NextJob {
        let now = Instant::now();
        let mut queue = self.lock();
        if !queue.relays.may_take(relay, now) {
            // By that time the other relays have caught up, or they count as inactive.
            return NextJob::Wait(Some(now + INACTIVE_AFTER));
        }
        let Some(job) = queue.take_sendable(now) else {
            let (is_low, opening) = (queue.ready.len() < self.low_water, queue.next_opening(now));
            drop(queue);
            if is_low {
                self.coordinator_wakeup.notify_one();
            }
            return NextJob::Wait(opening);
        };
        let is_low = queue.ready.len() < self.low_water;
        let others_may_go_on = queue.relays.message_taken(relay, now);
        drop(queue);
        if is_low {
            self.coordinator_wakeup.notify_one();
        }
        if others_may_go_on {
            self.work_available.notify_waiters();
        }
        NextJob::Job(job)
    }

    /// Puts a delivery that was taken and not attempted back at the front of the queue.
    pub(super) fn requeue(&self, job: Job) {
        let mut queue = self.lock();
        let name = queue.limit_name(job.domain());
        if let Some(domain) = queue.domains.get_mut(&name) {
            domain.message_ended();
        }
        queue.ready.push_front(job);
        drop(queue);
        self.work_available.notify_waiters();
    }

    /// Whether any delivery waits in memory, even one that must not be sent yet.
    pub(super) fn has_work(&self) -> bool {
        let queue = self.lock();
        !queue.ready.is_empty() || queue.domains.values().any(|domain| !domain.parked.is_empty())
    }

    /// Whether a connection that asked now would get a delivery. A ready delivery counts although its domain may turn out to be at its
    /// limit.
    pub(super) fn availability(&self) -> Availability {
        let now = Instant::now();
        let queue = self.lock();
        let may_send = |job: &Job| queue.leased.may_send(job.delivery.issue_id);
        let can_send_parked =
            |domain: &RecipientDomain| domain.parked.front().is_some_and(may_send) && domain.is_open(now);
        if queue.ready.iter().any(may_send) || queue.domains.values().any(can_send_parked) {
            return Availability::Now;
        }
        queue.next_opening(now).map_or(Availability::Unknown, Availability::At)
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
        if self.lock().relays.set_accepts_connections(relay, accepts) {
            self.work_available.notify_waiters();
        }
    }

    /// Sets whether a relay has an allowance of its warm-up cap. While it has none, the others take its share.
    pub(super) fn set_allowance_left(&self, relay: usize, is_left: bool) {
        if self.lock().relays.set_allowance_left(relay, is_left) {
            self.work_available.notify_waiters();
        }
    }

    pub(super) fn is_another_relay_available(&self, relay: usize) -> bool {
        self.lock().relays.is_another_available(relay)
    }

    /// How many deliveries connections have taken and not finished.
    pub(super) fn in_flight(&self) -> usize {
        let queue = self.lock();
        let parked: usize = queue.domains.values().map(|domain| domain.parked.len()).sum();
        let waiting = queue.ready.len() + parked + queue.surplus.len();
        queue.leased.len().saturating_sub(waiting)
    }

    /// Whether more deliveries should be leased.
    pub(super) fn is_low(&self) -> bool {
        self.lock().ready.len() < self.low_water
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
        self.lock().leased.ids()
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
        queue.ready.retain(&mut is_sending);
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

impl Queue {
    /// Takes the first delivery that may be sent now. Those before it are held, parked, or become surplus.
    fn take_sendable(&mut self, now: Instant) -> Option<Job> {
        let leased = &self.leased;
        for domain in self.domains.values_mut() {
            let first = domain.parked.front();
            if first.is_some_and(|job| leased.may_send(job.delivery.issue_id))
                && domain.start_message(now)
                && let Some(job) = domain.parked.pop_front()
            {
                return Some(job);
            }
        }
        let mut held = Vec::new();
        let mut found = None;
        while let Some(job) = self.ready.pop_front() {
            if !self.leased.may_send(job.delivery.issue_id) {
                held.push(job);
                continue;
            }
            let Some(domain) = self.entry_for(&job) else {
                found = Some(job);
                break;
            };
            // Parked deliveries of this domain go first.
            if domain.parked.is_empty() && domain.start_message(now) {
                found = Some(job);
                break;
            }
            if domain.parked.len() < MAX_PARKED {
                domain.parked.push_back(job);
            } else {
                let wait = domain.surplus_wait(now);
                self.surplus.push((job, wait));
            }
        }
        self.ready.extend(held);
        found
    }

    /// The entry of the recipient's domain, inserted if `delivery.limits` has the domain; `None` if it has no limit.
    fn entry_for(&mut self, job: &Job) -> Option<&mut RecipientDomain> {
        let name = self.limit_name(job.domain());
        if !self.domains.contains_key(&name)
            && let Some(limit) = self.limits.get(&name)
        {
            self.domains.insert(name.clone(), RecipientDomain::new(Some(limit)));
        }
        self.domains.get_mut(&name)
    }

    /// When the first domain with parked deliveries may take a message again, if that is known.
    fn next_opening(&self, now: Instant) -> Option<Instant> {
        let waiting = self.domains.values().filter(|domain| !domain.parked.is_empty());
        waiting.filter_map(|domain| domain.opens_at(now)).min()
    }

    /// The key of a domain in `domains`: the first domain of its entry in `delivery.limits`, or the domain itself.
    fn limit_name(&self, domain: &str) -> String {
        let limit = self.limits.get(domain);
        limit.map_or_else(|| domain.to_owned(), |limit| limit.domains[0].clone())
    }
}
