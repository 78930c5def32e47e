//! Plain text: on one line, shortened, wrapped, without control characters.

use std::fmt::Display;
use std::time::Duration;

use unicode_segmentation::UnicodeSegmentation as _;

use super::MAX_BYTES;
use super::invisible::{is_blank, marked};

/// The most characters of a [`plain_line`].
const MAX_LINE: usize = 500;

/// Puts text without markup on one line of at most 500 characters that is safe to show: without control characters and invisible
/// characters that it does not need, each run of white space as one space.
#[must_use]
pub(crate) fn plain_line(text: &str) -> String {
    shorten(&uncut_line(text), MAX_LINE).0
}

/// [`plain_line`] at full length. For URLs, which do not work if they are cut.
#[must_use]
pub(crate) fn uncut_line(text: &str) -> String {
    let shown = kept(marked(cut_bytes(text, MAX_BYTES))).filter(|c| !c.is_control() || c.is_whitespace());
    collapse_whitespace(shown.map(|c| if is_blank(c) { ' ' } else { c }))
}

/// The longest beginning of `text` of at most `max_bytes` that ends between two characters.
pub(super) fn cut_bytes(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes)).unwrap_or(text)
}

/// Replaces each run of white space by one space, and removes it at both ends.
pub(super) fn collapse_whitespace(chars: impl Iterator<Item = char>) -> String {
    let mut collapsed = String::new();
    let mut space = false;
    for c in chars {
        if c.is_whitespace() {
            space = !collapsed.is_empty();
        } else {
            if space {
                collapsed.push(' ');
                space = false;
            }
            collapsed.push(c);
        }
    }
    collapsed
}

/// The characters of a text, each with whether it may be printed. A terminal may act on control characters instead of showing them,
/// except line feed and tab. Invisible characters stay where the text needs them.
pub(crate) fn printable_chars(text: &str) -> impl Iterator<Item = (char, bool)> {
    marked(text).map(|(c, belongs)| (c, belongs && (!c.is_control() || matches!(c, '\n' | '\t'))))
}

/// Whether two names of sources are equal except for case and surrounding white space.
#[must_use]
pub(crate) fn is_same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// `text` as it may be printed: lines stay lines, and nothing in them changes the terminal.
#[must_use]
pub(crate) fn printable(text: &str) -> String {
    kept(printable_chars(text)).collect()
}

fn kept(marked: impl Iterator<Item = (char, bool)>) -> impl Iterator<Item = char> {
    marked.filter_map(|(c, belongs)| belongs.then_some(c))
}

/// Whether a text shows a reader nothing.
#[must_use]
pub(crate) fn shows_nothing(text: &str) -> bool {
    let mut shown = kept(marked(text));
    shown.all(|c| c.is_whitespace() || c.is_control() || is_blank(c))
}

/// The most characters of a [`beginning`].
const MAX_BEGINNING: usize = 60;

/// The beginning of a text from a file or a request, for an error message: at most 60 characters, with control characters escaped.
#[must_use]
pub(crate) fn beginning(text: &str) -> String {
    let mut chars = text.chars();
    let short: String = chars.by_ref().take(MAX_BEGINNING).collect();
    let dots = if chars.next().is_some() { "…" } else { "" };
    format!("{}{dots}", escaped(&short))
}

