//! How similar two reports are: the cosine similarity of their word vectors, an index that finds vectors with words in common, and the
//! nearest neighbours of each vector.

use std::collections::HashMap;

/// A sparse vector: pairs of a word's number and its weight, sorted by number. Its length is at most 1.
pub(super) type Vector = Vec<(u32, f32)>;

/// The cosine similarity of two vectors of length 1, from 0 to 1.
#[cfg(test)]
pub(super) fn cosine(one: &[(u32, f32)], other: &[(u32, f32)]) -> f32 {
    let (mut sum, mut position) = (0.0, 0);
    for (word, weight) in one {
        while other.get(position).is_some_and(|(next, _)| next < word) {
            position += 1;
        }
        if let Some((_, theirs)) = other.get(position).filter(|(next, _)| next == word) {
            sum += weight * theirs;
        }
    }
    sum
}

/// The square of a vector's length.
pub(super) fn squared_length(vector: &[(u32, f32)]) -> f32 {
    vector.iter().map(|(_, weight)| weight * weight).sum()
}

/// Divides a vector by its length. `padding` is added to its squared length, so a padded vector is shorter than 1.
pub(super) fn normalise(vector: &mut Vector, padding: f32) {
    let length = (squared_length(vector) + padding).max(0.0).sqrt();
    if length > 0.0 {
        for (_, weight) in vector.iter_mut() {
            *weight /= length;
        }
    }
}

/// The sum of vectors, each multiplied by its factor.
pub(super) fn sum<'a>(parts: impl IntoIterator<Item = (f32, &'a Vector)>) -> Vector {
    let mut terms: Vector = Vec::new();
    for (factor, vector) in parts {
        terms.extend(vector.iter().map(|(word, weight)| (*word, weight * factor)));
    }
    // The sort is stable, so equal inputs are added in equal order and give equal bits.
    terms.sort_by_key(|(word, _)| *word);
    terms.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    terms
}

/// Gives each distinct word a number.
#[derive(Debug, Default)]
pub(super) struct Lexicon(HashMap<String, u32>);

impl Lexicon {
    /// The number of a word; the next free number if the word is new.
    pub(super) fn number(&mut self, word: String) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(word).or_insert(next)
    }
}

/// An inverted index of vectors: finds those that have a word in common with a given vector.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// For each word, the numbers of the vectors that contain it, and its weight there.
    postings: Vec<Vec<(u32, f32)>>,
    /// The similarity of each vector to the one that is looked up; all zero between two look-ups. Kept here so that a look-up does not
    /// allocate it.
    similarity: Vec<f32>,
}

impl Index {
    /// Adds a vector under a number.
    pub(super) fn add(&mut self, number: usize, vector: &Vector) {
        let id = u32::try_from(number).unwrap_or(u32::MAX);
        if self.similarity.len() <= number {
            self.similarity.resize(number + 1, 0.0);
        }
        for (word, weight) in vector {
            let word = *word as usize;
            if self.postings.len() <= word {
                self.postings.resize_with(word + 1, Vec::new);
            }
            self.postings[word].push((id, *weight));
        }
    }

    /// Removes the vector that was added under this number.
    pub(super) fn remove(&mut self, number: usize, vector: &Vector) {
        for (word, _) in vector {
            self.postings[*word as usize].retain(|(id, _)| *id as usize != number);
        }
    }

    /// Calls `visit` with the number and similarity of every vector that has a word in common with this one, in no particular order.
    pub(super) fn for_each_similar(&mut self, vector: &Vector, mut visit: impl FnMut(usize, f32)) {
        let mut touched = Vec::new();
        for (word, weight) in vector {
            for (id, theirs) in self.postings.get(*word as usize).into_iter().flatten() {
                let sum = &mut self.similarity[*id as usize];
                if *sum == 0.0 {
                    touched.push(*id as usize);
                }
                *sum += weight * theirs;
            }
        }
        for number in touched {
            let similarity = std::mem::take(&mut self.similarity[number]);
            visit(number, similarity);
        }
    }
}

/// Neighbours must have this many words in common, because a single one is often chance.
const MIN_SHARED_WORDS: usize = 2;

/// The number of words that two vectors have in common.
fn shared(one: &[(u32, f32)], other: &[(u32, f32)]) -> usize {
    let mut position = 0;
    let found = one.iter().filter(|(word, _)| {
        while other.get(position).is_some_and(|(next, _)| next < word) {
            position += 1;
        }
        other.get(position).is_some_and(|(next, _)| next == word)
    });
    found.count()
}

/// For each vector, the numbers and similarities of its nearest neighbours, the nearest first: at most `max`, each with at least
/// `min_similarity` and two words in common.
pub(super) fn nearest(vectors: &[Vector], max: usize, min_similarity: f32) -> Vec<Vec<(usize, f32)>> {
    let mut index = Index::default();
    for (number, vector) in vectors.iter().enumerate() {
        index.add(number, vector);
    }
    let of = |(number, vector): (usize, &Vector)| {
        let mut near = Vec::new();
        index.for_each_similar(vector, |other, similarity| {
            if other != number && similarity >= min_similarity && shared(vector, &vectors[other]) >= MIN_SHARED_WORDS {
                near.push((other, similarity));
            }
        });
        near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        near.truncate(max);
        near
    };
    vectors.iter().enumerate().map(of).collect()
}
