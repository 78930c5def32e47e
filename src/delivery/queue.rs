//! What the dispatcher keeps under its lock: the leased deliveries by route, the recipient domains with a
//! limit, and the shares of the relays.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::domains::RecipientDomain;
use super::job::Job;
use super::leased_issues::LeasedIssues;
use super::relay_shares::RelayShares;
use super::routes::{Route, Routes};
use crate::config::DomainLimit;

/// How many deliveries of a route wait in memory for one domain at its limit. Further ones are released to the database.
const MAX_PARKED: usize = 100;

/// Whether connections can take a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Availability {
    Now,
    /// The first parked delivery may be sent at this instant.
    At(Instant),
    /// No delivery may be sent, and no time is known at which that changes.
    Unknown,
}

#[derive(Debug)]
pub(super) struct Queue {
    /// For each route, deliveries that no connection has looked at, in the order of their leases.
    pub(super) ready: Vec<VecDeque<Job>>,
    /// Recipient domains with a limit, each with its parked deliveries. Domains that share an entry of `delivery.limits` share one here,
    /// under the first domain of that entry ([`Queue::limit_name`]).
    pub(super) domains: HashMap<String, RecipientDomain>,
    /// The entry of `delivery.limits` for each domain.
    pub(super) limits: HashMap<String, Arc<DomainLimit>>,
    /// Deliveries to release to the database, and how long each should wait there.
    pub(super) surplus: Vec<(Job, Duration)>,
    pub(super) leased: LeasedIssues,
    /// Whether the database may hold leases of this process that are not in `leased`.
    pub(super) needs_reconciliation: bool,
    /// For each route, the shares of its relays.
    pub(super) shares: Vec<RelayShares>,
    /// How often connections have asked, so that the routes of a relay take turns.
    requests: usize,
}

impl Queue {
    pub(super) fn new(weights: &[u32], routes: &Routes, limits: &[DomainLimit]) -> Self {
        let limits = limits.iter().flat_map(|limit| {
            let shared = Arc::new(limit.clone());
            limit
                .domains
                .iter()
                .map(move |domain| (domain.clone(), Arc::clone(&shared)))
        });
        let shares_of = |route| {
            let weights = weights.iter().enumerate();
            RelayShares::new(weights.map(|(relay, weight)| routes.is_member(route, relay).then_some(*weight)))
        };
        Self {
            ready: routes.all().map(|_| VecDeque::new()).collect(),
            domains: HashMap::new(),
            limits: limits.collect(),
            surplus: Vec::new(),
            leased: LeasedIssues::default(),
            needs_reconciliation: false,
            shares: routes.all().map(shares_of).collect(),
            requests: 0,
        }
    }

    /// The routes of a relay in the order in which it looks for a delivery now. The first one changes, so that an issue on one route does
    /// not hold up the others.
    pub(super) fn in_turn(&mut self, mut routes: Vec<Route>) -> Vec<Route> {
        if routes.len() > 1 {
            self.requests = self.requests.wrapping_add(1);
            let first = self.requests % routes.len();
            routes.rotate_left(first);
        }
        routes
    }

    /// Whether a connection that asked now would get a delivery of one of these routes.
    pub(super) fn availability(&self, routes: &[Route], now: Instant) -> Availability {
        let may_send = |job: &Job| self.leased.may_send(job.delivery.issue_id);
        let can_send_parked = |domain: &RecipientDomain| {
            let mut parked = domain.parked.iter();
            parked.any(|job| routes.contains(&job.route()) && may_send(job)) && domain.is_open(now)
        };
        let mut ready = routes.iter().flat_map(|route| &self.ready[route.0]);
        if ready.any(may_send) || self.domains.values().any(can_send_parked) {
            return Availability::Now;
        }
        self.next_opening(routes, now)
            .map_or(Availability::Unknown, Availability::At)
    }

    /// Takes the first delivery of a route that may be sent now. Those before it are held, parked, or become surplus.
    pub(super) fn take_sendable(&mut self, route: Route, now: Instant) -> Option<Job> {
        let leased = &self.leased;
        let may_send = |job: &Job| job.route() == route && leased.may_send(job.delivery.issue_id);
        for domain in self.domains.values_mut() {
            if let Some(first) = domain.parked.iter().position(may_send)
                && domain.start_message(now)
                && let Some(job) = domain.parked.remove(first)
            {
                return Some(job);
            }
        }
        let mut held = Vec::new();
        let mut found = None;
        while let Some(job) = self.ready[route.0].pop_front() {
            if !self.leased.may_send(job.delivery.issue_id) {
                held.push(job);
                continue;
            }
            let Some(domain) = self.entry_for(&job) else {
                found = Some(job);
                break;
            };
            // Parked deliveries of this domain go first.
            let parked = domain.parked.iter().filter(|parked| parked.route() == route).count();
            if parked == 0 && domain.start_message(now) {
                found = Some(job);
                break;
            }
            if parked < MAX_PARKED {
                domain.parked.push_back(job);
            } else {
                let wait = domain.surplus_wait(now);
                self.surplus.push((job, wait));
            }
        }
        self.ready[route.0].extend(held);
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

    /// When the first domain with parked deliveries of these routes may take a message again, if that is known.
    pub(super) fn next_opening(&self, routes: &[Route], now: Instant) -> Option<Instant> {
        let waits = |domain: &&RecipientDomain| domain.parked.iter().any(|job| routes.contains(&job.route()));
        let waiting = self.domains.values().filter(waits);
        waiting.filter_map(|domain| domain.opens_at(now)).min()
    }

    /// The key of a domain in `domains`: the first domain of its entry in `delivery.limits`, or the domain itself.
    pub(super) fn limit_name(&self, domain: &str) -> String {
        let limit = self.limits.get(domain);
        limit.map_or_else(|| domain.to_owned(), |limit| limit.domains[0].clone())
    }
}
