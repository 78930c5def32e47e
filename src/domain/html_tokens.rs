//! What can be told from the tags of HTML without building its tree: how costly the tree would be, and the bare text.
//!
//! Tree builders take quadratic time for some input: deep nesting, unclosed formatting elements that are opened again
//! in every paragraph, thousands of attributes on one tag. The tokenizer is linear in all but the last, so it goes first.

use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// Elements that may be open at once; articles seldom reach thirty.
const MAX_DEPTH: usize = 128;
/// Sum over all tags of the formatting elements open at each: the nodes that reopening them could add.
const MAX_REOPENED: usize = 50_000;
/// Tags allowed where foreign rules of parsing make the count of open elements unsure.
const MAX_TAGS_UNSURE: usize = 500;
/// Separators inside one tag; each may begin an attribute, and attributes are compared pairwise.
const MAX_ATTRIBUTES: usize = 1_000;

/// Says whether a tree may be built from `html` in little time and stack.
pub(super) fn is_affordable(html: &str) -> bool {
    if has_crowded_tag(html) {
        return false;
    }
    let cost = run(html, Cost::default());
    let crowded = cost.unsure.get() && cost.tags.get() > MAX_TAGS_UNSURE;
    !cost.over.get() && !crowded
}

/// Gives the text of `html` with entities decoded once and tags, scripts and styles left out; blocks become lines.
pub(super) fn bare_text(html: &str) -> String {
    if has_crowded_tag(html) {
        return html.to_owned();
    }
    run(html, Bare::default()).text.into_inner()
}

fn run<S: TokenSink>(html: &str, sink: S) -> S {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    // Anything but `Done` is a script to run, which no sink here asks for.
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink
}

/// Looks for a tag with more attributes than any honest one has, by its `=` and blanks alone.
fn has_crowded_tag(html: &str) -> bool {
    let mut separators = 0;
    for byte in html.bytes() {
        match byte {
            b'<' => separators = 0,
            b'>' => {}
            b'=' | b'"' | b'\'' | b'/' | b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => separators += 1,
            _ => continue,
        }
        if separators > MAX_ATTRIBUTES * 40 {
            return true;
        }
    }
    false
}

/// Tells the tokenizer how the content of an element is read, as a tree builder would.
fn content_rule<H>(name: &str) -> TokenSinkResult<H> {
    match name {
        "script" => TokenSinkResult::RawData(ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => TokenSinkResult::RawData(Rawtext),
        "textarea" | "title" => TokenSinkResult::RawData(Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// Counts open elements, rather too many than too few.
#[derive(Default)]
struct Cost {
    open: RefCell<Vec<String>>,
    tags: Cell<usize>,
    reopened: Cell<usize>,
    unsure: Cell<bool>,
    over: Cell<bool>,
}

impl Cost {
    fn opened(&self, name: &str) {
        if matches!(name, "svg" | "math" | "template" | "select" | "frameset") {
            self.unsure.set(true);
        }
        let mut open = self.open.borrow_mut();
        self.tags.set(self.tags.get() + 1);
        self.reopened
            .set(self.reopened.get() + open.iter().filter(|name| is_formatting(name)).count());
        if !is_void(name) && !closes_itself(name) {
            open.push(name.to_owned());
        }
        if open.len() > MAX_DEPTH || self.reopened.get() > MAX_REOPENED {
            self.over.set(true);
        }
    }

    fn closed(&self, name: &str) {
        let mut open = self.open.borrow_mut();
        let reach = open
            .iter()
            .rposition(|other| other == name || (is_boundary(other) && !is_boundary(name)));
        let Some(at) = reach.filter(|&at| open.get(at).is_some_and(|other| other == name)) else {
            return;
        };
        // A misplaced end tag of a formatting element closes that one alone, and those that another end tag runs
        // over are opened again after it.
        let mut index = 0;
        open.retain(|other| {
            let keep = index < at || (index > at && (is_formatting(name) || is_formatting(other)));
            index += 1;
            keep
        });
    }
}

impl TokenSink for Cost {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        // Past the limit the rest is of no interest, and reading it as plain text is the fastest way to its end.
        if self.over.get() {
            return TokenSinkResult::Plaintext;
        }
        match token {
            Token::TagToken(Tag {
                kind: TagKind::StartTag,
                name,
                ..
            }) => {
                self.opened(&name);
                content_rule(&name)
            }
            Token::TagToken(Tag {
                kind: TagKind::EndTag,
                name,
                ..
            }) => {
                self.closed(&name);
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

/// Gathers text.
#[derive(Default)]
struct Bare {
    text: RefCell<String>,
    skipping: Cell<bool>,
}

impl TokenSink for Bare {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(characters) if !self.skipping.get() => self.text.borrow_mut().push_str(&characters),
            Token::TagToken(Tag { kind, name, .. }) => {
                if is_block(&name) {
                    self.text.borrow_mut().push('\n');
                }
                let hidden = matches!(
                    &*name,
                    "script" | "style" | "iframe" | "noembed" | "noframes" | "noscript"
                );
                self.skipping.set(hidden && kind == TagKind::StartTag);
                if kind == TagKind::StartTag {
                    return content_rule(&name);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "image"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements whose end tag may be left out: the next of their kind ends them, so a long run of them is not deep.
fn closes_itself(name: &str) -> bool {
    matches!(
        name,
        "p" | "li"
            | "dt"
            | "dd"
            | "tr"
            | "td"
            | "th"
            | "thead"
            | "tbody"
            | "tfoot"
            | "colgroup"
            | "caption"
            | "option"
            | "optgroup"
            | "rt"
            | "rp"
            | "rb"
            | "rtc"
            | "html"
            | "head"
            | "body"
    )
}

fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u"
    )
}

/// Elements past which an end tag does not reach.
fn is_boundary(name: &str) -> bool {
    matches!(
        name,
        "table" | "marquee" | "object" | "applet" | "template" | "button" | "select" | "svg" | "math"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "br"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "figcaption"
            | "figure"
            | "footer"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "li"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "td"
            | "th"
            | "tr"
            | "ul"
    )
}
