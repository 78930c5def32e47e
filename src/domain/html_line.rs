//! Makes single lines and short plain texts of what strangers wrote.

use super::html::MAX_BYTES;
use super::html_tokens::{bare_text, running_text};
use super::prose::shorten;

/// Characters that a line keeps.
const MAX_LINE: usize = 500;

/// Turns a title, a name or the like, with or without markup, into one harmless line of at most 500 characters: tags
/// stripped, entities decoded once, control and direction-changing characters removed, white space folded.
#[must_use]
pub fn clean_line(markup: &str) -> String {
    plain_line(&bare_text(cut(markup, MAX_BYTES)))
}

/// Does for text that is known to hold no markup what [`clean_line`] does for the rest.
#[must_use]
pub fn plain_line(text: &str) -> String {
    shorten(&folded_line(text), MAX_LINE).0
}

/// Text on one line without harmful characters, at its full length. For URLs, which do not work if they are cut.
#[must_use]
pub fn folded_line(text: &str) -> String {
    fold(cut(text, MAX_BYTES).chars().filter(|&c| !is_unwanted(c)))
}

/// Gives the text of HTML without its tags and link addresses, with lines where blocks end; in linear time.
#[must_use]
pub fn strip(html: &str) -> String {
    bare_text(cut(html, MAX_BYTES))
}

/// [`strip`] for an excerpt: where lines are put into one, items of a list stay apart,
/// such as in `Dropped: bread; butter.`
#[must_use]
pub fn running(html: &str) -> String {
    running_text(cut(html, MAX_BYTES))
}

pub(super) fn cut(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes)).unwrap_or(text)
}

/// Makes every run of white space one space, and none at either end.
pub(super) fn fold(chars: impl Iterator<Item = char>) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_a_list_and_headings_do_not_run_into_each_other() {
        for (html, expected) in [
            (
                "<p>Linux drops 40,000 lines of board files.</p><ul><li>ARMv5</li><li>m68k without MMU</li></ul><p>Next",
                "Linux drops 40,000 lines of board files. ARMv5; m68k without MMU. Next",
            ),
            (
                "It has<ol><li>speed <li>(some) grace!<li>wit</ol>",
                "It has: speed; (some) grace! wit",
            ),
            ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul>e", "a: b; c; d. e"),
            ("<h2>What is new</h2><p>Much.</p>", "What is new. Much."),
            ("<dl><dt>A<dd>one<dt>B<dd>two</dl>", "A: one; B: two"),
            ("a<br>b", "a b"),
        ] {
            assert_eq!(fold(running(html).chars()), expected, "{html}");
        }
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
