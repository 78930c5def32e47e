//! The tokens of one recipient in a message, and the placeholders that a template finds their places with.

/// The tokens of one recipient that the text and the headers contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens<'a> {
    /// The token of the preferences and unsubscribe links.
    pub link: &'a str,
    /// The tag of the address for unsubscribing by mail; empty if the message names no such address.
    pub tag: &'a str,
}

impl<'a> From<&'a str> for Tokens<'a> {
    /// The token of a message that names no address for unsubscribing by mail.
    fn from(link: &'a str) -> Self {
        Self { link, tag: "" }
    }
}

impl<'a> Tokens<'a> {
    pub(super) const fn get(self, which: Which) -> &'a str {
        match which {
            Which::Link => self.link,
            Which::Tag => self.tag,
        }
    }
}

/// One of the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Link,
    Tag,
}

/// Two sets of tokens whose messages are compared. They differ in every character, and in a different way for each token: the second
/// link token is of capitals, and the second tag of small letters. So a difference shows which token it belongs to.
#[derive(Debug, Clone)]
pub(super) struct TokenPair<'a> {
    pub(super) first: Tokens<'a>,
    link: String,
    tag: String,
}

impl<'a> TokenPair<'a> {
    /// The set `first`, and another one of the same lengths.
    pub(super) fn of(first: Tokens<'a>) -> Self {
        Self {
            first,
            link: first.link.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect(),
            tag: first.tag.chars().map(|c| if c == 'a' { 'b' } else { 'a' }).collect(),
        }
    }

    pub(super) fn second(&self) -> Tokens<'_> {
        Tokens {
            link: &self.link,
            tag: &self.tag,
        }
    }

    /// The two characters at an index of a token; `None` after its end.
    pub(super) fn characters(&self, which: Which, index: usize) -> Option<(u8, u8)> {
        let first = self.first.get(which).as_bytes().get(index)?;
        let second = self.second().get(which).as_bytes().get(index)?;
        Some((*first, *second))
    }
}
