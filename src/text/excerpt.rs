//! Shortens a text to its first sentences.

use unicode_segmentation::UnicodeSegmentation;

use super::plain::{shorten, uncut_line};

/// How many characters after the limit are read: what follows shows whether a sentence ends.
const LOOKAHEAD: usize = 40;

// Abbreviations that rarely end a sentence, in lower case and without their full stop. A word that may or may not end a sentence is
// treated as not ending it: then the excerpt is one sentence shorter.
const ENGLISH: &str = "mr mrs ms dr prof rev hon gen col capt lt sgt gov sen rep pres st mt jr sr vs etc inc ltd corp co dept \
    univ approx vol fig ed pp e.g i.e cf jan feb mar apr jun jul aug sep sept oct nov dec";
const GERMAN: &str = "nr bzw ca evtl ggf inkl usw vgl abs str hr fr mio mrd tel geb dipl ing z.b d.h u.a s.o";
const ROMANCE_AND_DUTCH: &str = "mme mlle av env chap sra srta ud uds pág sig dott avv ecc mevr dhr blz bijv enz";

/// Characters that may follow the punctuation at the end of a sentence.
const CLOSING: [char; 11] = ['"', '\'', ')', ']', '»', '”', '’', '“', '」', '』', '）'];

/// Shortens text to at most `max_chars` characters, each run of white space as one space. It ends after a sentence
/// ([UAX 29](https://www.unicode.org/reports/tr29/) and a list of abbreviations) if one ends after the first quarter, otherwise after a
/// word, with an ellipsis.
#[must_use]
pub(crate) fn excerpt(text: &str, max_chars: usize) -> String {
    let collapsed = uncut_line(text);
    let Some((limit, _)) = collapsed.char_indices().nth(max_chars) else {
        return collapsed;
    };
    let min = collapsed.char_indices().nth(max_chars / 4).map_or(0, |(at, _)| at);
    let ahead = collapsed
        .char_indices()
        .nth(max_chars + LOOKAHEAD)
        .map_or(collapsed.len(), |(at, _)| at);
    let seen = collapsed.get(..ahead).unwrap_or(&collapsed);
    // The end of what was read ends a sentence only if it is also the end of the text.
    let ends = seen.split_sentence_bound_indices().skip(1).map(|(start, _)| start);
    let end = ends
        .chain((ahead == collapsed.len()).then_some(ahead))
        .filter_map(|end| seen.get(..end).map(str::trim_end))
        .take_while(|head| head.len() <= limit)
        .filter(|head| head.len() >= min && !head.is_empty() && ends_sentence(head))
        .last();
    end.map_or_else(|| shorten(&collapsed, max_chars).0, str::to_owned)
}

/// Whether a sentence ends with the last word of `head`, as far as that word shows.
fn ends_sentence(head: &str) -> bool {
    let bare = head.trim_end_matches(CLOSING);
    let Some(before_stop) = bare.strip_suffix('.') else {
        // Only a full stop can belong to an abbreviation. A paragraph that ends without punctuation is not a sentence.
        return bare.ends_with(|c: char| !c.is_alphanumeric() && !c.is_whitespace() && !matches!(c, ',' | ';' | ':'));
    };
    let word = before_stop
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '"' | '“' | '„' | '«'))
        .next();
    let word = word.unwrap_or_default().to_lowercase();
    let letters = word.chars().count();
    let is_initial = letters == 1 && word.chars().all(char::is_alphabetic);
    // "U.S." and "z.B.": a full stop after every letter.
    let is_initials = word.contains('.') && word.split('.').all(|part| part.chars().count() <= 1);
    // "Am 23. November", "Ludwig XIV.": a day or a rank; a year or a sum of money is longer.
    let is_ordinal = letters <= 2 && word.chars().all(|c| c.is_ascii_digit());
    !(word.is_empty() || is_initial || is_initials || is_ordinal || is_abbreviation(&word))
}

fn is_abbreviation(word: &str) -> bool {
    let mut known = [ENGLISH, GERMAN, ROMANCE_AND_DUTCH]
        .into_iter()
        .flat_map(str::split_whitespace);
    known.any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_excerpt_ends_after_a_sentence_or_after_a_word() {
        for (text, max, expected) in [
            (
                "One two three.  Four five six.\nSeven eight nine ten.",
                100,
                "One two three. Four five six. Seven eight nine ten.",
            ),
            (
                "One two three.  Four five six.\nSeven eight nine ten.",
                40,
                "One two three. Four five six.",
            ),
            (
                "One two three.  Four five six.\nSeven eight nine ten.",
                26,
                "One two three.",
            ),
            (
                "One two three.  Four five six.\nSeven eight nine ten.",
                30,
                "One two three. Four five six.",
            ),
            ("one two three four five", 12, "one two…"),
            ("one two three four five", 14, "one two three…"),
            (
                "They sell ca. ten thousand of them, e.g. here",
                26,
                "They sell ca. ten…",
            ),
            ("日本語の文章です。とても長い文章です", 12, "日本語の文章です。"),
            ("他说：「走吧。」然后他离开了房子，再也没有回来", 10, "他说：「走吧。」"),
            ("यह पहला वाक्य है। यह दूसरा वाक्य है जो लंबा है", 25, "यह पहला वाक्य है।"),
            ("aaaaaaaaaaaaaaaaaaaa", 5, "aaaa…"),
            ("He said “Go away.” Then he left the house", 25, "He said “Go away.”"),
            ("Is it so? Nobody at the company would say.", 20, "Is it so?"),
            (
                "Hi. What follows is much longer than that.",
                25,
                "Hi. What follows is much…",
            ),
            ("abc", 0, ""),
            ("", 5, ""),
        ] {
            assert_eq!(excerpt(text, max), expected, "{text} in {max}");
        }
    }

    #[test]
    fn abbreviations_initials_and_ordinals_do_not_end_a_sentence() {
        for (text, max, expected) in [
            (
                "It rained. Then Dr. Adams of the U.S. Senate spoke for an hour.",
                30,
                "It rained.",
            ),
            (
                "It rained. So J. K. Rowling stayed at home all day long.",
                20,
                "It rained.",
            ),
            (
                "Es regnete. Am 23. November 2026 schien dann die Sonne.",
                22,
                "Es regnete.",
            ),
            (
                "Es regnete. Das sind z. B. Äpfel, Birnen und dergleichen mehr.",
                29,
                "Es regnete.",
            ),
            (
                "That was in 2026. Then it rained for a very long time.",
                30,
                "That was in 2026.",
            ),
            (
                "It costs 3.50 in all. The rest is for free, as they say.",
                30,
                "It costs 3.50 in all.",
            ),
        ] {
            assert_eq!(excerpt(text, max), expected, "{text} in {max}");
        }
    }

    #[test]
    fn an_excerpt_does_not_cut_a_grapheme_cluster() {
        let family = "👩\u{200d}👩\u{200d}👧";
        assert_eq!(excerpt(&family.repeat(4), 8), format!("{family}…"));
    }

    proptest! {
        #[test]
        fn an_excerpt_is_within_its_limit_and_a_beginning_of_the_text(text in any::<String>(), max in 0_usize..60) {
            let short = excerpt(&text, max);
            prop_assert!(short.chars().count() <= max);
            let collapsed = uncut_line(&text);
            prop_assert!(collapsed.starts_with(short.strip_suffix('…').unwrap_or(&short)) || collapsed.starts_with(&short));
        }
    }
}
