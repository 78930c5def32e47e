//! Stories: the articles that report the same event, shown once with all their sources.
//!
//! Headlines of one event share few words, and rarely the same ones. So a report is not compared by its own words alone:
//!
//! 1. Its words are folded, stop words dropped, the rest cut to six letters ([`words`]). A headline's word weighs 1, one
//!    that only the excerpt has [`EXCERPT_WEIGHT`]: an excerpt tells the same event in more and vaguer words. To the length
//!    that likeness is divided by, [`UNSAID`] is added, shared with nobody: of a headline of two words little is known, and
//!    one of them in common says little.
//! 2. Each report borrows the words of its [`NEIGHBOURS`] nearest, each as far as it is like it, of those that are at least
//!    [`NEIGHBOUR`] alike and have two words in common ([`likeness`]). "Fed official sees slower taper" and "Plosser: bar is high" then meet over reports
//!    that have words of both.
//! 3. Those whose members are [`CORE`] alike on average become one ([`linkage`]): the cores of the stories.
//! 4. A core is what its reports have in common, whatever their number: its mean, made as long as a report's vector. Cores
//!    whose means are [`SAME_STORY`] alike, on average over the reports behind them, are one story.
//! 5. A story with reports in several languages is taken apart by language where they share fewer than two names
//!    ([`languages`]).
//!
//! The order of arrival decides nothing but the order of what comes out, so a report that comes late joins the story that it
//! would have joined early. The thresholds lie in the middle of where B-cubed F1 is flat and high at once for 150, 600 and
//! 3,300 headlines of the measured corpus, in their order or shuffled. No word is weighed by how rare it is, because in a
//! day's articles the words of the day's largest story are the most frequent. docs/benchmarks.md has the figures.

pub mod likeness;
pub mod linkage;
pub mod words;

mod languages;

use std::collections::{HashMap, HashSet};

use likeness::{Lexicon, Vector, nearest, normalise, squared, sum};
use words::Reader;

/// Reports that are so alike, neighbours' words included, and on average over two groups, are of one core.
pub const CORE: f32 = 0.27;
/// Cores that are so alike tell the same story.
pub const SAME_STORY: f32 = 0.2;
/// Reports whose own words are so alike are copies of one text: together they count as one source.
pub const NEAR_DUPLICATE: f32 = 0.8;
/// How alike a report must be for another one to borrow its words.
pub const NEIGHBOUR: f32 = 0.13;
/// From how many reports one borrows words at most.
pub const NEIGHBOURS: usize = 10;
/// What a report has besides its words, in words.
pub const UNSAID: f32 = 4.0;
/// What a word of the excerpt weighs beside one of the headline.
pub const EXCERPT_WEIGHT: f32 = 0.3;
/// Words of an excerpt that are looked at.
const EXCERPT_WORDS: usize = 40;
/// Words of a headline that are looked at.
const TITLE_WORDS: usize = 40;
/// What more reports than this have says nothing of an event, and would have each compared with each.
const MAX_REPORTS: usize = 400;

/// What is compared of a report.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Its headline.
    pub title: &'a str,
    /// Its excerpt; may be empty.
    pub text: &'a str,
    /// The language it is declared to be in (BCP 47).
    pub language: Option<&'a str>,
}

