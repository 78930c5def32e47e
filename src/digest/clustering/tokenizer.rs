//! The words by which reports are compared: normalised, without stop words, and cut so that inflected forms become equal.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::text::language::joins_words;

/// Only this many letters of a word count. In alphabetic languages, inflected forms mostly differ after them.
const STEM_CHARS: usize = 6;

/// A set of languages. Bit `n` is `LANGUAGES[n]`.
type Languages = u64;

/// The languages with a list of stop words (the NLTK lists), as two-letter codes (ISO 639-1).
static LANGUAGES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let codes = stop_words::available_languages().iter().copied();
    codes.filter(|code| code.len() == 2).take(64).collect()
});

/// Each normalised stop word with the languages in which it is one.
static STOP_WORDS: LazyLock<HashMap<String, Languages>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for (bit, code) in LANGUAGES.iter().enumerate() {
        for word in stop_words::lookup(code).unwrap_or_default() {
            for part in split(word) {
                *words.entry(part).or_default() |= 1 << bit;
            }
        }
    }
    words
});

/// Extracts the terms of texts.
///
/// [`Self::learn`] first reads every text and counts stop words, to learn in which language most texts are. Extraction starts after
/// that, so the order of the texts does not affect the terms.
#[derive(Debug, Default)]
pub(super) struct Tokenizer {
    /// How many stop words of each language all texts together contain; empty before the first text.
    stop_words: Vec<u64>,
}

impl Tokenizer {
    /// Counts the stop words of a text, and returns the text's words.
    pub(super) fn learn(&mut self, text: &str) -> Vec<String> {
        let words = split(text);
        self.stop_words.resize(LANGUAGES.len(), 0);
        for (total, count) in self.stop_words.iter_mut().zip(count_stop_words(&words)) {
            *total += count;
        }
        words
    }

    /// The terms of the first words that are not stop words, at most `max`, each once and in their order.
    ///
    /// `declared` is the declared language (BCP 47). Without it, the language is the one with the most stop words in the text, else the
    /// language of most texts.
    pub(super) fn terms(&self, words: Vec<String>, declared: Option<&str>, max: usize) -> Vec<String> {
        let bit = self.language(&words, declared);
        let is_stop = |word: &String| {
            bit.is_some_and(|bit| {
                STOP_WORDS
                    .get(word)
                    .is_some_and(|languages| languages & (1 << bit) != 0)
            })
        };
        let mut kept: Vec<String> = Vec::with_capacity(words.len());
        for word in words.into_iter().filter(|word| !is_stop(word)) {
            for term in comparison_terms(&word) {
                if kept.len() == max {
                    return kept;
                }
                if !kept.contains(&term) {
                    kept.push(term);
                }
            }
        }
        kept
    }

    /// The language of a text, as a bit of [`Languages`]; `None` if it is not known or has no list of stop words.
    fn language(&self, words: &[String], declared: Option<&str>) -> Option<usize> {
        let primary = declared
            .and_then(|tag| tag.split(['-', '_']).next())
            .map(str::to_ascii_lowercase);
        if let Some(primary) = primary {
            return LANGUAGES.iter().position(|code| **code == primary);
        }
        // `None` without texts.
        let usual = (0..self.stop_words.len()).max_by_key(|bit| (self.stop_words[*bit], Reverse(*bit)))?;
        let mut counts = count_stop_words(words);
        // The usual language counts as one more stop word. "Two die in the war" has more German stop words than English ones.
        counts[usual] += 1;
        let best = (0..counts.len()).max_by_key(|bit| (counts[*bit], self.stop_words[*bit], Reverse(*bit)))?;
        (self.stop_words[best] > 0).then_some(best)
    }
}

/// How many of these words are stop words, for each of [`LANGUAGES`].
fn count_stop_words(words: &[String]) -> Vec<u64> {
    let mut counts = vec![0; LANGUAGES.len()];
    for languages in words.iter().filter_map(|word| STOP_WORDS.get(word)) {
        for (bit, count) in counts.iter_mut().enumerate() {
            *count += languages >> bit & 1;
        }
    }
    counts
}

