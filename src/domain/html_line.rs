//! Makes single lines and short plain texts of what strangers wrote.

use super::html::MAX_BYTES;
use super::html_tokens::bare_text;

/// Characters that a line keeps.
const MAX_LINE: usize = 500;

/// Shortens text to at most `max_chars` characters, with white space folded: up to the end of a sentence if one lies
/// in the later half, else up to a word and an ellipsis.
#[must_use]
pub fn excerpt(text: &str, max_chars: usize) -> String {
    let folded = fold(text.chars());
    let chars: Vec<char> = folded.chars().collect();
    if chars.len() <= max_chars {
        return folded;
    }
    let half = max_chars / 2;
    if let Some(end) = (half..=max_chars).rev().find(|&end| ends_sentence(&chars, end)) {
        return chars.iter().take(end).collect();
    }
    let room = max_chars.saturating_sub(1);
    // Scripts without spaces have no word to end at and are cut where the room ends.
    let end = (half..=room)
        .rev()
        .find(|&end| chars.get(end) == Some(&' '))
        .unwrap_or(room);
    let head: String = chars.iter().take(end).collect();
    let head = head.trim_end_matches([' ', ',', ';', ':', '-', '–', '—', '(']);
    if max_chars == 0 {
        String::new()
    } else {
        format!("{head}…")
    }
}

/// Turns a title, a name or the like, with or without markup, into one harmless line of at most 500 characters: tags
/// stripped, entities decoded once, control and direction-changing characters removed, white space folded.
#[must_use]
pub fn clean_line(markup: &str) -> String {
    plain_line(&bare_text(cut(markup, MAX_BYTES)))
}

/// Does for text that is known to hold no markup what [`clean_line`] does for the rest.
#[must_use]
pub fn plain_line(text: &str) -> String {
    let line = fold(cut(text, MAX_BYTES).chars().filter(|&c| !is_unwanted(c)));
    match line.char_indices().nth(MAX_LINE) {
        Some((end, _)) => line.get(..end).unwrap_or_default().trim_end().to_owned(),
        None => line,
    }
}

/// Gives the text of HTML without its tags and link addresses, with lines where blocks end; in linear time.
#[must_use]
pub fn strip(html: &str) -> String {
    bare_text(cut(html, MAX_BYTES))
}

fn cut(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes)).unwrap_or(text)
}

/// Makes every run of white space one space, and none at either end.
fn fold(chars: impl Iterator<Item = char>) -> String {
    let mut folded = String::new();
    let mut space = false;
    for c in chars {
        if c.is_whitespace() {
            space = !folded.is_empty();
        } else {
            if space {
                folded.push(' ');
                space = false;
            }
            folded.push(c);
        }
    }
    folded
}

/// Characters that a line must not hold: controls that are no white space, and those that reorder or hide text
/// (Unicode UAX 9 explicit formatting, zero-width space, byte order mark). Joiners stay, scripts and emoji need them.
fn is_unwanted(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        )
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Says whether a sentence ends right before `end`, and more follows or nothing does.
fn ends_sentence(chars: &[char], end: usize) -> bool {
    let closing = |c: &char| matches!(c, '"' | '\'' | ')' | ']' | '»' | '”' | '’' | '“' | '」' | '』');
    let Some(head) = chars.get(..end) else { return false };
    let Some(last) = head.iter().rposition(|c| !closing(c)) else {
        return false;
    };
    match head.get(last) {
        Some('。' | '！' | '？' | '｡' | '।') => true,
        // A lower-case word after the stop says that it was an abbreviation.
        Some('.' | '!' | '?' | '…') => match (chars.get(end), chars.get(end + 1)) {
            (Some(' '), Some(next)) => !next.is_lowercase(),
            (None, _) => true,
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_end_at_a_sentence_a_word_or_the_room() {
        let text = "One two three.  Four five six.\nSeven eight nine ten.";
        assert_eq!(
            excerpt(text, 100),
            "One two three. Four five six. Seven eight nine ten."
        );
        assert_eq!(excerpt(text, 40), "One two three. Four five six.");
        assert_eq!(excerpt(text, 26), "One two three.");
        assert_eq!(excerpt("one two three four five", 12), "one two…");
        assert_eq!(
            excerpt("They sell ca. ten thousand of them, e.g. here", 26),
            "They sell ca. ten…"
        );
        assert_eq!(
            excerpt("日本語の文章です。とても長い文章です", 12),
            "日本語の文章です。"
        );
        assert_eq!(excerpt("aaaaaaaaaaaaaaaaaaaa", 5), "aaaa…");
        assert_eq!(
            excerpt("He said “Go away.” Then he left the house", 25),
            "He said “Go away.”"
        );
        assert_eq!((excerpt("abc", 0), excerpt("", 5)), (String::new(), String::new()));
    }

    #[test]
    fn lines_are_clean() {
        for (markup, expected) in [
            ("  A\r\nBcc: x@example.org\u{0}\u{7}  b ", "A Bcc: x@example.org b"),
            ("AT&amp;T &lt;b&gt; <b>bold</b>", "AT&T <b> bold"),
            ("&amp;lt;", "&lt;"),
            ("\u{202e}evil\u{2066} \u{200b}text\u{feff}", "evil text"),
            ("a<br>b<script>c</script>", "a b"),
            ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
            ("👩\u{200d}🚀 Zürich\u{2028}x", "👩\u{200d}🚀 Zürich x"),
        ] {
            assert_eq!(clean_line(markup), expected, "{markup}");
        }
        assert_eq!(clean_line(&"ä".repeat(600)).chars().count(), MAX_LINE);
        assert_eq!(plain_line("a <b> &amp;"), "a <b> &amp;");
    }
}
