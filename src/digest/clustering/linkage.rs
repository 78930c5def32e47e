//! Agglomerative clustering with average linkage: the two most similar groups are merged until no two groups are similar enough.

use super::similarity::{Index, Vector, sum};

/// Groups vectors until the average similarity of any two groups is below `threshold`. Returns indexes of `vectors`: each group in
/// ascending order, and the groups in the order of their first members. A vector counts as often as its weight says.
///
/// The average similarity of two groups is the dot product of their mean vectors. So no table of pairs is needed, and memory grows with
/// the number of vectors. The [nearest-neighbour chain](https://en.wikipedia.org/wiki/Nearest-neighbor_chain_algorithm) algorithm
/// (Benzécri 1982, Murtagh 1983) merges in another order than "most similar first", and finds the same groups. That is so because average
/// linkage is reducible: a merged group is never more similar to a third group than the more similar of its two parts was.
pub(super) fn group(vectors: &[Vector], weights: &[f32], threshold: f32) -> Vec<Vec<usize>> {
    // `None` for groups that were merged into another group or are final. Merged groups are added at the end.
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
    let mut finished = Vec::new();
    // Each group of the chain is the most similar to the one before it.
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
        let previous = chain.len().checked_sub(2).map(|index| chain[index]);
        let Some(mean) = groups[top].as_ref().map(|group| &group.mean) else {
            chain.pop();
            continue;
        };
        let mut best: Option<(usize, f32)> = None;
        index.for_each_similar(mean, |other, similarity| {
            // Of equally similar groups the previous one in the chain, so that the chain ends; then the earliest, so that equal inputs give
            // equal groups.
            let rank = |other: usize| (Some(other) != previous, other);
            let better = best.is_none_or(|(kept, most)| {
                similarity > most || (similarity.total_cmp(&most).is_eq() && rank(other) < rank(kept))
            });
            if other != top && similarity >= threshold && better {
                best = Some((other, similarity));
            }
        });
        match best {
            // No group is similar enough: this one is final.
            None => {
                chain.pop();
                if let Some(group) = groups[top].take() {
                    index.remove(top, &group.mean);
                    finished.push(group.members);
                }
            }
            // The top two groups of the chain are each other's most similar: merge them.
            Some((other, _)) if Some(other) == previous => {
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
    for members in &mut finished {
        members.sort_unstable();
    }
    finished.sort_unstable();
    finished
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
    use crate::digest::clustering::similarity::{cosine, normalise};

    /// Merges the most similar pair first, and compares every pair each time.
    fn group_by_all_pairs(vectors: &[Vector], threshold: f32) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = (0..vectors.len()).map(|number| vec![number]).collect();
        loop {
            let mut best: Option<(f32, usize, usize)> = None;
            for one in 0..groups.len() {
                for two in one + 1..groups.len() {
                    let pairs = groups[one].iter().flat_map(|a| groups[two].iter().map(move |b| (a, b)));
                    let similarities: Vec<f32> = pairs.map(|(a, b)| cosine(&vectors[*a], &vectors[*b])).collect();
                    #[expect(clippy::cast_precision_loss, reason = "a handful of pairs")]
                    let mean = similarities.iter().sum::<f32>() / similarities.len() as f32;
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
        fn the_chain_gives_the_same_groups_as_merging_the_most_similar_first(
            weights in proptest::collection::vec(proptest::collection::vec(0.0_f32..1.0, 6), 0..14),
            threshold in 0.3_f32..0.99,
        ) {
            let vectors: Vec<Vector> = weights.iter().map(|weights| {
                let mut vector: Vector = (0..).zip(weights.iter().map(|w| w * w * w)).collect();
                normalise(&mut vector, 0.0);
                vector
            }).collect();
            prop_assert_eq!(group(&vectors, &vec![1.0; vectors.len()], threshold), group_by_all_pairs(&vectors, threshold));
        }
    }
}
