//! How well groups agree with those that people assigned: B-cubed precision, recall and F1 (Bagga and Baldwin 1998).

use std::collections::HashMap;
use std::hash::Hash;

/// Precision and recall from 0 to 1, averaged over the items.
#[derive(Clone, Copy, Debug)]
pub struct Agreement {
    /// The share of an item's group that belongs to the item's label.
    pub precision: f64,
    /// The share of the items with the same label that are in the item's group.
    pub recall: f64,
}

impl Agreement {
    /// Compares groups of item numbers with the label of each item.
    #[expect(clippy::cast_precision_loss, reason = "thousands of items")]
    pub fn of<L: Eq + Hash>(groups: &[Vec<usize>], labels: &[L]) -> Self {
        let mut sizes: HashMap<&L, usize> = HashMap::new();
        for label in labels {
            *sizes.entry(label).or_default() += 1;
        }
        let (mut precision, mut recall) = (0.0, 0.0);
        for group in groups {
            let mut shared: HashMap<&L, usize> = HashMap::new();
            for item in group {
                *shared.entry(&labels[*item]).or_default() += 1;
            }
            for (label, count) in shared {
                let count = count as f64;
                precision += count * count / group.len() as f64;
                recall += count * count / sizes[label] as f64;
            }
        }
        let items = labels.len() as f64;
        Self {
            precision: precision / items,
            recall: recall / items,
        }
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(self) -> f64 {
        2.0 * self.precision * self.recall / (self.precision + self.recall)
    }
}
