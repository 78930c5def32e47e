//! The order in which the messages of a mailbox are examined.

use std::collections::{BTreeMap, VecDeque};

use super::examine::Suspect;

/// The messages that were not examined yet. Those that could not be fetched before come last, so that they do not hold up others.
pub(super) struct Queue {
    others: VecDeque<u32>,
    suspects: VecDeque<u32>,
    highest: u32,
}

impl Queue {
    /// `uids` are in ascending order.
    pub(super) fn new(uids: &[u32], suspects: &BTreeMap<u32, Suspect>) -> Self {
        let (suspects, others) = uids.iter().partition(|uid| suspects.contains_key(uid));
        Self {
            others,
            suspects,
            highest: uids.last().copied().unwrap_or(0),
        }
    }

    /// The message that comes next.
    pub(super) fn first(&self) -> Option<u32> {
        self.others.front().or(self.suspects.front()).copied()
    }

    /// Removes the next messages: at most `size`, and a suspect alone.
    pub(super) fn take(&mut self, size: usize) -> Vec<u32> {
        if self.others.is_empty() {
            return self.suspects.pop_front().into_iter().collect();
        }
        self.others.drain(..size.min(self.others.len())).collect()
    }

    /// The UID up to which no message is left.
    pub(super) fn examined_up_to(&self) -> u32 {
        let fronts = self.others.front().into_iter().chain(self.suspects.front());
        fronts.min().map_or(self.highest, |left| left - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspects_come_last_and_are_not_passed_over() {
        let suspects = BTreeMap::from([(3, Suspect::default()), (8, Suspect::default())]);
        let mut queue = Queue::new(&[2, 3, 5, 6, 8, 9], &suspects);
        let mut steps = Vec::new();
        while queue.first().is_some() {
            steps.push((queue.take(3), queue.examined_up_to()));
        }
        let expected = [(vec![2, 5, 6], 2), (vec![9], 2), (vec![3], 7), (vec![8], 9)];
        assert_eq!(steps, expected);
    }
}
