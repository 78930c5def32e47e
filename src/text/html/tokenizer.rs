//! Runs html5ever's tokenizer in linear time.

use std::cell::Cell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{BufferQueue, Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::elements::{VOID, has};

/// The most bytes of one tag or comment.
const MAX_TOKEN: usize = 16 * 1024;
/// The tokenizer gets this many bytes at a time, so that a tag that is too long is noticed early.
const PIECE: usize = 2 * 1024;

/// Sends the tokens of `html` to a sink. Returns the sink, and whether all of `html` was read: reading stops inside a tag or comment
/// of more than 16 KB, because comparing its attributes pairwise would take quadratic time.
pub(super) fn run<S: TokenSink>(html: &str, sink: S) -> (S, bool) {
    let counting = Counting {
        sink,
        tokens: Cell::new(0),
    };
    let tokenizer = Tokenizer::new(counting, TokenizerOpts::default());
    let queue = BufferQueue::default();
    // `silent` counts the bytes since the last token.
    let (mut rest, mut seen, mut silent) = (html, 0, 0);
    while !rest.is_empty() && silent < MAX_TOKEN {
        let (piece, remaining) = rest.split_at(rest.ceil_char_boundary(PIECE));
        rest = remaining;
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

/// [`run`] without a limit, for HTML that this program wrote or sanitised. Its tags have few attributes, but addresses can be long.
pub(crate) fn run_unlimited<S: TokenSink>(html: &str, sink: S) -> S {
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(html));
    // Anything but `Done` is a script to run, which no sink here asks for.
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink
}

/// The value of the attribute with this lower-case name, entities decoded.
pub(super) fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
    found.map(|attribute| &*attribute.value)
}

/// Counts the tokens that pass to a sink, so that [`run`] notices a tag that does not end.
struct Counting<S> {
    sink: S,
    tokens: Cell<usize>,
}

impl<S: TokenSink> TokenSink for Counting<S> {
    type Handle = S::Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<S::Handle> {
        if !matches!(token, Token::ParseError(_)) {
            self.tokens.set(self.tokens.get() + 1);
        }
        self.sink.process_token(token, line)
    }
}

/// How the tokenizer has to read the content of the element that just began: as a tree builder would decide.
pub(crate) fn content_rule<H>(name: &str) -> TokenSinkResult<H> {
    match name {
        "script" => TokenSinkResult::RawData(ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => TokenSinkResult::RawData(Rawtext),
        "textarea" | "title" => TokenSinkResult::RawData(Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// Whether the element with this lower-case name has no content and no end tag.
pub(crate) fn is_void(name: &str) -> bool {
    has(name, VOID)
}
