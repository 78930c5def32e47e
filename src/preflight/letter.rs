//! A message taken apart: its headers, its two parts, their links.

use std::collections::BTreeSet;

use mail_parser::{MessageParser, MimeHeaders, PartType};
use url::Url;

use super::page::{Page, Scheme};

/// Parts beyond which a message is not read: the parser needs stack for each that is nested.
const MOST_PARTS: usize = 500;

/// A message, read.
#[derive(Debug)]
pub struct Letter {
    /// Its bytes on the wire.
    pub size: usize,
    /// Name and unfolded value of every header, in their order.
    pub headers: Vec<(String, String)>,
    /// The subject, decoded.
    pub subject: Option<String>,
    /// Every part that is not one of parts.
    pub parts: Vec<Part>,
    /// The text part.
    pub text: Option<String>,
    /// The HTML part.
    pub html: Option<String>,
    /// The addresses of the HTML's links, each once.
    pub html_links: BTreeSet<String>,
    /// The web addresses in the text, each once.
    pub text_links: BTreeSet<String>,
    /// Whether a line is longer than 998 octets or ends in less than CRLF (RFC 5322 section 2.1.1, 2.3).
    pub lines_broken: bool,
}

/// A part of a message.
#[derive(Debug, serde::Serialize)]
pub struct Part {
    /// Its media type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its bytes, decoded.
    pub bytes: usize,
}

impl Letter {
    /// Reads a message; none if it is none, or made to wear the reader out.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let parts = message
            .split(|byte| *byte == b'\n')
            .filter(|line| line.len() >= 13 && line[..13].eq_ignore_ascii_case(b"content-type:"));
        if parts.count() > MOST_PARTS {
            return None;
        }
        let parsed = MessageParser::default().parse(message)?;
        let named = ["From", "To", "Subject", "Date", "Message-ID"];
        if !named.iter().any(|name| parsed.header(*name).is_some()) {
            return None;
        }
        let unfolded = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut letter = Self {
            size: message.len(),
            headers: parsed
                .headers_raw()
                .map(|(name, value)| (name.to_owned(), unfolded(value)))
                .collect(),
            subject: parsed.subject().map(str::to_owned),
            parts: Vec::new(),
            text: None,
            html: None,
            html_links: BTreeSet::new(),
            text_links: BTreeSet::new(),
            lines_broken: has_broken_lines(message),
        };
        for part in &parsed.parts {
            if matches!(part.body, PartType::Multipart(_)) {
                continue;
            }
            let kind = part.content_type().map_or_else(
                || "text/plain".to_owned(),
                |kind| {
                    kind.subtype()
                        .map_or_else(|| kind.ctype().to_owned(), |sub| format!("{}/{sub}", kind.ctype()))
                },
            );
            let bytes = part.len();
            letter.parts.push(Part { kind, bytes });
            match &part.body {
                PartType::Text(text) if letter.text.is_none() => letter.text = Some(text.to_string()),
                PartType::Html(html) if letter.html.is_none() => letter.html = Some(html.to_string()),
                _ => {}
            }
        }
        if let Some(html) = &letter.html {
            letter.html_links = Page::read(html, Scheme::Light).links.into_iter().collect();
        }
        letter.text_links = letter.text.as_deref().map(web_addresses).unwrap_or_default();
        Some(letter)
    }

    /// The values of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Vec<&str> {
        let named = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The https or http address by which the reader leaves, from `List-Unsubscribe` (RFC 2369 section 3.2).
    #[must_use]
    pub fn unsubscribe_address(&self) -> Option<String> {
        let value = self.header("List-Unsubscribe").into_iter().next()?;
        let addresses = value.split('<').skip(1).filter_map(|rest| rest.split('>').next());
        let mut addresses = addresses.map(|address| address.split_whitespace().collect::<String>());
        addresses.find(|address| address.starts_with("https://") || address.starts_with("http://"))
    }
}

/// The web addresses in a text.
#[must_use]
pub fn web_addresses(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
    let addresses = words.filter_map(|word| {
        let word = word.trim_start_matches(['(', '[']);
        (word.starts_with("http://") || word.starts_with("https://") || word.starts_with("mailto:")).then_some(word)
    });
    addresses.map(ToOwned::to_owned).collect()
}

/// An address in the one form that all its spellings have.
#[must_use]
pub fn normal(address: &str) -> String {
    Url::parse(address).map_or_else(|_| address.to_owned(), |url| url.to_string())
}

fn has_broken_lines(message: &[u8]) -> bool {
    let mut lines = message.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        let content = line.strip_suffix(b"\r");
        if content.is_none() && !(last && line.is_empty()) {
            return true;
        }
        if content.is_some_and(|content| content.len() > 998 || content.contains(&b'\r')) {
            return true;
        }
    }
    false
}
