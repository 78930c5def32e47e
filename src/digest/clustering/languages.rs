//! Splits stories by language: reports in different languages stay together only if they share at least two names or numbers.
//!
//! One shared name is not enough, because a company is in the news for many reasons. Other words rarely are the same in two languages.

use std::collections::{HashMap, HashSet};

use whatlang::Script;

use super::report::Report;
use super::tokenizer::{comparison_terms, is_stop_word, split};
use crate::text::language::primary;

/// Reports in different languages must share at least this many names and numbers.
const MIN_SHARED_NAMES: usize = 2;
/// In each story, at most this many reports of one language are compared with those of another, because each is compared with each.
const MAX_COMPARED: usize = 50;

/// Splits the stories whose reports in different languages share too few names. `stories` contains indexes of `reports`.
pub(super) fn split_by_language(reports: &[Report<'_>], stories: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    stories
        .into_iter()
        .flat_map(|story| split_story(reports, story))
        .collect()
}

/// The parts of one story: a part for each language, but languages that share enough names are in one part.
fn split_story(reports: &[Report<'_>], story: Vec<usize>) -> Vec<Vec<usize>> {
    if story.len() < 2 {
        return vec![story];
    }
    let mut parts = by_language(reports, &story);
    if parts.len() < 2 {
        return vec![story];
    }
    let names: Vec<Vec<Vec<Token>>> = parts
        .iter()
        .map(|part| {
            part.iter()
                .take(MAX_COMPARED)
                .map(|report| tokens(&reports[*report]))
                .collect()
        })
        .collect();
    // The index of the part that each part was joined into: the smallest of all parts that are joined.
    let mut joined: Vec<usize> = (0..parts.len()).collect();
    for one in 0..parts.len() {
        for two in one + 1..parts.len() {
            let mut pairs = names[one].iter().flat_map(|a| names[two].iter().map(move |b| (a, b)));
            if joined[one] != joined[two] && pairs.any(|(a, b)| shared_names(a, b) >= MIN_SHARED_NAMES) {
                let (kept, joined_part) = (joined[one].min(joined[two]), joined[one].max(joined[two]));
                for part in joined.iter_mut().filter(|part| **part == joined_part) {
                    *part = kept;
                }
            }
        }
    }
    for number in (0..parts.len()).rev() {
        if joined[number] != number {
            let members = std::mem::take(&mut parts[number]);
            parts[joined[number]].extend(members);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The reports of a story by language. A report in an unknown language is added to the language of most reports in the same script.
fn by_language(reports: &[Report<'_>], story: &[usize]) -> Vec<Vec<usize>> {
    let mut parts: Vec<(Option<String>, Option<Script>, Vec<usize>)> = Vec::new();
    let mut unknown = Vec::new();
    for index in story {
        let report = &reports[*index];
        let script = script(report.title).or_else(|| script(report.text));
        let Some(language) = report.language.map(|tag| primary(tag).to_ascii_lowercase()) else {
            unknown.push((*index, script));
            continue;
        };
        match parts.iter_mut().find(|part| part.0.as_ref() == Some(&language)) {
            Some(part) => part.2.push(*index),
            None => parts.push((Some(language), script, vec![*index])),
        }
    }
    for (index, script) in unknown {
        let same_script = parts.iter_mut().filter(|part| script.is_none() || part.1 == script);
        match same_script.max_by_key(|part| part.2.len()) {
            Some(part) => part.2.push(index),
            None => parts.push((None, script, vec![index])),
        }
    }
    parts.into_iter().map(|part| part.2).collect()
}

/// The script of most letters. Kana count as Chinese characters, because Japanese mixes both in any proportion.
fn script(text: &str) -> Option<Script> {
    match whatlang::detect_script(text) {
        Some(Script::Hiragana | Script::Katakana) => Some(Script::Mandarin),
        script => script,
    }
}

/// A word of a report.
#[derive(Debug)]
struct Token {
    word: String,
    /// Whether it can be a name or a telling number.
    is_name: bool,
}

fn tokens(report: &Report<'_>) -> Vec<Token> {
    let mut tokens = Vec::new();
    for chunk in report.title.split_whitespace().chain(report.text.split_whitespace()) {
        let first = chunk.chars().find(|c| c.is_alphanumeric());
        // In scripts without capitals every word can be a name.
        let is_capital = first.is_some_and(|c| !c.is_lowercase()) || chunk.chars().any(char::is_uppercase);
        for word in split(chunk) {
            let is_name = is_capital && !is_stop_word(&word) && !is_common_number(&word);
            tokens.extend(comparison_terms(&word).into_iter().map(|word| Token { word, is_name }));
        }
    }
    tokens
}

/// Whether a word is a year or a single digit: these occur in reports of any event.
fn is_common_number(word: &str) -> bool {
    let is_year = word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    word.bytes().all(|letter| letter.is_ascii_digit()) && (word.len() == 1 || is_year)
}

/// How many names two reports share. Words that follow each other in both reports, such as “Deutsche Bank” or “RISC-V”, are one name.
fn shared_names(one: &[Token], other: &[Token]) -> usize {
    let mut positions: HashMap<&str, Vec<usize>> = HashMap::new();
    for (position, token) in other.iter().enumerate().filter(|(_, token)| token.is_name) {
        positions.entry(&token.word).or_default().push(position);
    }
    let mut counted: HashSet<&str> = HashSet::new();
    // Where the previous word of `one` occurs as a name in `other`.
    let (mut names, mut previous): (usize, &[usize]) = (0, &[]);
    for token in one {
        let in_other = positions.get(token.word.as_str()).filter(|_| token.is_name);
        let in_other = in_other.map_or(&[] as &[usize], Vec::as_slice);
        let mut words_before = in_other.iter().filter_map(|position| position.checked_sub(1));
        let continues_name = words_before.any(|position| previous.contains(&position));
        if !in_other.is_empty() && counted.insert(&token.word) && !continues_name {
            names += 1;
        }
        previous = in_other;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(one: &str, other: &str) -> usize {
        shared_names(
            &tokens(&Report::with_title(one, None)),
            &tokens(&Report::with_title(other, None)),
        )
    }

    #[test]
    fn a_name_of_several_words_counts_once_and_a_year_does_not_count() {
        for (one, other, expected) in [
            ("A RISC-V server", "خادم RISC-V جديد", 1),
            ("Deutsche Bank fined", "Deutsche Bank zahlt", 1),
            ("Nvidia in 2026", "Nvidia wird 2026 teurer", 1),
            ("Nvidia buys Arm", "Nvidia übernimmt Arm", 2),
            ("Frankfurt and Dublin", "Frankfurt und Dublin", 2),
            ("Nvidia, again Nvidia", "Nvidia und nochmals Nvidia", 1),
            ("the new server", "der neue server", 0),
            ("Quake of magnitude 6.1 off Japan", "Beben der Stärke 6.1 vor Japan", 2),
        ] {
            assert_eq!(shared(one, other), expected, "{one} / {other}");
        }
    }

    #[test]
    fn one_shared_name_does_not_join_reports_in_two_languages() {
        let reports = [
            Report::with_title("Benchmarks of the first 288-core RISC-V server", Some("en")),
            Report::with_title("إطلاق حاسوب RISC-V عملاق جديد", Some("ar")),
            Report::with_title("RISC-V-Server vorgestellt", Some("de")),
        ];
        assert_eq!(split_by_language(&reports, vec![vec![0, 1, 2]]), [[0], [1], [2]]);
        // Without languages the scripts decide.
        let unknown = reports.map(|report| Report {
            language: None,
            ..report
        });
        assert_eq!(split_by_language(&unknown, vec![vec![0, 1, 2]]), [vec![0, 2], vec![1]]);
    }
}