/// Whether a normalised word is a stop word in any language.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains_key(word)
}

/// The words of a text in lower case and without accents. Numbers keep their decimal points and commas.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let folded = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase);
    let mut letters = folded.peekable();
    while let Some(letter) = letters.next() {
        let next_is_word = letters.peek().is_some_and(|next| next.is_alphanumeric());
        let next_is_digit = letters.peek().is_some_and(char::is_ascii_digit);
        if letter.is_alphanumeric() {
            word.push(letter);
        } else if matches!(letter, '\'' | '’') && !word.is_empty() && next_is_word {
            // The apostrophe is inside a word, as in "don't".
            word.push('\'');
        } else if matches!(letter, '.' | ',') && word.ends_with(|c: char| c.is_ascii_digit()) && next_is_digit {
            word.push(letter);
        } else if !word.is_empty() {
            words.push(finish(&word));
            word.clear();
        }
    }
    if !word.is_empty() {
        words.push(finish(&word));
    }
    words
}

/// Drops a possessive s and apostrophes.
fn finish(word: &str) -> String {
    word.strip_suffix("'s").unwrap_or(word).replace('\'', "")
}

/// The terms that a word is compared by. A word with a digit is one term, any other its first letters. In scripts without spaces
/// between words, each pair of letters is a term.
pub(super) fn comparison_terms(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() > 1 && letters.iter().any(|letter| joins_words(*letter)) {
        return letters.windows(2).map(|pair| pair.iter().collect()).collect();
    }
    if letters.iter().any(char::is_ascii_digit) {
        return vec![word.to_owned()];
    }
    vec![letters.into_iter().take(STEM_CHARS).collect()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The terms of each text, when these are all texts.
    fn terms_of(texts: &[&str]) -> Vec<Vec<String>> {
        let mut tokenizer = Tokenizer::default();
        let words: Vec<Vec<String>> = texts.iter().map(|text| tokenizer.learn(text)).collect();
        words
            .into_iter()
            .map(|words| tokenizer.terms(words, None, 40))
            .collect()
    }

    fn words(text: &str, language: Option<&str>) -> Vec<String> {
        let mut tokenizer = Tokenizer::default();
        let words = tokenizer.learn(text);
        tokenizer.terms(words, language, 40)
    }

    #[test]
    fn words_are_normalised_cut_and_listed_once() {
        assert_eq!(
            words(
                "Café’s CAFES: the engineering of engineers, 3.5% at $1,000",
                Some("en-GB")
            ),
            ["cafe", "cafes", "engine", "3.5", "1,000"]
        );
    }

    #[test]
    fn stop_words_of_the_texts_own_language_are_dropped() {
        let terms = terms_of(&[
            "This is what they said about it",
            "Two die in the war",
            "Die Lage war in der Stadt ernst",
        ]);
        assert_eq!(terms[1], ["two", "die", "war"]);
        assert_eq!(terms[2], ["lage", "stadt", "ernst"]);
        assert_eq!(words("The Who", Some("de")), ["the", "who"]);
    }

    #[test]
    fn an_undeclared_language_does_not_depend_on_the_order_of_texts() {
        let (short, long) = ("Die Preise", "Das ist nicht der Fall");
        assert_eq!(terms_of(&[long, short])[1], ["preise"]);
        assert_eq!(terms_of(&[short, long])[0], ["preise"]);
        let (english, german) = (
            "Two die in the war",
            "Die Lage war in der Stadt ernst, und das ist nicht gut",
        );
        let mut reversed = terms_of(&[german, english]);
        reversed.reverse();
        assert_eq!(terms_of(&[english, german]), reversed);
    }

    #[test]
    fn scripts_without_spaces_are_compared_by_pairs_of_letters() {
        assert_eq!(words("東京都の", Some("ja")), ["東京", "京都", "都の"]);
    }
}
