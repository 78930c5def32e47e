//! The scope of an article: the source within which its guid and keys identify it.

use std::fmt;
use std::str::FromStr;

use super::column::text_column;
use super::ids::FeedId;
use crate::text::plain::without_nul;

const EDITORIAL: &str = "editorial";
const JSON_LINES: &str = "json-lines";
const FILE_PREFIX: &str = "file:";

/// The source within which a guid identifies an article. Two feeds may use the same guid for different articles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A feed that Daywire fetches.
    Feed(FeedId),
    /// The articles that the newsroom writes.
    Editorial,
    /// Articles that were imported as JSON lines.
    JsonLines,
    /// An imported feed file, named by the address of its site or by its title.
    File(String),
}

impl Scope {
    /// The scope of an imported feed file. PostgreSQL stores no NUL, so the name is kept without any.
    #[must_use]
    pub fn file(name: &str) -> Self {
        Self::File(without_nul(name))
    }

    /// The feed, if the source is one.
    #[must_use]
    pub fn feed(&self) -> Option<FeedId> {
        match self {
            Self::Feed(feed) => Some(*feed),
            Self::Editorial | Self::JsonLines | Self::File(_) => None,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feed(feed) => feed.fmt(f),
            Self::Editorial => f.write_str(EDITORIAL),
            Self::JsonLines => f.write_str(JSON_LINES),
            Self::File(name) => write!(f, "{FILE_PREFIX}{name}"),
        }
    }
}

/// The text is not a scope.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not {EDITORIAL}, {JSON_LINES}, {FILE_PREFIX}NAME or the id of a feed")]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        match text {
            EDITORIAL => Ok(Self::Editorial),
            JSON_LINES => Ok(Self::JsonLines),
            _ => match text.strip_prefix(FILE_PREFIX) {
                Some(name) => Ok(Self::File(name.to_owned())),
                None => text.parse().map(Self::Feed).map_err(|_| UnknownScope(text.to_owned())),
            },
        }
    }
}

text_column!(Scope);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_scope_parses_to_the_same_scope() {
        let feed = FeedId(uuid::Uuid::from_u128(7));
        for scope in [
            Scope::Feed(feed),
            Scope::Editorial,
            Scope::JsonLines,
            Scope::file("https://wire.example/"),
            Scope::file("editorial"),
            Scope::file(""),
        ] {
            let parsed: Scope = scope.to_string().parse().expect("the text of a scope is a scope");
            assert_eq!(parsed, scope);
        }
    }

    #[test]
    fn a_text_that_is_no_scope_is_an_error() {
        for text in ["", "own", "Editorial", "feed"] {
            assert!(text.parse::<Scope>().is_err(), "{text:?}");
        }
    }
}
