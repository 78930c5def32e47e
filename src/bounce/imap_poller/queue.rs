//! The order in which the messages of a mailbox are examined.

use std::collections::{BTreeMap, VecDeque};

use super::examine::FailedFetch;

/// The messages that were not examined yet. Those that could not be fetched before come last, so that they do not hold up others.
pub(super) struct Queue {
    others: VecDeque<u32>,
    failed_fetches: VecDeque<u32>,
    highest: u32,
}

impl Queue {
    /// `uids` are in ascending order.
    pub(super) fn new(uids: &[u32], failed_fetches: &BTreeMap<u32, FailedFetch>) -> Self {
        let (failed_fetches, others) = uids.iter().partition(|uid| failed_fetches.contains_key(uid));
        Self {
            others,
            failed_fetches,
            highest: uids.last().copied().unwrap_or(0),
        }
    }

    /// The message that comes next.
    pub(super) fn first(&self) -> Option<u32> {
        self.others.front().or(self.failed_fetches.front()).copied()
    }

    /// Removes the next messages: at most `size`, and one that could not be fetched before alone.
    pub(super) fn take(&mut self, size: usize) -> Vec<u32> {
        if self.others.is_empty() {
            return self.failed_fetches.pop_front().into_iter().collect();
        }
        self.others.drain(..size.min(self.others.len())).collect()
    }

    /// The UID up to which no message is left.
    pub(super) fn examined_up_to(&self) -> u32 {
        let fronts = self.others.front().into_iter().chain(self.failed_fetches.front());
        fronts.min().map_or(self.highest, |left| left - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_could_not_be_fetched_come_last_and_are_not_passed_over() {
        let failed_fetches = BTreeMap::from([(3, FailedFetch::default()), (8, FailedFetch::default())]);
        let mut queue = Queue::new(&[2, 3, 5, 6, 8, 9], &failed_fetches);
        let mut steps = Vec::new();
        while queue.first().is_some() {
            steps.push((queue.take(3), queue.examined_up_to()));
        }
        let expected = [(vec![2, 5, 6], 2), (vec![9], 2), (vec![3], 7), (vec![8], 9)];
        assert_eq!(steps, expected);
    }
}
