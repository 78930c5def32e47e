//! The vector of each report: the words of its headline and excerpt with their weights.
//!
//! Two kinds of words would group unrelated reports, so they are removed or changed first: words that a large part of all reports have,
//! and the words of series such as "Episode 12" and "Episode 13".

use std::collections::{HashMap, HashSet};

use super::report::Report;
use super::similarity::{Lexicon, Vector, normalise};
use super::tokenizer::Tokenizer;

/// The weight of a word that only the excerpt has; a word of the headline weighs 1. An excerpt describes the event in more and less
/// specific words.
const EXCERPT_WEIGHT: f32 = 0.3;
/// At most this many words of an excerpt count.
const MAX_EXCERPT_WORDS: usize = 40;
/// At most this many words of a headline count.
const MAX_TITLE_WORDS: usize = 40;
/// A word that more reports have is ignored. It says nothing about an event, and it would make every report be compared with every other.
const MAX_REPORTS_PER_WORD: usize = 400;

/// The distinct words of a report.
struct Words {
    title: Vec<String>,
    /// Those that the title does not contain.
    excerpt: Vec<String>,
}

impl Words {
    fn iter(&self) -> impl Iterator<Item = &String> {
        self.title.iter().chain(&self.excerpt)
    }
}

/// The vectors of reports. `padding` is added to the squared length of each: it makes reports with few words less similar to all others.
pub(super) fn vectors(reports: &[Report<'_>], padding: f32) -> Vec<Vector> {
    let mut tokenizer = Tokenizer::default();
    let split: Vec<[Vec<String>; 2]> = reports
        .iter()
        .map(|report| [report.title, report.text].map(|text| tokenizer.learn(text)))
        .collect();
    let mut words: Vec<Words> = Vec::with_capacity(reports.len());
    for (report, [title, excerpt]) in reports.iter().zip(split) {
        let title = tokenizer.terms(title, report.language, MAX_TITLE_WORDS);
        let mut excerpt = tokenizer.terms(excerpt, report.language, MAX_EXCERPT_WORDS);
        excerpt.retain(|word| !title.contains(word));
        words.push(Words { title, excerpt });
    }
    separate_series(&mut words);
    drop_common(&mut words);
    let mut lexicon = Lexicon::default();
    let vector = |words: Words| {
        let title = words.title.into_iter().map(|word| (word, 1.0));
        let excerpt = words.excerpt.into_iter().map(|word| (word, EXCERPT_WEIGHT));
        let weighted = title.chain(excerpt);
        let mut vector: Vector = weighted.map(|(word, weight)| (lexicon.number(word), weight)).collect();
        vector.sort_unstable_by_key(|(word, _)| *word);
        normalise(&mut vector, padding);
        vector
    };
    words.into_iter().map(vector).collect()
}

/// Drops the words that more than [`MAX_REPORTS_PER_WORD`] reports have.
fn drop_common(words: &mut [Words]) {
    if words.len() <= MAX_REPORTS_PER_WORD {
        return;
    }
    let mut reports: HashMap<&str, usize> = HashMap::new();
    for word in words.iter().flat_map(Words::iter) {
        *reports.entry(word).or_default() += 1;
    }
    let common: HashSet<String> = reports
        .into_iter()
        .filter(|(_, reports)| *reports > MAX_REPORTS_PER_WORD)
        .map(|(word, _)| word.to_owned())
        .collect();
    for Words { title, excerpt } in words {
        title.retain(|word| !common.contains(word));
        excerpt.retain(|word| !common.contains(word));
    }
}

/// Headlines that differ only in a number at their end ("Episode 12", "Episode 13") or in a version anywhere ("Rust 1.94 released",
/// "Rust 1.95 released") are parts of a series and not reports of one event. So the number is put before every word of such a part,
/// which makes the words of two parts different.
///
/// A whole number elsewhere does not separate headlines: "40 dead in train crash" and "41 dead in train crash" are one event.
fn separate_series(words: &mut [Words]) {
    // The headline without the number, with the number's position, and the numbers that occur there.
    let mut series: HashMap<(usize, Vec<String>), HashSet<String>> = HashMap::new();
    for Words { title, .. } in &*words {
        for (index, number) in numbers(title) {
            series.entry((index, without(title, index))).or_default().insert(number);
        }
    }
    for Words { title, excerpt } in words {
        let number_in_series = numbers(title).find(|(index, _)| {
            let known = series.get(&(*index, without(title, *index)));
            known.is_some_and(|numbers| numbers.len() > 1)
        });
        if let Some((_, number)) = number_in_series {
            for word in title.iter_mut().chain(excerpt) {
                *word = format!("{number} {word}");
            }
        }
    }
}

/// The numbers of a headline that can distinguish parts of a series, with their positions.
fn numbers(title: &[String]) -> impl Iterator<Item = (usize, String)> {
    let numbers = title.iter().enumerate().filter(|(index, word)| {
        let is_number = word.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.');
        is_number && (word.contains('.') || index + 1 == title.len())
    });
    numbers
        .map(|(index, word)| (index, word.clone()))
        .collect::<Vec<_>>()
        .into_iter()
}

/// A headline without the word at one position.
fn without(title: &[String], index: usize) -> Vec<String> {
    [&title[..index], &title[index + 1..]].concat()
}
