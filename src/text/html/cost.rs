//! Estimates from the tags of HTML what building its tree would cost.
//!
//! Tree builders take quadratic time for some input: deep nesting, unclosed formatting elements that are opened again in every
//! paragraph, thousands of attributes on one tag. The tokenizer is linear in all but the last, so it measures first.

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::elements::{FORMATTING, OPTIONAL_END, OTHER_RULES, SCOPE, SPLITS_TEXT, VOID, has};
use super::tokenizer::{content_rule, run};

/// The most elements open at once; articles rarely have thirty.
const MAX_DEPTH: usize = 128;
/// The most nodes that reopening formatting elements could add: the sum of the open ones at each tag.
const MAX_REOPENED: usize = 50_000;
/// The most tags where the count of open elements is unreliable.
const MAX_TAGS_UNSURE: usize = 500;
/// The most bytes that the serialiser may search: for each character to escape it searches the rest of the text for the next one.
const MAX_SEARCHED: usize = 50_000_000;

/// Whether building a tree from `html` takes little time and stack.
pub(super) fn is_affordable(html: &str) -> bool {
    let (cost, complete) = run(html, Cost::default());
    let unsure = cost.unsure.get() && cost.tags.get() > MAX_TAGS_UNSURE;
    complete && !(unsure || cost.over_limit.get())
}

/// Counts open elements. Where tags alone leave it unclear, it counts too many rather than too few.
#[derive(Default)]
struct Cost {
    open: RefCell<Vec<String>>,
    tags: Cell<usize>,
    reopened: Cell<usize>,
    searched: Cell<usize>,
    /// Of the current text node: its bytes, and how many of them are [`escaped`].
    text: Cell<(usize, usize)>,
    /// Whether an element with other parsing rules was seen, so that the counts are unreliable.
    unsure: Cell<bool>,
    over_limit: Cell<bool>,
}

impl Cost {
    fn start_tag(&self, name: &str) {
        if has(name, OTHER_RULES) {
            self.unsure.set(true);
        }
        let mut open = self.open.borrow_mut();
        self.tags.set(self.tags.get() + 1);
        self.reopened
            .set(self.reopened.get() + open.iter().filter(|name| has(name, FORMATTING)).count());
        if !has(name, VOID | OPTIONAL_END) {
            open.push(name.to_owned());
        }
        if open.len() > MAX_DEPTH || self.reopened.get() > MAX_REOPENED {
            self.over_limit.set(true);
        }
    }

    /// Adds to the current text node, because a tag that the tree builder ignores does not end it.
    fn text(&self, text: &str) {
        let (length, escaped_bytes) = self.text.get();
        self.text.set((length + text.len(), escaped_bytes + escaped(text)));
        self.search(text.len() * escaped_bytes + escaped(text) * (length + text.len()));
    }

    fn search(&self, bytes: usize) {
        self.searched.set(self.searched.get().saturating_add(bytes));
        if self.searched.get() > MAX_SEARCHED {
            self.over_limit.set(true);
        }
    }

    fn end_tag(&self, name: &str) {
        let mut open = self.open.borrow_mut();
        let reach = open
            .iter()
            .rposition(|other| other == name || (has(other, SCOPE) && !has(name, SCOPE)));
        let Some(at) = reach.filter(|&at| open.get(at).is_some_and(|other| other == name)) else {
            return;
        };
        // A misplaced end tag of a formatting element closes only that element. Formatting elements that another end tag closes
        // are opened again after it.
        let mut index = 0;
        open.retain(|other| {
            let keep = index < at || (index > at && (has(name, FORMATTING) || has(other, FORMATTING)));
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
                self.start_tag(&name);
                for attribute in &attrs {
                    self.search(attribute.value.len() * escaped(&attribute.value));
                }
                if has(&name, SPLITS_TEXT) && !self.unsure.get() {
                    self.text.set((0, 0));
                }
                // The rest is not needed, and the tokenizer reads plain text fastest.
                if self.over_limit.get() {
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
                self.end_tag(&name);
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

/// Counts the bytes at which the serialiser searches again: `&`, and 0xC2, which begins the UTF-8 form of a no-break space.
fn escaped(text: &str) -> usize {
    text.bytes().filter(|byte| matches!(byte, b'&' | 0xc2)).count()
}
