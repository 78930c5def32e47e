//! Leased deliveries between the coordinator, which fills this, and the connections, which take from it: in turn, at the
//! pace of each recipient domain, and shared out among the relays by their weights.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::domains::{Domain, Heard};
use super::personalise::{IssueParts, Signed};
use crate::config::DomainLimit;
use crate::domain::address::EmailAddress;
use crate::domain::ids::IssueId;
use crate::store::deliveries::DeliveryKey;
use crate::store::leases::LeasedDelivery;

/// How many deliveries of one domain wait here for their turn; more go back to the database.
const PARKED: usize = 100;
/// How many messages a relay may be ahead of its share.
const SLACK: f64 = 32.0;
/// A relay that asks for nothing for so long is not waited for: it is away, or has not answered yet.
const PATIENCE: Duration = Duration::from_secs(2);

/// One delivery to make.
#[derive(Clone, Debug)]
pub struct Job {
    /// What all messages of the issue share.
    pub parts: Arc<IssueParts>,
    /// Whose turn it is.
    pub delivery: LeasedDelivery,
    /// What could be made of its message beforehand.
    pub signed: Option<Box<Signed>>,
    /// The domain of the recipient's address as A-labels in lower case, however the address was typed.
    pub domain: String,
}

impl Job {
    /// What names the delivery.
    #[must_use]
    pub const fn key(&self) -> DeliveryKey {
        (self.delivery.issue_id, self.delivery.subscription_id)
    }

    /// A delivery with the domain of its recipient.
    #[must_use]
    pub fn new(parts: Arc<IssueParts>, delivery: LeasedDelivery, signed: Option<Box<Signed>>) -> Self {
        let domain = domain_of(&delivery.address);
        Self {
            parts,
            delivery,
            signed,
            domain,
        }
    }
}

/// The domain of an address in the form that the limits use. An address that cannot be parsed is never sent to.
pub(super) fn domain_of(address: &str) -> String {
    EmailAddress::parse(address).map_or_else(|_| String::new(), |address| address.domain().to_owned())
}

/// What a connection gets when it asks for work.
#[derive(Debug)]
pub enum Take {
    /// A delivery.
    Job(Job),
    /// Nothing now; at the instant named, if any, something may be ready.
    Nothing(Option<Instant>),
}

/// The shared state; every method takes its lock for a moment.
#[derive(Debug)]
pub struct Dispatch {
    inner: Mutex<Inner>,
    /// Rung when there may be something to take.
    work: Notify,
    /// Rung when more should be leased, or an issue looked at.
    pub low: Notify,
    low_water: usize,
}

#[derive(Debug)]
struct Inner {
    ready: VecDeque<Job>,
    domains: HashMap<String, Domain>,
    /// The limits of every domain that has some; domains that share their servers share one.
    limits: HashMap<String, Arc<DomainLimit>>,
    /// Too many for their domain: to be put back until the time named.
    surplus: Vec<(Job, Duration)>,
    /// All that this process leased and is not done with.
    held: HashSet<DeliveryKey>,
    /// Issues of which a delivery could not be begun: nothing of them is handed out until they have been looked at.
    suspects: HashSet<IssueId>,
    /// Issues that are just being paused: nothing of them is handed out until that is on record.
    pausing: HashSet<IssueId>,
    /// Whether the database may hold leases of ours that are not in `held`.
    in_doubt: bool,
    lanes: Vec<Share>,
}

/// A relay's share of the messages.
#[derive(Clone, Debug)]
struct Share {
    weight: f64,
    /// Messages taken, divided by the weight.
    taken: f64,
    open: bool,
    /// When a connection of it asked for work last.
    asked: Option<Instant>,
    /// A connection of it was told to wait, because it was ahead.
    waits: bool,
}

impl Share {
    /// Whether its share is kept for it.
    fn counts(&self, now: Instant) -> bool {
        self.open && self.asked.is_some_and(|asked| now - asked < PATIENCE)
    }
}

impl Dispatch {
    /// For relays of these weights. More is asked for when fewer than `low_water` deliveries are ready.
    #[must_use]
    pub fn new(weights: &[u32], limits: &[DomainLimit], low_water: usize) -> Self {
        let limits = limits.iter().flat_map(|limit| {
            let shared = Arc::new(limit.clone());
            limit
                .domains
                .iter()
                .map(move |domain| (domain.clone(), Arc::clone(&shared)))
        });
        let share = |weight: &u32| Share {
            weight: f64::from((*weight).max(1)),
            taken: 0.0,
            open: true,
            asked: None,
            waits: false,
        };
        Self {
            inner: Mutex::new(Inner {
                ready: VecDeque::new(),
                domains: HashMap::new(),
                limits: limits.collect(),
                surplus: Vec::new(),
                held: HashSet::new(),
                suspects: HashSet::new(),
                pausing: HashSet::new(),
                in_doubt: false,
                lanes: weights.iter().map(share).collect(),
            }),
            work: Notify::new(),
            low: Notify::new(),
            low_water,
        }
    }

