//! Outside text made fit for one line of a mail: no control characters, no more than so many characters, wrapped.

/// `text` on one line: runs of white space and control characters become one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `text` in at most `limit` characters, and whether something had to go; then it ends in `…`, at a word's end if one is near.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> (String, bool) {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return (text.to_owned(), false);
    };
    let room = text[..end].char_indices().next_back().map_or(0, |(last, _)| last);
    let cut = &text[..room];
    let kept = match cut.rfind(' ') {
        Some(space) if !text[room..].starts_with(' ') && space * 3 > room * 2 => &cut[..space],
        _ => cut,
    };
    let kept = kept.trim_end_matches(|c: char| c.is_whitespace() || ",;:.–—-".contains(c));
    (format!("{kept}…"), true)
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
    fn lines_are_broken_at_spaces_only() {
        let (half, long) = ("x".repeat(35), "x".repeat(80));
        assert_eq!(wrap(&format!("{half} {half} y")), format!("{half} {half}\ny"));
        assert_eq!(wrap(&format!("{long} y")), format!("{long}\ny"));
    }
}
