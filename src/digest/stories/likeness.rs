//! How alike two reports are: vectors of words, an index to find those that share some, and the nearest of each.

use std::collections::HashMap;

/// A direction in the space of words: pairs of a word's number and its weight, sorted by number, of length 1 at most.
pub type Vector = Vec<(u32, f32)>;

/// How alike two vectors are, from 0 to 1: the cosine of the angle between them, for vectors of length 1.
#[must_use]
pub fn cosine(one: &[(u32, f32)], other: &[(u32, f32)]) -> f32 {
    let (mut sum, mut at) = (0.0, 0);
    for (word, weight) in one {
        while other.get(at).is_some_and(|(next, _)| next < word) {
            at += 1;
        }
        if let Some((_, theirs)) = other.get(at).filter(|(next, _)| next == word) {
            sum += weight * theirs;
        }
    }
    sum
}

/// The square of a vector's length.
#[must_use]
pub fn squared(vector: &[(u32, f32)]) -> f32 {
    vector.iter().map(|(_, weight)| weight * weight).sum()
}

/// Divides a vector by its length. `unsaid` is the square of what it has besides its words and shares with no other.
pub fn normalise(vector: &mut Vector, unsaid: f32) {
    let length = (squared(vector) + unsaid).max(0.0).sqrt();
    if length > 0.0 {
        for (_, weight) in vector.iter_mut() {
            *weight /= length;
        }
    }
}

/// The sum of vectors, each times its factor.
#[must_use]
pub fn sum<'a>(parts: impl IntoIterator<Item = (f32, &'a Vector)>) -> Vector {
    let mut terms: Vector = Vec::new();
    for (factor, vector) in parts {
        terms.extend(vector.iter().map(|(word, weight)| (*word, weight * factor)));
    }
    // The sort is stable, so equal input is added up in equal order, to the last bit.
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

/// Words by number.
#[derive(Debug, Default)]
pub struct Lexicon(HashMap<String, u32>);

impl Lexicon {
    /// The number of a word, a new one if it was not seen before.
    pub fn number(&mut self, word: String) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(word).or_insert(next)
    }
}

/// Vectors, found by the words they share.
#[derive(Debug, Default)]
pub struct Index {
    /// For each word, the vectors that have it.
    postings: Vec<Vec<(u32, f32)>>,
    /// Likeness of each vector to the one that is asked about; zero between questions.
    likeness: Vec<f32>,
}

impl Index {
    /// Puts a vector in under a number.
    pub fn add(&mut self, number: usize, vector: &Vector) {
        let id = u32::try_from(number).unwrap_or(u32::MAX);
        if self.likeness.len() <= number {
            self.likeness.resize(number + 1, 0.0);
        }
        for (word, weight) in vector {
            let word = *word as usize;
            if self.postings.len() <= word {
                self.postings.resize_with(word + 1, Vec::new);
            }
            self.postings[word].push((id, *weight));
        }
    }

    /// Takes a vector out again.
    pub fn remove(&mut self, number: usize, vector: &Vector) {
        for (word, _) in vector {
            self.postings[*word as usize].retain(|(id, _)| *id as usize != number);
        }
    }

    /// Hands over every vector that shares a word with this one, in no particular order, with how alike they are.
    pub fn each_like(&mut self, vector: &Vector, mut look: impl FnMut(usize, f32)) {
        let mut touched = Vec::new();
        for (word, weight) in vector {
            for (id, theirs) in self.postings.get(*word as usize).into_iter().flatten() {
                let sum = &mut self.likeness[*id as usize];
                if *sum == 0.0 {
                    touched.push(*id as usize);
                }
                *sum += weight * theirs;
            }
        }
        for number in touched {
            let likeness = std::mem::take(&mut self.likeness[number]);
            look(number, likeness);
        }
    }
}

/// How many words two reports must have in common to be neighbours: one is chance.
const MIN_SHARED_WORDS: usize = 2;

/// How many words two vectors have in common.
fn shared(one: &[(u32, f32)], other: &[(u32, f32)]) -> usize {
    let mut at = 0;
    let found = one.iter().filter(|(word, _)| {
        while other.get(at).is_some_and(|(next, _)| next < word) {
            at += 1;
        }
        other.get(at).is_some_and(|(next, _)| next == word)
    });
    found.count()
}

/// For each vector the nearest others, at most `most` of them, none less alike than `floor` and none with less than two words
/// in common, the nearest first.
#[must_use]
pub fn nearest(vectors: &[Vector], most: usize, floor: f32) -> Vec<Vec<(usize, f32)>> {
    let mut index = Index::default();
    for (number, vector) in vectors.iter().enumerate() {
        index.add(number, vector);
    }
    let of = |(number, vector): (usize, &Vector)| {
        let mut near = Vec::new();
        index.each_like(vector, |other, likeness| {
            if other != number && likeness >= floor && shared(vector, &vectors[other]) >= MIN_SHARED_WORDS {
                near.push((other, likeness));
            }
        });
        near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        near.truncate(most);
        near
    };
    vectors.iter().enumerate().map(of).collect()
}
