//! The words by which the site's search finds a text.
//!
//! The databases split texts in different ways, and neither finds words in Chinese or Japanese. So this module splits and folds the
//! words of texts and of queries, and both databases index the same words.

use std::iter::once;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::excerpt::excerpt;
use super::language::joins_words;
use super::latin::ascii_of_undecomposed;

/// Only this many characters of a text are indexed.
const MAX_INDEXED_CHARS: usize = 20_000;
/// A longer word is cut.
const MAX_WORD_CHARS: usize = 64;
/// The largest position of a word in a `tsvector`.
const MAX_POSITION: usize = 16_383;
/// The characters of a query after these are ignored.
pub(crate) const MAX_QUERY_CHARS: usize = 200;
/// The words of a query after these are ignored.
const MAX_QUERY_WORDS: usize = 12;
/// From this length on, a word of a query also finds longer words that begin with it.
const MIN_PREFIX_CHARS: usize = 3;
/// Only this many words of a query, the last ones, find longer words: the database merges the lists of all words that begin so.
const MAX_PREFIXES: usize = 3;
/// What a word in the title counts in a score, where a word in the text counts 1.
const TITLE_SCORE: usize = 20;
/// A word that is more often in a text counts no more.
const MAX_COUNTED: usize = 10;
/// A snippet begins at most this many characters before the first word that was found.
const CHARS_BEFORE_MATCH: usize = 60;

/// A word of a text, or a pair of letters if the script has no spaces between words.
struct Word {
    /// Where it is in the text, in bytes.
    range: Range<usize>,
    /// In lower case and without accents.
    folded: String,
}

/// Splits a text into words.
fn words(text: &str) -> Vec<Word> {
    let mut splitter = Splitter::default();
    for (at, letter) in text.char_indices() {
        splitter.push(at..at + letter.len_utf8(), letter);
    }
    splitter.end_word();
    splitter.words
}

#[derive(Default)]
struct Splitter {
    words: Vec<Word>,
    /// The current word, in a script with spaces between words.
    word: Option<Word>,
    /// The current run of letters of a script without such spaces.
    run: Vec<Word>,
}

impl Splitter {
    fn push(&mut self, range: Range<usize>, letter: char) {
        if is_silent(letter) {
            let last = self.word.as_mut().or(self.run.last_mut());
            if let Some(word) = last {
                word.range.end = range.end;
            }
            return;
        }
        let composed: String = once(letter).nfkc().flat_map(char::to_lowercase).collect();
        if composed.chars().all(joins_words) {
            self.end_spaced_word();
            self.run.push(Word {
                range,
                folded: composed,
            });
            return;
        }
        self.end_run();
        if !composed.chars().any(char::is_alphanumeric) {
            self.end_spaced_word();
            return;
        }
        let word = self.word.get_or_insert_with(|| Word {
            range: range.clone(),
            folded: String::new(),
        });
        word.range.end = range.end;
        let decomposed = composed.nfkd().filter(|letter| letter.is_alphanumeric());
        for letter in decomposed.filter(|letter| !is_silent(*letter)) {
            match ascii_of_undecomposed(letter) {
                Some(ascii) => word.folded.push_str(ascii),
                None => word.folded.push(same_letter(letter)),
            }
        }
    }

    fn end_spaced_word(&mut self) {
        if let Some(mut word) = self.word.take().filter(|word| !word.folded.is_empty()) {
            if let Some((end, _)) = word.folded.char_indices().nth(MAX_WORD_CHARS) {
                word.folded.truncate(end);
            }
            self.words.push(word);
        }
    }

    /// Ends a run of letters. Each pair of neighbours is a word, and a single letter is one.
    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        match <[Word; 1]>::try_from(run) {
            Ok([single]) => self.words.push(single),
            Err(run) => self.words.extend(run.windows(2).filter_map(|pair| {
                let [first, second] = pair else { return None };
                Some(Word {
                    range: first.range.start..second.range.end,
                    folded: format!("{}{}", first.folded, second.folded),
                })
            })),
        }
    }

    fn end_word(&mut self) {
        self.end_spaced_word();
        self.end_run();
    }
}

/// Whether a character belongs to the letter before it and is left out of words: accents, vowel marks, the Arabic tatweel, soft
/// hyphens, joiners, apostrophes, and the voicing marks of half-width katakana.
fn is_silent(letter: char) -> bool {
    is_combining_mark(letter)
        || matches!(
            letter,
            '\u{640}' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\'' | '\u{2019}' | '\u{2bc}' | '\u{ff9e}' | '\u{ff9f}'
        )
}

/// Arabic writers use these letters for each other.
const fn same_letter(letter: char) -> char {
    match letter {
        'ى' => 'ي',
        'ة' => 'ه',
        'ٱ' => 'ا',
        other => other,
    }
}

/// The words of a document, separated by spaces, as they are indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchText {
    /// Words here count more than those of `text`.
    pub(crate) title: String,
    pub(crate) text: String,
}

impl SearchText {
    pub(crate) fn new(title: &str, texts: &[&str]) -> Self {
        let mut left = MAX_INDEXED_CHARS;
        let mut indexed = String::new();
        for text in texts {
            let end = text.char_indices().nth(left).map_or(text.len(), |(end, _)| end);
            let text = text.get(..end).unwrap_or_default();
            left -= text.chars().count();
            append_words(&mut indexed, text);
        }
        let mut words_of_title = String::new();
        append_words(&mut words_of_title, title);
        Self {
            title: words_of_title,
            text: indexed,
        }
    }

