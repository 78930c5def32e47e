//! Takes the text that readers see out of HTML, in linear time.

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::elements::{BLOCK, HIDDEN, has};
use super::tokenizer::{content_rule, run};
use crate::text::MAX_BYTES;
use crate::text::plain::{cut_bytes, plain_line};

/// Turns a title or name, with or without markup, into one line of at most 500 characters that is safe to show: without tags, control
/// characters and characters that change the direction of writing, entities decoded once, each run of white space as one space.
#[must_use]
pub fn clean_line(markup: &str) -> String {
    plain_line(&strip_tags(markup))
}

/// The text of the first 256 KB of HTML, without tags and link addresses; each block is a line.
pub(crate) fn strip_tags(html: &str) -> String {
    visible_text(cut_bytes(html, MAX_BYTES))
}

/// [`strip_tags`] for an excerpt: with punctuation, so that lines can be joined, such as `Dropped: bread; butter.`
pub(crate) fn running_text(html: &str) -> String {
    punctuated_text(cut_bytes(html, MAX_BYTES))
}

/// The text of `html` that readers see: entities decoded once, without tags, scripts and styles, one line for each block. It ends
/// before a tag or comment of more than 16 KB.
pub(super) fn visible_text(html: &str) -> String {
    run(html, VisibleText::default()).0.text.into_inner()
}

/// [`visible_text`] with punctuation, so that its lines can be joined: a semicolon between items of a list, a full stop after a
/// heading.
fn punctuated_text(html: &str) -> String {
    let sink = VisibleText {
        punctuates: true,
        ..VisibleText::default()
    };
    run(html, sink).0.text.into_inner()
}

/// Collects the text of elements that are not hidden.
#[derive(Default)]
struct VisibleText {
    text: RefCell<String>,
    /// The name of the hidden element that is open.
    hidden: RefCell<Option<String>>,
    /// Whether to insert punctuation where items and headings end.
    punctuates: bool,
    /// The punctuation to insert before the next text.
    pending: Cell<Option<char>>,
    /// Whether the current list has an item.
    in_list: Cell<bool>,
}

impl VisibleText {
    fn tag(&self, name: &str, kind: TagKind) {
        let sign = match (name, kind) {
            ("li" | "dt", TagKind::StartTag) => Some(if self.in_list.replace(true) { ';' } else { ':' }),
            ("dd", TagKind::StartTag) => Some(':'),
            ("ul" | "ol" | "dl", TagKind::StartTag) => {
                self.in_list.set(false);
                return;
            }
            ("ul" | "ol" | "dl", TagKind::EndTag) if self.in_list.get() => Some('.'),
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", TagKind::EndTag) => Some('.'),
            _ => return,
        };
        self.pending.set(sign);
    }

    /// Inserts the pending punctuation after the text, unless the text ends with punctuation.
    fn punctuate(&self) {
        let Some(sign) = self.pending.take() else { return };
        let mut text = self.text.borrow_mut();
        let end = text.trim_end().len();
        let is_open = |c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '%' | '"' | '”' | '’' | '»');
        if text.get(..end).is_some_and(|text| text.ends_with(is_open)) {
            text.insert(end, sign);
        }
    }
}

impl TokenSink for VisibleText {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(characters) if self.hidden.borrow().is_none() => {
                if !characters.trim().is_empty() {
                    self.punctuate();
                }
                self.text.borrow_mut().push_str(&characters);
            }
            Token::TagToken(Tag { kind, name, .. }) => {
                if has(&name, BLOCK) {
                    self.text.borrow_mut().push('\n');
                }
                if self.punctuates {
                    self.tag(&name, kind);
                }
                let mut hidden = self.hidden.borrow_mut();
                match kind {
                    TagKind::StartTag if hidden.is_none() && has(&name, HIDDEN) => *hidden = Some(name.to_string()),
                    // The end of the formula or drawing around it also closes elements without an end tag.
                    TagKind::EndTag if hidden.as_deref() == Some(&*name) || matches!(&*name, "math" | "svg") => {
                        *hidden = None;
                    }
                    _ => {}
                }
                if kind == TagKind::StartTag {
                    return content_rule(&name);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::plain::collapse_whitespace;

    #[test]
    fn list_items_and_headings_are_separated_by_punctuation() {
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
            assert_eq!(collapse_whitespace(running_text(html).chars()), expected, "{html}");
        }
    }

    #[test]
    fn a_clean_line_has_no_markup_and_no_control_characters() {
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
        assert_eq!(clean_line(&"ä".repeat(600)).chars().count(), 500);
    }
}
