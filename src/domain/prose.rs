//! Outside text made fit for one line of a mail: no control characters, no more than so many characters, wrapped.

use std::fmt::Display;

use unicode_segmentation::UnicodeSegmentation as _;

/// A number with its noun: `1 story`, `3 stories`.
#[must_use]
pub fn counted(count: impl Display, one: &str, many: &str) -> String {
    let count = count.to_string();
    let noun = if count == "1" { one } else { many };
    format!("{count} {noun}")
}

/// `text` on one line: runs of white space and control characters become one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Signs that mean nothing before an ellipsis.
const DANGLING: &str = ",;:.-–—([{“„«‹‘、，；：。「『（【《〈";

/// `text` in at most `limit` characters, and whether it was cut. If so it ends in `…`, behind a word if one ends in the second half.
///
/// Words are those of [UAX 29](https://www.unicode.org/reports/tr29/). Compounds with hyphens stay whole, and in scripts without
/// spaces a word is what UAX 29 makes of it. No cluster of characters that a reader sees as one is cut in two.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> (String, bool) {
    if text.char_indices().nth(limit).is_none() {
        return (text.to_owned(), false);
    }
    let Some(room) = limit.checked_sub(1) else {
        return (String::new(), true);
    };
    let room = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
    let clusters: Vec<usize> = text
        .grapheme_indices(true)
        .map(|(start, _)| start)
        .take_while(|&start| start <= room)
        .collect();
    let word = text
        .split_word_bound_indices()
        .map(|(start, _)| start)
        .take_while(|&start| start <= room)
        .filter(|&start| ends_word(text, start) && clusters.binary_search(&start).is_ok())
        .last()
        .filter(|&end| end * 2 >= room);
    let end = word.or(clusters.last().copied()).unwrap_or_default();
    let kept = text.get(..end).unwrap_or_default();
    let kept = kept.trim_end_matches(|c: char| c.is_whitespace() || DANGLING.contains(c));
    (format!("{kept}…"), true)
}

/// Whether a boundary of UAX 29 lies between words as a reader sees them, and not beside a hyphen or an apostrophe.
fn ends_word(text: &str, at: usize) -> bool {
    let (before, behind) = text.split_at(at);
    let parts = |c: char| c.is_whitespace() || matches!(c, '–' | '—') || has_no_spaces(c);
    before.ends_with(parts) || behind.starts_with(parts)
}

/// Whether a character belongs to a script that is written without spaces between words, or to its punctuation.
fn has_no_spaces(c: char) -> bool {
    matches!(c,
        // Thai, Lao, Tibetan, Burmese, Khmer
        '\u{e00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Chinese and Japanese, and their full-width forms
        | '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{2_0000}'..='\u{3_ffff}')
}

/// Most characters of a line of plain text.
const COLUMNS: usize = 72;

/// `text` broken at spaces into lines of at most 72 characters; a longer word keeps a line of its own.
#[must_use]
pub fn wrap(text: &str) -> String {
    let mut wrapped = String::with_capacity(text.len() + 8);
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > COLUMNS {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_line_breaks_become_single_spaces() {
        assert_eq!(one_line(" a\r\nBcc: b\u{0}\tc\u{85}\u{2028}d "), "a Bcc: b c d");
    }

    #[test]
    fn short_text_is_left_alone() {
        assert_eq!(shorten("a bc", 4), ("a bc".into(), false));
        assert_eq!(shorten("", 0), (String::new(), false));
    }

    #[test]
    fn long_text_ends_at_a_word_and_within_the_limit() {
        assert_eq!(
            shorten("signal without fluff, please", 22),
            ("signal without fluff…".into(), true)
        );
        let (cut, shortened) = shorten(&"ö".repeat(50), 10);
        assert!(shortened);
        assert_eq!(cut.chars().count(), 10);
    }

    #[test]
    fn text_without_spaces_fills_its_room_and_no_cluster_is_cut() {
        for (text, limit, expected) in [
            ("朝刊: 東京都議会は来年度の予算案を可決し", 12, "朝刊: 東京都議会は来…"),
            (
                "新しい iPhone 18 が発売されたと発表した",
                18,
                "新しい iPhone 18 が発売…",
            ),
            // A word in Katakana stays whole, a bracket does not dangle.
            ("昨日の午後はコンピューターが", 9, "昨日の午後は…"),
            ("昨日は計算機「富岳」の日だ", 8, "昨日は計算機…"),
            ("ที่ประชุมเห็นชอบงบประมาณ", 10, "ที่ประชุม…"),
            ("two more well-known firms", 15, "two more…"),
            ("he said what they don't say now", 22, "he said what they…"),
            (
                "👩\u{200d}👩\u{200d}👧👩\u{200d}👩\u{200d}👧",
                8,
                "👩\u{200d}👩\u{200d}👧…",
            ),
        ] {
            let (short, cut) = shorten(text, limit);
            assert_eq!((short.as_str(), cut), (expected, true), "{text}");
        }
    }

    #[test]
    fn lines_are_broken_at_spaces_only() {
        let (half, long) = ("x".repeat(35), "x".repeat(80));
        assert_eq!(wrap(&format!("{half} {half} y")), format!("{half} {half}\ny"));
        assert_eq!(wrap(&format!("{long} y")), format!("{long}\ny"));
    }
}
