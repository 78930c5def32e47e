//! How far issues are, for the pages and streams of the console. Counting a million deliveries takes seconds, so all requests share the
//! readings of an issue, and one reading runs at a time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::app::App;
use crate::domain::ids::IssueId;
use crate::domain::states::{DeliveryState, IssueState};
use crate::store::StoreError;

/// The most streams of one process at once. Each takes a connection of the site.
const MAX_STREAMS: usize = 32;
/// The shortest time between two readings of an issue.
const INTERVAL: Duration = Duration::from_secs(1);
/// Counting takes at most one part in this many of the time.
const PAUSE_FACTOR: u32 = 20;
/// A reading that nobody asked for in this time is forgotten.
const MAX_AGE: Duration = Duration::from_mins(10);

/// The streams of a process, and the last reading of each issue.
#[derive(Debug)]
pub(super) struct LiveIssues {
    permits: Arc<Semaphore>,
    readings: Mutex<HashMap<IssueId, Reading>>,
}

#[derive(Debug)]
struct Reading {
    progress: Arc<IssueProgress>,
    /// The states of the issue and its editions. If another one is in force, an operator has just done something and must see it.
    states: Vec<IssueState>,
    /// The next reading is not before this time.
    good_until: Instant,
}

impl Default for LiveIssues {
    fn default() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(MAX_STREAMS)),
            readings: Mutex::default(),
        }
    }
}

impl LiveIssues {
    /// The permission for one more stream; `None` if there are too many.
    pub(super) fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).try_acquire_owned().ok()
    }

    /// How far an issue is, read again if the last reading is old or the issue is in another state. `None` if the issue does not exist.
    pub(super) async fn progress(&self, app: &App, id: IssueId) -> Result<Option<Arc<IssueProgress>>, StoreError> {
        let mut readings = self.readings.lock().await;
        let started = Instant::now();
        readings.retain(|_, reading| reading.good_until + MAX_AGE > started);
        let states = app.store.read().await?.issue_states(id).await?;
        let known = readings.get(&id);
        if let Some(reading) = known.filter(|reading| reading.good_until > started && reading.states == states) {
            return Ok(Some(Arc::clone(&reading.progress)));
        }
        let Some(progress) = IssueProgress::read(app, id).await? else {
            return Ok(None);
        };
        let progress = Arc::new(progress);
        let reading = Reading {
            progress: Arc::clone(&progress),
            states,
            good_until: Instant::now() + INTERVAL.max(started.elapsed() * PAUSE_FACTOR),
        };
        readings.insert(id, reading);
        Ok(Some(progress))
    }
}

/// How many deliveries of an issue and its editions are in each state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IssueProgress {
    pub(super) state: IssueState,
    pub(super) reason: Option<String>,
    /// The recipients that were frozen.
    pub(super) frozen: i64,
    pub(super) counts: BTreeMap<DeliveryState, i64>,
    /// Why the relay accepts no mail now.
    pub(super) trouble: Option<String>,
}

impl IssueProgress {
    /// Counts the deliveries. `None` if the issue does not exist.
    pub(super) async fn read(app: &App, id: IssueId) -> Result<Option<Self>, StoreError> {
        let mut tx = app.store.read_snapshot().await?;
        let Some(issue) = tx.issue(id).await? else {
            return Ok(None);
        };
        let editions = tx.editions_of(id).await?;
        let mut counts: BTreeMap<_, _> = DeliveryState::ALL.iter().map(|state| (*state, 0)).collect();
        for part in std::iter::once(id).chain(editions.iter().map(|edition| edition.id)) {
            for (state, deliveries) in tx.count_deliveries(part).await? {
                *counts.entry(state).or_default() += deliveries;
            }
        }
        // An edition may still be sent when the issue itself has ended.
        let is_sending = editions.iter().any(|edition| edition.state == IssueState::Sending);
        let state = if issue.state == IssueState::Sent && is_sending {
            IssueState::Sending
        } else {
            issue.state
        };
        Ok(Some(Self {
            frozen: issue.recipients.unwrap_or(0)
                + editions.iter().filter_map(|edition| edition.recipients).sum::<i64>(),
            state,
            reason: issue.reason,
            counts,
            trouble: app.health.trouble().map(|trouble| trouble.reason),
        }))
    }

    pub(super) fn of(&self, state: DeliveryState) -> i64 {
        self.counts.get(&state).copied().unwrap_or(0)
    }

    pub(super) fn total(&self) -> i64 {
        self.counts.values().sum()
    }

    pub(super) fn done(&self) -> i64 {
        let open = self.counts.iter().filter(|(state, _)| state.is_open());
        self.total() - open.map(|(_, count)| count).sum::<i64>()
    }

    /// Whether the numbers may still change by themselves.
    pub(super) fn is_live(&self) -> bool {
        self.state == IssueState::Sending
    }
}