    /// The words as a value of PostgreSQL's [`tsvector`](https://www.postgresql.org/docs/current/datatype-textsearch.html). Its own
    /// parser would split some of them again.
    pub(crate) fn as_tsvector(&self) -> String {
        let title = self.title.split(' ').map(|word| (word, "A"));
        let text = self.text.split(' ').map(|word| (word, "D"));
        let entries = title
            .chain(text)
            .filter(|(word, _)| !word.is_empty())
            .zip(1..=MAX_POSITION);
        let entries = entries.map(|((word, weight), position)| format!("'{word}':{position}{weight}"));
        entries.collect::<Vec<_>>().join(" ")
    }
}

fn append_words(indexed: &mut String, text: &str) {
    for word in words(text) {
        if !indexed.is_empty() {
            indexed.push(' ');
        }
        indexed.push_str(&word.folded);
    }
}

/// What a reader searches for: every word must occur. It has letters and digits only, so no input is syntax of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchQuery {
    words: Vec<String>,
}

/// A part of a text that is shown with the words that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPart {
    /// The text of the part.
    pub text: String,
    /// Whether the query found it.
    pub found: bool,
}

impl SearchQuery {
    /// `None` if the text has no letter and no digit.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().take(MAX_QUERY_CHARS).collect();
        let mut distinct: Vec<String> = Vec::new();
        for word in words(&text) {
            if distinct.len() < MAX_QUERY_WORDS && !distinct.contains(&word.folded) {
                distinct.push(word.folded);
            }
        }
        (!distinct.is_empty()).then_some(Self { words: distinct })
    }

    /// The words in lower case and without accents.
    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    /// The query for SQLite's [FTS5](https://www.sqlite.org/fts5.html#full_text_query_syntax).
    pub(crate) fn for_fts5(&self) -> String {
        self.joined(" ", |word, prefix| {
            format!("\"{word}\"{}", if prefix { "*" } else { "" })
        })
    }

    /// The query as a value of PostgreSQL's [`tsquery`](https://www.postgresql.org/docs/current/datatype-textsearch.html).
    pub(crate) fn for_tsquery(&self) -> String {
        self.joined(" & ", |word, prefix| {
            format!("'{word}'{}", if prefix { ":*" } else { "" })
        })
    }

    fn joined(&self, separator: &str, term: impl Fn(&str, bool) -> String) -> String {
        let terms = self.terms().map(|(word, is_prefix)| term(word, is_prefix));
        terms.collect::<Vec<_>>().join(separator)
    }

    /// The words, each with whether it also finds longer words.
    fn terms(&self) -> impl Iterator<Item = (&str, bool)> {
        let first_prefix = self.words.len().saturating_sub(MAX_PREFIXES);
        let words = self.words.iter().enumerate();
        words.map(move |(n, word)| (word.as_str(), n >= first_prefix && can_be_prefix(word)))
    }

    /// How well a document fits; `None` if one of the words does not occur in it.
    pub(crate) fn score(&self, document: &SearchText) -> Option<usize> {
        let scores = self.terms().map(|(wanted, is_prefix)| {
            let fits = |word: &&str| *word == wanted || (is_prefix && word.starts_with(wanted));
            let in_title = document.title.split(' ').filter(fits).count();
            let in_text = document.text.split(' ').filter(fits).count();
            let score = TITLE_SCORE * in_title.min(1) + in_text.min(MAX_COUNTED);
            (score > 0).then_some(score)
        });
        scores.sum()
    }

    fn finds(&self, word: &str) -> bool {
        self.terms()
            .any(|(wanted, is_prefix)| wanted == word || (is_prefix && word.starts_with(wanted)))
    }

    /// The text in parts: those that the query finds, and those between them.
    pub(crate) fn parts(&self, text: &str) -> Vec<TextPart> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for word in words(text).into_iter().filter(|word| self.finds(&word.folded)) {
            match found.last_mut() {
                // Pairs of letters overlap.
                Some(last) if word.range.start <= last.end => last.end = last.end.max(word.range.end),
                _ => found.push(word.range),
            }
        }
        let mut parts = Vec::new();
        let mut at = 0;
        for range in found.into_iter().chain(once(text.len()..text.len())) {
            for (range, found) in [(at..range.start, false), (range.clone(), true)] {
                if let Some(text) = text.get(range).filter(|text| !text.is_empty()) {
                    parts.push(TextPart {
                        text: text.to_owned(),
                        found,
                    });
                }
            }
            at = range.end;
        }
        parts
    }

    /// At most `max_chars` characters of a text around the first word that was found; its beginning if none was.
    pub(crate) fn snippet(&self, text: &str, max_chars: usize) -> String {
        let first = words(text).into_iter().find(|word| self.finds(&word.folded));
        let before = first.and_then(|word| text.get(..word.range.start)).unwrap_or_default();
        if before.chars().count() < max_chars / 2 {
            return excerpt(text, max_chars);
        }
        let (earliest, _) = before
            .char_indices()
            .nth_back(CHARS_BEFORE_MATCH - 1)
            .unwrap_or_default();
        // The snippet begins after a space, if there is one between the two.
        let space = before.get(earliest..).and_then(|near| near.find(char::is_whitespace));
        let start = earliest + space.unwrap_or_default();
        format!(
            "… {}",
            excerpt(text.get(start..).unwrap_or_default().trim_start(), max_chars)
        )
    }
}

/// Whether a word of a query is long enough to find longer words. A single Chinese character finds the pairs that begin with it.
fn can_be_prefix(word: &str) -> bool {
    let letters = word.chars().count();
    if word.chars().all(joins_words) {
        letters == 1
    } else {
        letters >= MIN_PREFIX_CHARS
    }
}

#[cfg(test)]
mod tests;