/// The text with control characters, and invisible ones that it does not need, escaped. It has one line.
#[must_use]
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (c, belongs) in marked(text) {
        if c.is_control() || !belongs {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// `text` without NUL, which PostgreSQL refuses in text columns.
#[must_use]
pub(crate) fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

/// A share as a percentage with two digits, rounded down.
#[must_use]
pub(crate) fn percent(part: i64, all: i64) -> String {
    let hundredths = part.saturating_mul(10_000) / all.max(1);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// A number with its noun: `1 story`, `3 stories`.
#[must_use]
pub(crate) fn counted(count: impl Display, one: &str, many: &str) -> String {
    let count = count.to_string();
    let noun = if count == "1" { one } else { many };
    format!("{count} {noun}")
}

/// A duration in days, if it is a whole number of them.
#[must_use]
pub(crate) fn in_days(duration: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    if duration.as_secs().is_multiple_of(DAY) && duration.subsec_nanos() == 0 {
        counted(duration.as_secs() / DAY, "day", "days")
    } else {
        humantime::format_duration(duration).to_string()
    }
}

/// `text` on one line: each run of white space and control characters becomes one space. Unlike [`plain_line`] it separates words at
/// control characters and keeps the length.
#[must_use]
pub(crate) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Punctuation to remove before an ellipsis.
const DANGLING: &str = ",;:.-–—([{“„«‹‘、，；：。「『（【《〈";

/// Cuts `text` to at most `limit` characters. Returns it and whether it was cut. A cut text ends in `…`, after a word if one ends in
/// the second half, and never within a grapheme cluster.
///
/// Words are those of [UAX 29](https://www.unicode.org/reports/tr29/), also in scripts without spaces. Compounds with hyphens stay
/// whole.
#[must_use]
pub(crate) fn shorten(text: &str, limit: usize) -> (String, bool) {
    if text.char_indices().nth(limit).is_none() {
        return (text.to_owned(), false);
    }
    // One character is for the ellipsis.
    let Some(max_chars) = limit.checked_sub(1) else {
        return (String::new(), true);
    };
    let max_bytes = text.char_indices().nth(max_chars).map_or(text.len(), |(at, _)| at);
    let clusters: Vec<usize> = text
        .grapheme_indices(true)
        .map(|(start, _)| start)
        .take_while(|&start| start <= max_bytes)
        .collect();
    let word = text
        .split_word_bound_indices()
        .map(|(start, _)| start)
        .take_while(|&start| start <= max_bytes)
        .filter(|&start| ends_word(text, start) && clusters.binary_search(&start).is_ok())
        .last()
        .filter(|&end| end * 2 >= max_bytes);
    let end = word.or(clusters.last().copied()).unwrap_or_default();
    let kept = text.get(..end).unwrap_or_default();
    let kept = kept.trim_end_matches(|c: char| c.is_whitespace() || DANGLING.contains(c));
    (format!("{kept}…"), true)
}

/// Whether the UAX 29 boundary at `at` separates words as readers see them. Boundaries beside a hyphen or an apostrophe do not.
fn ends_word(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let separates = |c: char| c.is_whitespace() || matches!(c, '–' | '—') || has_no_spaces(c);
    before.ends_with(separates) || after.starts_with(separates)
}

/// Whether a character belongs to a script that is written without spaces between words, or to its punctuation.
fn has_no_spaces(c: char) -> bool {
    matches!(c,
        // Thai, Lao, Tibetan, Burmese, Khmer
        '\u{e00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Chinese and Japanese, and their full-width forms
        | '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{2_0000}'..='\u{3_ffff}')
}

/// The most columns of a line of plain text.
const MAX_COLUMNS: usize = 72;
/// Characters that cannot begin a line of Chinese or Japanese ([UAX 14](https://www.unicode.org/reports/tr14/)).
const NOT_FIRST: &str = "、。，．：；？！）」』】》〉…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ";
/// Characters that cannot end one.
const NOT_LAST: &str = "（「『【《〈";

/// Breaks `text` at white space, and between Chinese or Japanese characters, into lines of at most 72 columns. A longer word gets its own
/// line.
#[must_use]
pub(crate) fn wrap(text: &str) -> String {
    let mut wrapped = String::with_capacity(text.len() + 8);
    let mut column = 0;
    for word in text.split_whitespace() {
        for (index, part) in unbreakable_parts(word).into_iter().enumerate() {
            let space = usize::from(index == 0 && column > 0);
            let width = part.chars().map(columns).sum::<usize>();
            if column > 0 && column + space + width > MAX_COLUMNS {
                wrapped.push('\n');
                column = 0;
            } else if space > 0 {
                wrapped.push(' ');
                column += 1;
            }
            wrapped.push_str(part);
            column += width;
        }
    }
    wrapped
}

/// The parts of a word between which a line can be broken.
fn unbreakable_parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut previous: Option<char> = None;
    for (at, c) in word.char_indices() {
        let is_between = previous.is_some_and(|previous| {
            (has_no_spaces(previous) || has_no_spaces(c)) && !NOT_LAST.contains(previous) && !NOT_FIRST.contains(c)
        });
        if is_between {
            parts.push(&word[start..at]);
            start = at;
        }
        previous = Some(c);
    }
    parts.push(&word[start..]);
    parts
}

/// How many columns a character takes: two if it is Chinese or Japanese.
fn columns(c: char) -> usize {
    if c >= '\u{2e80}' && has_no_spaces(c) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down() {
        assert_eq!(percent(50, 950), "5.26 %");
        assert_eq!(percent(1, 100_000), "0.00 %");
        assert_eq!(percent(1, 0), "100.00 %");
    }

    #[test]
    fn control_characters_and_line_breaks_become_single_spaces() {
        assert_eq!(one_line(" a\r\nBcc: b\u{0}\tc\u{85}\u{2028}d "), "a Bcc: b c d");
    }

    #[test]
    fn printed_text_keeps_its_lines_and_loses_what_a_terminal_acts_on() {
        assert_eq!(
            printable("a\tb\nc \u{1b}[2Jd\r\u{9b}31me\u{202e}f\u{7f}\0 👩\u{200d}👧 é"),
            "a\tb\nc [2Jd31mef 👩\u{200d}👧 é"
        );
    }

    #[test]
    fn a_line_of_invisible_characters_is_empty() {
        for nothing in [
            "\u{ad}",
            "\u{e0041}",
            "\u{fe0f}\u{fe00}",
            "\u{3164} \u{115f}\u{ffa0}",
            "\u{2800}\u{2800}",
            "\u{200d}\u{200b}\u{feff}",
        ] {
            assert_eq!(plain_line(nothing), "", "{nothing:?}");
            assert!(shows_nothing(nothing), "{nothing:?}");
        }
        assert_eq!(plain_line("⠓⠊\u{2800}⠽⠕⠥ so\u{ad}ft"), "⠓⠊ ⠽⠕⠥ soft");
        assert!(!shows_nothing("\u{2800}."));
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

    #[test]
    fn chinese_and_japanese_lines_are_broken_between_characters() {
        let line = "確認".repeat(18);
        assert_eq!(wrap(&format!("{line}します。")), format!("{line}\nします。"));
        // Punctuation does not begin a line, and a Latin word stays whole.
        let almost = "確認".repeat(17) + "確";
        assert_eq!(wrap(&format!("{almost}認。はい")), format!("{almost}\n認。はい"));
        assert_eq!(
            wrap(&format!("{almost}Daywire から")),
            format!("{almost}\nDaywire から")
        );
    }
}