    /// Puts leased deliveries in.
    pub fn add(&self, jobs: Vec<Job>) {
        let mut inner = self.lock();
        for job in jobs {
            inner.held.insert(job.key());
            inner.ready.push_back(job);
        }
        drop(inner);
        self.work.notify_waiters();
    }

    /// Gives a delivery back that was taken and not begun; it is the next to be taken.
    pub fn put_back(&self, job: Job) {
        let mut inner = self.lock();
        let name = inner.provider(&job.domain);
        if let Some(domain) = inner.domains.get_mut(&name) {
            domain.left();
        }
        inner.ready.push_front(job);
        drop(inner);
        self.work.notify_waiters();
    }

    /// Takes the next delivery for a relay.
    pub fn take(&self, lane: usize) -> Take {
        let now = Instant::now();
        let mut inner = self.lock();
        if !inner.asks(lane, now) {
            // By then the others have either caught up or are not waited for any more.
            return Take::Nothing(Some(now + PATIENCE));
        }
        let job = inner.next(now);
        let low = inner.ready.len() < self.low_water;
        let next_look = job.is_none().then(|| inner.next_opening(now)).flatten();
        let caught_up = job.is_some() && inner.count(lane, now);
        drop(inner);
        if low {
            self.low.notify_one();
        }
        if caught_up {
            self.work.notify_waiters();
        }
        job.map_or(Take::Nothing(next_look), Take::Job)
    }

    /// Whether a delivery is at hand, without taking it.
    pub fn has_work(&self) -> bool {
        let inner = self.lock();
        !inner.ready.is_empty() || inner.domains.values().any(|domain| !domain.parked.is_empty())
    }

    /// Whether a delivery may go out now, without taking it; if not, when one may, where that is known.
    pub fn has_work_now(&self) -> Result<(), Option<Instant>> {
        let now = Instant::now();
        let inner = self.lock();
        let mut parked = inner.domains.values().filter(|domain| !domain.parked.is_empty());
        if !inner.ready.is_empty() || parked.any(|domain| domain.is_open(now)) {
            return Ok(());
        }
        Err(inner.next_opening(now))
    }

    /// There may be something to take.
    pub fn ring(&self) {
        self.work.notify_waiters();
    }

