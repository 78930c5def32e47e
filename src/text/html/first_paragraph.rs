//! Finds the first paragraph of an article.

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult};

use super::tokenizer::run_unlimited;
use crate::text::plain::uncut_line;

/// Elements whose paragraphs are not the article's own: items, quotations, cells, captions.
const ASIDE: [&str; 6] = ["ul", "ol", "dl", "blockquote", "table", "figure"];

/// The text of the first paragraph of sanitised HTML that is outside lists, quotations, tables and figures, on one line. `None` if no
/// such paragraph has text.
#[must_use]
pub(crate) fn first_paragraph(clean: &str) -> Option<String> {
    let sink = run_unlimited(clean, FirstParagraph::default());
    sink.end();
    sink.found.into_inner()
}

#[derive(Default)]
struct FirstParagraph {
    /// How many elements of [`ASIDE`] are open.
    aside: Cell<usize>,
    /// The text of the open paragraph.
    paragraph: RefCell<Option<String>>,
    found: RefCell<Option<String>>,
}

impl FirstParagraph {
    fn tag(&self, name: &str, kind: TagKind) {
        let is_start = kind == TagKind::StartTag;
        match name {
            "p" if is_start && self.aside.get() > 0 => {}
            "p" if is_start => *self.paragraph.borrow_mut() = Some(String::new()),
            "p" => self.end(),
            "br" => self.text("\n"),
            _ if ASIDE.contains(&name) && is_start => self.aside.set(self.aside.get() + 1),
            _ if ASIDE.contains(&name) => self.aside.set(self.aside.get().saturating_sub(1)),
            _ => {}
        }
    }

    fn text(&self, text: &str) {
        if let Some(paragraph) = &mut *self.paragraph.borrow_mut() {
            paragraph.push_str(text);
        }
    }

    /// Ends the open paragraph, if there is one.
    fn end(&self) {
        let paragraph = self.paragraph.borrow_mut().take();
        let line = paragraph.map(|text| uncut_line(&text));
        if self.found.borrow().is_none() {
            *self.found.borrow_mut() = line.filter(|line| !line.is_empty());
        }
    }
}

impl TokenSink for FirstParagraph {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => self.tag(&tag.name, tag.kind),
            Token::CharacterTokens(text) => self.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::super::sanitise;
    use super::*;

    #[test]
    fn the_first_paragraph_outside_headings_lists_and_tables_is_found() {
        for (html, expected) in [
            (
                "<h1>Head</h1><p>One <b>two</b>\n&amp; three.</p><p>Four.</p>",
                Some("One two & three."),
            ),
            (
                "<ul><li><p>item</p></li></ul><blockquote><p>said</p></blockquote><p>Text</p>",
                Some("Text"),
            ),
            (
                "<table><tr><td><p>cell</p></td></tr></table><pre><code>x</code></pre><p>Text",
                Some("Text"),
            ),
            (
                "<p><img src=\"https://a.example/b.png\" alt=\"x\"></p><p> </p><p>Text</p>",
                Some("Text"),
            ),
            ("<h1>Head</h1><ul><li>item</li></ul>", None),
            ("", None),
        ] {
            assert_eq!(first_paragraph(&sanitise(html)).as_deref(), expected, "{html}");
        }
    }
}