/// Groups reports, in the order of their arrival, by the event they tell of. Each group is in that order, and the groups in
/// the order of their first reports.
#[must_use]
pub fn group_reports(reports: &[Report<'_>]) -> Vec<Vec<usize>> {
    let own = vectors(reports, UNSAID);
    let near = nearest(&own, NEIGHBOURS, NEIGHBOUR);
    let with_neighbours: Vec<Vector> = near
        .iter()
        .enumerate()
        .map(|(number, near)| {
            let borrowed = near.iter().map(|(other, likeness)| (*likeness, &own[*other]));
            let mut vector = sum(std::iter::once((1.0, &own[number])).chain(borrowed));
            normalise(&mut vector, 1.0 - squared(&own[number]));
            vector
        })
        .collect();
    let cores = linkage::group(&with_neighbours, &vec![1.0; with_neighbours.len()], CORE);
    let means: Vec<Vector> = cores.iter().map(|core| mean(core, &with_neighbours)).collect();
    #[expect(clippy::cast_precision_loss, reason = "a core has far fewer than 2^23 reports")]
    let weights: Vec<f32> = cores.iter().map(|core| core.len() as f32).collect();
    let stories = linkage::group(&means, &weights, SAME_STORY);
    let mut stories: Vec<Vec<usize>> = stories
        .into_iter()
        .map(|of| of.into_iter().flat_map(|core| cores[core].iter().copied()).collect())
        .collect();
    for story in &mut stories {
        story.sort_unstable();
    }
    let mut stories = languages::part(reports, stories);
    for story in &mut stories {
        story.sort_unstable();
    }
    stories.sort_unstable();
    stories
}

/// Groups reports that are copies of one text; told by the words of their own only.
#[must_use]
pub fn copies(reports: &[Report<'_>]) -> Vec<Vec<usize>> {
    linkage::group(&vectors(reports, 0.0), &vec![1.0; reports.len()], NEAR_DUPLICATE)
}

/// The direction that members have in common.
fn mean(members: &[usize], vectors: &[Vector]) -> Vector {
    let mut mean = sum(members.iter().map(|member| (1.0, &vectors[*member])));
    normalise(
        &mut mean,
        members.iter().map(|member| 1.0 - squared(&vectors[*member])).sum(),
    );
    mean
}

/// Each report's own words, and `unsaid` besides.
fn vectors(reports: &[Report<'_>], unsaid: f32) -> Vec<Vector> {
    let mut reader = Reader::default();
    let mut words: Vec<(Vec<String>, Vec<String>)> = Vec::with_capacity(reports.len());
    for report in reports {
        let title = reader.words(report.title, report.language, TITLE_WORDS);
        let mut excerpt = reader.words(report.text, report.language, EXCERPT_WORDS);
        excerpt.retain(|word| !title.contains(word));
        words.push((title, excerpt));
    }
    part_series(&mut words);
    drop_common(&mut words);
    let mut lexicon = Lexicon::default();
    let of = |(title, excerpt): (Vec<String>, Vec<String>)| {
        let weighed = title.into_iter().map(|word| (word, 1.0));
        let weighed = weighed.chain(excerpt.into_iter().map(|word| (word, EXCERPT_WEIGHT)));
        let mut vector: Vector = weighed.map(|(word, weight)| (lexicon.number(word), weight)).collect();
        vector.sort_unstable_by_key(|(word, _)| *word);
        normalise(&mut vector, unsaid);
        vector
    };
    words.into_iter().map(of).collect()
}

/// Drops the words that more than [`MAX_REPORTS`] reports have.
fn drop_common(words: &mut [(Vec<String>, Vec<String>)]) {
    if words.len() <= MAX_REPORTS {
        return;
    }
    let mut reports: HashMap<&str, usize> = HashMap::new();
    for word in words.iter().flat_map(|(title, excerpt)| title.iter().chain(excerpt)) {
        *reports.entry(word).or_default() += 1;
    }
    let common: HashSet<String> = reports
        .into_iter()
        .filter(|(_, reports)| *reports > MAX_REPORTS)
        .map(|(word, _)| word.to_owned())
        .collect();
    for (title, excerpt) in words {
        title.retain(|word| !common.contains(word));
        excerpt.retain(|word| !common.contains(word));
    }
}

/// Headlines that differ only in a number at their end ("Episode 12", "Episode 13") or in a version anywhere ("Rust 1.94
/// released", "Rust 1.95 released") are parts of a series, not reports of one event: the words of each part become its own.
///
/// A whole number elsewhere does not separate them: "40 dead in train crash" and "41 dead in train crash" are one event.
fn part_series(words: &mut [(Vec<String>, Vec<String>)]) {
    let mut series: HashMap<(usize, Vec<String>), HashSet<String>> = HashMap::new();
    for (title, _) in &*words {
        for (at, number) in numbers(title) {
            series.entry((at, without(title, at))).or_default().insert(number);
        }
    }
    for (title, excerpt) in words {
        let parts = numbers(title).find(|(at, _)| {
            let known = series.get(&(*at, without(title, *at)));
            known.is_some_and(|parts| parts.len() > 1)
        });
        if let Some((_, number)) = parts {
            for word in title.iter_mut().chain(excerpt) {
                *word = format!("{number} {word}");
            }
        }
    }
}

/// The numbers of a headline that can distinguish parts of a series, with their positions.
fn numbers(title: &[String]) -> impl Iterator<Item = (usize, String)> {
    let numbers = title.iter().enumerate().filter(|(at, word)| {
        let is_number = word.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.');
        is_number && (word.contains('.') || at + 1 == title.len())
    });
    numbers
        .map(|(at, word)| (at, word.clone()))
        .collect::<Vec<_>>()
        .into_iter()
}

/// A headline without the word at one position.
fn without(title: &[String], at: usize) -> Vec<String> {
    [&title[..at], &title[at + 1..]].concat()
}
