//! Matches the words of a reply with the expressions in `reply_words.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The lists of `reply_words.toml`, which explains each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expressions {
    pub(super) greylisting: Vec<String>,
    pub(super) try_later: Vec<String>,
    pub(super) no_recipient: Vec<String>,
    pub(super) sender: Vec<String>,
    pub(super) perhaps_recipient: Vec<String>,
    pub(super) refusal: Vec<String>,
    pub(super) server_failure: Vec<String>,
    pub(super) mail_loop: Vec<String>,
    pub(super) too_much: Vec<String>,
    pub(super) limit: Vec<String>,
    pub(super) sending: Vec<String>,
    pub(super) limit_reached: Vec<String>,
    pub(super) own_mailbox: Vec<String>,
    pub(super) mailbox: Vec<String>,
    pub(super) size: Vec<String>,
    pub(super) full: Vec<String>,
    pub(super) too_large: Vec<String>,
    pub(super) own_size_limit: Vec<String>,
}

pub(super) static EXPRESSIONS: LazyLock<Expressions> =
    LazyLock::new(|| toml::from_str(include_str!("reply_words.toml")).expect("the compiled-in lists are valid TOML"));

/// The words of a reply: in lower case, with single spaces between them and at both ends. Addresses, links, host names and numbers with
/// dots are removed, because words inside a name mean nothing.
pub(crate) struct Words(String);

impl Words {
    pub(crate) fn new(text: &str) -> Self {
        let mut words = String::with_capacity(text.len() + 2);
        words.push(' ');
        for token in text.split_whitespace().filter(|token| !is_name(token)) {
            for word in token.split(|c: char| !c.is_alphanumeric() && c != '\'') {
                // An apostrophe as in `doesn't` is part of the word, a quotation mark is not.
                let word = word.trim_matches('\'');
                if !word.is_empty() {
                    words.extend(word.chars().flat_map(char::to_lowercase));
                    words.push(' ');
                }
            }
        }
        Self(words)
    }

    /// Whether the reply consists of these words, apart from numbers.
    pub(crate) fn are(&self, words: &str) -> bool {
        let said = self
            .0
            .split(' ')
            .filter(|word| !word.is_empty() && !word.bytes().all(|b| b.is_ascii_digit()));
        said.eq(words.split(' '))
    }

    /// Whether the reply contains one of the expressions.
    pub(crate) fn contain(&self, expressions: &[String]) -> bool {
        expressions.iter().any(|expression| self.0.contains(expression))
    }
}

/// Whether a token names a mailbox, a page, a host or an IP address.
fn is_name(token: &str) -> bool {
    let token = token.trim_matches(|c: char| !c.is_alphanumeric());
    let host = token.split([':', '[', '/']).next().unwrap_or_default();
    // `RESOLVER.ADR.RecipNotFound` is not a name, and neither are two sentences without a space between them.
    let is_last_label = |label: &str| {
        let of = |kind: fn(&u8) -> bool| label.bytes().all(|b| kind(&b) || b.is_ascii_digit());
        !label.is_empty() && (of(u8::is_ascii_lowercase) || of(u8::is_ascii_uppercase))
    };
    token.contains('@')
        || token.contains("://")
        || host
            .rsplit_once('.')
            .is_some_and(|(name, last)| !name.ends_with('.') && !name.is_empty() && is_last_label(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_matches_words_and_not_names() {
        let words = Words::new("550 Mailbox full: <full@spam.example>");
        assert!(words.contain(&EXPRESSIONS.full));
        assert!(!words.contain(&EXPRESSIONS.sender));
    }

    #[test]
    fn every_expression_is_in_lower_case_and_begins_a_word() {
        let lists: toml::Table = toml::from_str(include_str!("reply_words.toml")).expect("the lists are valid TOML");
        for expression in lists
            .values()
            .flat_map(|list| list.as_array().expect("a list of expressions"))
        {
            let expression = expression.as_str().expect("an expression is text");
            assert!(expression.starts_with(' '), "{expression:?}");
            assert_eq!(expression, expression.to_lowercase());
        }
    }
}
