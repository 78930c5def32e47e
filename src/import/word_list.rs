//! Lists of words in the forms that [`fold`] gives them, and how a word is looked up in one.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folded words or parts of words, separated by blanks.
pub(super) struct WordList(pub(super) &'static str);

impl WordList {
    pub(super) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.split_ascii_whitespace()
    }

    /// Whether `word` is in the list.
    pub(super) fn contains(&self, word: &str) -> bool {
        self.iter().any(|other| other == word)
    }

    /// Whether `word` begins with one of the list.
    pub(super) fn has_prefix_of(&self, word: &str) -> bool {
        self.iter().any(|prefix| word.starts_with(prefix))
    }

    /// Whether one of the list is a part of `word`.
    pub(super) fn has_part_of(&self, word: &str) -> bool {
        self.iter().any(|part| word.contains(part))
    }

    /// The position of `word` in the list.
    pub(super) fn position(&self, word: &str) -> Option<usize> {
        self.iter().position(|other| other == word)
    }
}

/// Lower-case letters and digits without accents: `Désinscrit(e)` becomes `desinscrite`.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        let letters = text.bytes().filter(u8::is_ascii_alphanumeric);
        return letters.map(|letter| char::from(letter.to_ascii_lowercase())).collect();
    }
    // The letters of Korean are decomposed, too, and are composed again.
    let letters = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .nfc()
        .flat_map(char::to_lowercase);
    letters
        .filter(|c| c.is_alphanumeric())
        .map(|c| if c == 'ß' { 's' } else { c })
        .collect()
}
