//! Counts of requests that were refused without the database, until a batch writes them. If the process is killed meanwhile, they are
//! lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::states::SignupOutcome;

type Counts = BTreeMap<SignupOutcome, i64>;

/// The counts that are not written yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Uncounted(Arc<Mutex<Counts>>);

/// Counts that a transaction writes. Dropped before the commit, they wait again.
#[derive(Debug)]
pub(crate) struct TakenCounts {
    counts: Counts,
    waiting: Uncounted,
}

impl Uncounted {
    /// Adds to a count. Returns whether no other count waits.
    pub(super) fn add(&self, outcome: SignupOutcome) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = counts.is_empty();
        *counts.entry(outcome).or_default() += 1;
        is_first
    }

    pub(super) fn take(&self) -> TakenCounts {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        TakenCounts {
            counts: std::mem::take(&mut *counts),
            waiting: self.clone(),
        }
    }
}

impl TakenCounts {
    /// The sum with other counts.
    pub(super) fn with(&self, others: &Counts) -> Counts {
        let mut sum = self.counts.clone();
        add(&mut sum, others);
        sum
    }

    /// The transaction is committed.
    pub(super) fn written(mut self) {
        self.counts.clear();
    }
}

impl Drop for TakenCounts {
    fn drop(&mut self) {
        let mut counts = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        add(&mut counts, &self.counts);
    }
}

fn add(counts: &mut Counts, others: &Counts) {
    for (outcome, count) in others {
        *counts.entry(*outcome).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_wait_until_they_are_written() {
        let uncounted = Uncounted::default();
        assert!(uncounted.add(SignupOutcome::NetworkLimit));
        assert!(!uncounted.add(SignupOutcome::NetworkLimit));
        drop(uncounted.take());
        let taken = uncounted.take();
        let sum = taken.with(&Counts::from([(SignupOutcome::NetworkLimit, 1)]));
        assert_eq!(sum, Counts::from([(SignupOutcome::NetworkLimit, 3)]));
        taken.written();
        assert!(uncounted.add(SignupOutcome::Accepted), "nothing waits");
    }
}