    /// Rung when there may be something to take. Ask for this before looking, so that nothing is missed.
    pub fn work(&self) -> tokio::sync::futures::Notified<'_> {
        self.work.notified()
    }

    /// Notes what a recipient's server said of a delivery that was taken.
    pub fn heard(&self, job: &Job, heard: Heard, jitter: f64) {
        let mut inner = self.lock();
        if inner.domains.is_empty() && matches!(heard, Heard::Well | Heard::Nothing) {
            return;
        }
        let name = inner.provider(&job.domain);
        let Inner { domains, limits, .. } = &mut *inner;
        if let Some(domain) = domains.get_mut(&name) {
            domain.left();
            domain.heard(heard, Instant::now(), jitter);
            if domain.is_free() && domain.parked.is_empty() {
                domains.remove(&name);
            }
        } else if heard != Heard::Well && heard != Heard::Nothing {
            let mut domain = Domain::new(limits.get(&name).map(AsRef::as_ref));
            domain.heard(heard, Instant::now(), jitter);
            domains.insert(name, domain);
        }
    }

    /// A relay lets us in, or does not: while it does not, the others take its share.
    pub fn set_open(&self, lane: usize, open: bool) {
        let mut inner = self.lock();
        let share = &mut inner.lanes[lane];
        if share.open != open {
            share.open = open;
            share.asked = None;
            drop(inner);
            self.work.notify_waiters();
        }
    }

    /// Whether another relay than this one lets us in.
    pub fn others_open(&self, lane: usize) -> bool {
        let inner = self.lock();
        inner
            .lanes
            .iter()
            .enumerate()
            .any(|(at, share)| at != lane && share.open)
    }

    /// How many deliveries the connections have taken and not finished.
    pub fn in_flight(&self) -> usize {
        let inner = self.lock();
        let parked: usize = inner.domains.values().map(|domain| domain.parked.len()).sum();
        inner
            .held
            .len()
            .saturating_sub(inner.ready.len() + parked + inner.surplus.len())
    }

    /// Whether more deliveries should be leased.
    pub fn wants(&self) -> bool {
        self.lock().ready.len() < self.low_water
    }

    /// Forgets a delivery that is done with, or given back.
    pub fn forget(&self, key: &DeliveryKey) {
        self.lock().held.remove(key);
    }

    /// Whether this process holds a delivery.
    pub fn holds(&self, key: &DeliveryKey) -> bool {
        self.lock().held.contains(key)
    }

    /// Issues of which something is held.
    pub fn issues(&self) -> HashSet<IssueId> {
        self.lock().held.iter().map(|(issue, _)| *issue).collect()
    }

    /// The database may hold leases of ours that are not known here.
    pub fn doubt(&self) {
        self.lock().in_doubt = true;
        self.low.notify_one();
    }

    /// Whether that is so; asked once.
    pub fn take_doubt(&self) -> bool {
        std::mem::take(&mut self.lock().in_doubt)
    }

    /// Nothing of this issue is handed out while it is being paused.
    pub fn pausing(&self, issue: IssueId) {
        self.lock().pausing.insert(issue);
    }

    /// It is paused, or could not be.
    pub fn paused(&self, issue: IssueId) {
        let mut inner = self.lock();
        inner.pausing.remove(&issue);
        inner.suspects.insert(issue);
        drop(inner);
        self.low.notify_one();
    }

    /// Nothing of this issue is handed out until somebody has looked at it: a delivery could not be begun.
    pub fn suspect(&self, issue: IssueId) {
        self.lock().suspects.insert(issue);
        self.low.notify_one();
    }

    /// What is left of issues that are not being sent any more, for leases to be given back; the others go on.
    pub fn withdraw(&self, sending: &[IssueId]) -> Vec<DeliveryKey> {
        let mut inner = self.lock();
        let suspects = !std::mem::take(&mut inner.suspects).is_empty();
        let mut withdrawn = Vec::new();
        let mut keep = |job: &Job| {
            let keep = sending.contains(&job.delivery.issue_id);
            if !keep {
                withdrawn.push(job.key());
            }
            keep
        };
        inner.ready.retain(&mut keep);
        for domain in inner.domains.values_mut() {
            domain.parked.retain(&mut keep);
        }
        for key in &withdrawn {
            inner.held.remove(key);
        }
        drop(inner);
        if suspects {
            self.ring();
        }
        withdrawn
    }

    /// What is to be put back in the database, and for how long.
    pub fn surplus(&self) -> Vec<(Job, Duration)> {
        std::mem::take(&mut self.lock().surplus)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn next(&mut self, now: Instant) -> Option<Job> {
        let held: HashSet<IssueId> = self.suspects.union(&self.pausing).copied().collect();
        let is_held = |job: &Job| held.contains(&job.delivery.issue_id);
        for domain in self.domains.values_mut() {
            if domain.parked.front().is_some_and(|job| !is_held(job))
                && domain.admits(now)
                && let Some(job) = domain.parked.pop_front()
            {
                return Some(job);
            }
        }
        let mut stay = Vec::new();
        let mut found = None;
        while let Some(job) = self.ready.pop_front() {
            if is_held(&job) {
                stay.push(job);
                continue;
            }
            let name = self.provider(&job.domain);
            if !self.domains.contains_key(&name)
                && let Some(limit) = self.limits.get(&name)
            {
                self.domains.insert(name.clone(), Domain::new(Some(limit)));
            }
            let Some(domain) = self.domains.get_mut(&name) else {
                found = Some(job);
                break;
            };
            if domain.parked.is_empty() && domain.admits(now) {
                found = Some(job);
                break;
            }
            if domain.parked.len() < PARKED {
                domain.parked.push_back(job);
            } else {
                let wait = domain.wait(now);
                self.surplus.push((job, wait));
            }
        }
        self.ready.extend(stay);
        found
    }

    /// When a domain that is waited for opens.
    fn next_opening(&self, now: Instant) -> Option<Instant> {
        let waiting = self.domains.values().filter(|domain| !domain.parked.is_empty());
        waiting.filter_map(|domain| domain.opens_at(now)).min()
    }

    /// What a domain is known by here: the first of those that share its servers.
    fn provider(&self, domain: &str) -> String {
        let limit = self.limits.get(domain);
        limit.map_or_else(|| domain.to_owned(), |limit| limit.domains[0].clone())
    }

    /// A relay asks for work: whether it may have some, or is ahead of its share.
    fn asks(&mut self, lane: usize, now: Instant) -> bool {
        let others = self.level(now);
        let share = &mut self.lanes[lane];
        if !share.counts(now) {
            // It does not catch up on what it missed.
            share.taken = share.taken.max(others);
        }
        share.asked = Some(now);
        let level = self.level(now);
        let share = &mut self.lanes[lane];
        share.waits = share.open && share.taken > level + SLACK / share.weight;
        share.open && !share.waits
    }

    /// A relay took a message: whether one that waits for it may go on. It is let get behind first, or all its connections
    /// would be called for every message.
    fn count(&mut self, lane: usize, now: Instant) -> bool {
        let share = &mut self.lanes[lane];
        share.taken += 1.0 / share.weight;
        let level = self.level(now);
        let mut caught_up = false;
        for share in &mut self.lanes {
            if share.waits && share.taken <= level + SLACK / 2.0 / share.weight {
                share.waits = false;
                caught_up = true;
            }
        }
        caught_up
    }

    /// How far the relay is that is furthest behind, of those that let us in and ask for work; nothing if there is none.
    fn level(&self, now: Instant) -> f64 {
        let open = self.lanes.iter().filter(|share| share.counts(now));
        open.map(|share| share.taken).min_by(f64::total_cmp).unwrap_or_default()
    }
}
