//! Parses feeds of all formats into sanitised entries.

use url::Url;

use super::charset::{self, Hints};
pub use super::entry::{Entry, Feed, MAX_SUMMARY};
pub use super::error::{MAX_BYTES, ParseError};
use super::{json_feed, json_text, xml, xml_feed};

/// Parses a feed. `base` is its address, for links that are not absolute.
///
/// For a truncated document, its complete entries are returned.
pub fn parse(bytes: &[u8], base: Option<&Url>) -> Result<Feed, ParseError> {
    parse_served(bytes, base, None)
}

/// [`parse`] with the `Content-Type` of the server, whose charset applies to a document that declares none.
pub fn parse_served(bytes: &[u8], base: Option<&Url>, content_type: Option<&str>) -> Result<Feed, ParseError> {
    if bytes.len() > MAX_BYTES {
        return Err(ParseError::TooLarge);
    }
    let hints = Hints {
        content_type,
        address: base,
        is_page: false,
    };
    let text = charset::decode(bytes, hints);
    match kind(&text) {
        Kind::Empty => Err(ParseError::Empty),
        Kind::Xml => {
            let xml::Document { root, ends_early } = xml::read(&text)?;
            let feed = xml_feed::read(&root, base)?;
            Ok(Feed { ends_early, ..feed })
        }
        Kind::JsonFeed | Kind::JsonLines => json_feed::read(&text, base),
        Kind::Unknown => Err(ParseError::NotAFeed),
    }
}

/// The probable format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The document contains only white space.
    Empty,
    /// XML: RSS, RDF or Atom.
    Xml,
    /// The document is one JSON object.
    JsonFeed,
    /// A JSON object on each line, for [`parse_json_lines`](super::jsonlines::parse_json_lines).
    JsonLines,
    /// The format of the document is unknown.
    Unknown,
}

/// Recognises the format of a file by its beginning.
#[must_use]
pub fn detect(bytes: &[u8]) -> Kind {
    kind(&charset::decode(bytes, Hints::default()))
}

fn kind(text: &str) -> Kind {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return Kind::Empty;
    }
    if text.starts_with('{') {
        let line = json_text::repaired(text.lines().next().unwrap_or_default());
        let object =
            line.and_then(|line| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&line).ok());
        return match object {
            Some(object) if !object.contains_key("items") && !object.contains_key("version") => Kind::JsonLines,
            _ => Kind::JsonFeed,
        };
    }
    // Text before the first tag is common: messages of the server, stray characters.
    if text.contains('<') { Kind::Xml } else { Kind::Unknown }
}

#[cfg(test)]
mod tests;
