//! Average linkage: the two groups that are most alike on average become one, until none are alike enough.

use super::likeness::{Index, Vector, sum};

/// Groups vectors so that, on average over their members, no two groups are as alike as `threshold`. Each group is in the
/// order of its members, and the groups in the order of their first ones. A vector that stands for several counts as many
/// times as its weight says.
///
/// The mean likeness of two groups' members is the product of the groups' mean vectors, so no table of pairs is needed and
/// memory grows with the number of vectors. The nearest-neighbour chain (Benzécri 1982, Murtagh 1983) merges in another order
/// than the most alike first and comes to the same groups, because a merged group is never nearer to a third one than both
/// of its parts were.
#[must_use]
pub fn group(vectors: &[Vector], weights: &[f32], threshold: f32) -> Vec<Vec<usize>> {
    let mut groups: Vec<Option<Group>> = Vec::with_capacity(vectors.len() * 2);
    let mut index = Index::default();
    for (number, vector) in vectors.iter().enumerate() {
        index.add(number, vector);
        groups.push(Some(Group {
            members: vec![number],
            weight: weights[number],
            mean: vector.clone(),
        }));
    }
    let mut done = Vec::new();
    let mut chain: Vec<usize> = Vec::new();
    let mut next_start = 0;
    loop {
        let Some(&top) = chain.last() else {
            while groups.get(next_start).is_some_and(Option::is_none) {
                next_start += 1;
            }
            if next_start == groups.len() {
                break;
            }
            chain.push(next_start);
            continue;
        };
        let below = chain.len().checked_sub(2).map(|at| chain[at]);
        let Some(mean) = groups[top].as_ref().map(|group| &group.mean) else {
            chain.pop();
            continue;
        };
        let mut best: Option<(usize, f32)> = None;
        index.each_like(mean, |other, likeness| {
            // Of equals the one below in the chain, so that the chain ends, then the earliest.
            let rank = |other: usize| (Some(other) != below, other);
            let better = best.is_none_or(|(kept, most)| {
                likeness > most || (likeness.total_cmp(&most).is_eq() && rank(other) < rank(kept))
            });
            if other != top && likeness >= threshold && better {
                best = Some((other, likeness));
            }
        });
        match best {
            None => {
                chain.pop();
                if let Some(group) = groups[top].take() {
                    index.remove(top, &group.mean);
                    done.push(group.members);
                }
            }
            Some((other, _)) if Some(other) == below => {
                chain.truncate(chain.len() - 2);
                if let (Some(one), Some(two)) = (groups[other].take(), groups[top].take()) {
                    index.remove(other, &one.mean);
                    index.remove(top, &two.mean);
                    let merged = one.merge(two);
                    index.add(groups.len(), &merged.mean);
                    groups.push(Some(merged));
                }
            }
            Some((other, _)) => chain.push(other),
        }
    }
    for members in &mut done {
        members.sort_unstable();
    }
    done.sort_unstable();
    done
}

struct Group {
    members: Vec<usize>,
    weight: f32,
    mean: Vector,
}

impl Group {
    fn merge(mut self, other: Self) -> Self {
        let all = self.weight + other.weight;
        self.mean = sum([(self.weight / all, &self.mean), (other.weight / all, &other.mean)]);
        self.weight = all;
        self.members.extend(other.members);
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::digest::stories::likeness::{cosine, normalise};

    /// The most alike first, with every pair looked at each time.
    fn by_the_book(vectors: &[Vector], threshold: f32) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = (0..vectors.len()).map(|number| vec![number]).collect();
        loop {
            let mut best: Option<(f32, usize, usize)> = None;
            for one in 0..groups.len() {
                for two in one + 1..groups.len() {
                    let pairs = groups[one].iter().flat_map(|a| groups[two].iter().map(move |b| (a, b)));
                    let likeness: Vec<f32> = pairs.map(|(a, b)| cosine(&vectors[*a], &vectors[*b])).collect();
                    #[expect(clippy::cast_precision_loss, reason = "a handful of pairs")]
                    let mean = likeness.iter().sum::<f32>() / likeness.len() as f32;
                    if mean >= threshold && best.is_none_or(|(most, ..)| mean > most) {
                        best = Some((mean, one, two));
                    }
                }
            }
            let Some((_, one, two)) = best else { break };
            let merged = groups.remove(two);
            groups[one].extend(merged);
            groups[one].sort_unstable();
        }
        groups.sort_unstable();
        groups
    }

    proptest! {
        #[test]
        fn the_chain_comes_to_the_groups_of_the_most_alike_first(
            weights in proptest::collection::vec(proptest::collection::vec(0.0_f32..1.0, 6), 0..14),
            threshold in 0.3_f32..0.99,
        ) {
            let vectors: Vec<Vector> = weights.iter().map(|weights| {
                let mut vector: Vector = (0..).zip(weights.iter().map(|w| w * w * w)).collect();
                normalise(&mut vector, 0.0);
                vector
            }).collect();
            prop_assert_eq!(group(&vectors, &vec![1.0; vectors.len()], threshold), by_the_book(&vectors, threshold));
        }
    }
}
