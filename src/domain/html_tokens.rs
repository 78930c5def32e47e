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
/// Bytes of one tag or comment. Attributes are compared pairwise while a tag is read, so its length is limited.
const MAX_TOKEN: usize = 16 * 1024;
/// Bytes that a serialiser may look at: for each character to escape it searches the rest of the text for the next one.
const MAX_SEARCHED: usize = 50_000_000;
/// Bytes that are read between two looks at how long the present tag has become.
const PIECE: usize = 2 * 1024;

/// Says whether a tree may be built from `html` in little time and stack.
pub(super) fn is_affordable(html: &str) -> bool {
    let (cost, complete) = run(html, Cost::default());
    let unsure = cost.unsure.get() && cost.tags.get() > MAX_TAGS_UNSURE;
    complete && !(unsure || cost.over.get())
}

/// Gives the text of `html` with entities decoded once and tags, scripts and styles left out; blocks become lines.
/// It ends before a tag of monstrous length.
pub(super) fn bare_text(html: &str) -> String {
    run(html, Bare::default()).0.text.into_inner()
}

/// [`bare_text`] that reads as sentences when its lines are put into one: items of a list get a sign between them, and a
/// heading a full stop.
pub(super) fn running_text(html: &str) -> String {
    let bare = Bare {
        punctuates: true,
        ..Bare::default()
    };
    run(html, bare).0.text.into_inner()
}

/// Hands the tokens of `html` to a sink, piece by piece so as to stop inside a tag that is too long; says whether all
/// was read.
pub(super) fn run<S: TokenSink>(html: &str, sink: S) -> (S, bool) {
    let watched = Watched {
        sink,
        tokens: Cell::new(0),
    };
    let tokenizer = Tokenizer::new(watched, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let (mut rest, mut seen, mut silent) = (html, 0, 0);
    while !rest.is_empty() && silent < MAX_TOKEN {
        let (piece, behind) = rest.split_at(rest.ceil_char_boundary(PIECE));
        rest = behind;
        queue.push_back(StrTendril::from_slice(piece));
        // Anything but `Done` is a script to run, which no sink here asks for.
        let _ = tokenizer.feed(&queue);
        let tokens = tokenizer.sink.tokens.get();
        silent = if tokens == seen { silent + piece.len() } else { 0 };
        seen = tokens;
    }
    let complete = silent < MAX_TOKEN;
    if complete {
        tokenizer.end();
    }
    (tokenizer.sink.sink, complete)
}

/// Counts the tokens on their way to a sink.
struct Watched<S> {
    sink: S,
    tokens: Cell<usize>,
}

impl<S: TokenSink> TokenSink for Watched<S> {
    type Handle = S::Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<S::Handle> {
        if !matches!(token, Token::ParseError(_)) {
            self.tokens.set(self.tokens.get() + 1);
        }
        self.sink.process_token(token, line)
    }
}

/// Tells the tokenizer how the content of an element is read, as a tree builder would.
pub(super) fn content_rule<H>(name: &str) -> TokenSinkResult<H> {
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
    searched: Cell<usize>,
    text: Cell<(usize, usize)>,
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

    /// Counts text as part of what came before it, for tags that a tree builder ignores do not part it.
    fn text(&self, text: &str) {
        let (length, special) = self.text.get();
        self.text.set((length + text.len(), special + escapes(text)));
        self.search(text.len() * special + escapes(text) * (length + text.len()));
    }

    fn search(&self, bytes: usize) {
        self.searched.set(self.searched.get().saturating_add(bytes));
        if self.searched.get() > MAX_SEARCHED {
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
        match token {
            Token::CharacterTokens(text) => {
                self.text(&text);
                TokenSinkResult::Continue
            }
            Token::TagToken(Tag {
                kind: TagKind::StartTag,
                name,
                attrs,
                ..
            }) => {
                self.opened(&name);
                for attribute in &attrs {
                    self.search(attribute.value.len() * escapes(&attribute.value));
                }
                if parts_text(&name) && !self.unsure.get() {
                    self.text.set((0, 0));
                }
                // Past the limit the rest is of no interest, and as plain text it is read fastest.
                if self.over.get() {
                    TokenSinkResult::Plaintext
                } else {
                    content_rule(&name)
                }
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
    /// The hidden element that is open.
    hidden: RefCell<Option<String>>,
    /// Whether signs are put where items and headings end.
    punctuates: bool,
    /// The sign that is due before the next text.
    due: Cell<Option<char>>,
    /// Whether an item of the current list has begun.
    in_list: Cell<bool>,
}

impl Bare {
    fn tag(&self, name: &str, kind: TagKind) {
        let due = match (name, kind) {
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
        self.due.set(due);
    }

    /// Puts the sign that is due behind the text so far, unless that ends with one.
    fn punctuate(&self) {
        let Some(sign) = self.due.take() else { return };
        let mut text = self.text.borrow_mut();
        let end = text.trim_end().len();
        let is_open = |c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '%' | '"' | '”' | '’' | '»');
        if text.get(..end).is_some_and(|text| text.ends_with(is_open)) {
            text.insert(end, sign);
        }
    }
}

impl TokenSink for Bare {
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
                if is_block(&name) {
                    self.text.borrow_mut().push('\n');
                }
                if self.punctuates {
                    self.tag(&name, kind);
                }
                let mut hidden = self.hidden.borrow_mut();
                match kind {
                    TagKind::StartTag if hidden.is_none() && is_hidden(&name) => *hidden = Some(name.to_string()),
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

/// Elements whose text is not part of what readers see. All but the last four hold no tags.
fn is_hidden(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "title"
            | "annotation"
            | "annotation-xml"
            | "desc"
            | "metadata"
    )
}

/// Counts the bytes at which a serialiser stops: those to escape, and the first of a no-break space or its likes.
fn escapes(text: &str) -> usize {
    text.bytes().filter(|byte| matches!(byte, b'&' | 0xc2)).count()
}

/// Elements that are never ignored, wherever they stand, and so end the text before them.
fn parts_text(name: &str) -> bool {
    is_formatting(name)
        || matches!(
            name,
            "p" | "br" | "div" | "li" | "img" | "span" | "blockquote" | "h1" | "h2" | "h3" | "h4" | "ul" | "ol"
        )
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
            | "text"
            | "th"
            | "tr"
            | "ul"
    )
}
