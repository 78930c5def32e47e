//! Parses a message: its headers, its text and HTML parts, and their links.

use std::collections::BTreeSet;

use mail_parser::{MessageParser, MimeHeaders, PartType};
use url::Url;

use super::page::{Page, Scheme};
use crate::text::plain::{one_line, shorten};

/// The most parts of a message: the parser needs stack for each nested part.
const MAX_PARTS: usize = 500;

/// A message as a mail program parses it.
#[derive(Debug)]
pub struct ParsedMessage {
    /// The bytes of the whole message.
    pub size: usize,
    /// Name and unfolded value of every header, in the order of the message.
    pub headers: Vec<(String, String)>,
    /// The subject without encoded words.
    pub subject: Option<String>,
    /// Every part that is not multipart.
    pub parts: Vec<Part>,
    /// The content of the first text part.
    pub text: Option<String>,
    /// The content of the first HTML part.
    pub html: Option<String>,
    /// The addresses that the HTML links, each once.
    pub html_links: BTreeSet<String>,
    /// The web addresses in the text, each once.
    pub text_links: BTreeSet<String>,
    /// Whether a line is longer than 998 octets or does not end in CRLF
    /// ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1), 2.3).
    pub lines_broken: bool,
}

/// A part of a message.
#[derive(Debug, serde::Serialize)]
pub struct Part {
    /// The media type, such as `text/html`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The bytes of its decoded content.
    pub bytes: usize,
}

impl ParsedMessage {
    /// Parses a message; `None` if it has no usual header or too many parts.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let parts = message
            .split(|byte| *byte == b'\n')
            .filter(|line| line.len() >= 13 && line[..13].eq_ignore_ascii_case(b"content-type:"));
        if parts.count() > MAX_PARTS {
            return None;
        }
        let parsed = MessageParser::default().parse(message)?;
        let named = ["From", "To", "Subject", "Date", "Message-ID"];
        if !named.iter().any(|name| parsed.header(*name).is_some()) {
            return None;
        }
        let unfolded = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut message = Self {
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
            message.parts.push(Part { kind, bytes });
            match &part.body {
                PartType::Text(text) if message.text.is_none() => message.text = Some(text.to_string()),
                PartType::Html(html) if message.html.is_none() => message.html = Some(html.to_string()),
                _ => {}
            }
        }
        if let Some(html) = &message.html {
            message.html_links = Page::read(html, Scheme::Light).links.into_iter().collect();
        }
        message.text_links = message.text.as_deref().map(web_addresses).unwrap_or_default();
        Some(message)
    }

    /// The values of all headers with this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Vec<&str> {
        let named = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The https or http address of `List-Unsubscribe` ([RFC 2369 §3.2](https://www.rfc-editor.org/rfc/rfc2369#section-3.2)).
    #[must_use]
    pub fn unsubscribe_address(&self) -> Option<String> {
        let value = self.header("List-Unsubscribe").into_iter().next()?;
        let addresses = value.split('<').skip(1).filter_map(|rest| rest.split('>').next());
        let mut addresses = addresses.map(|address| address.split_whitespace().collect::<String>());
        addresses.find(|address| address.starts_with("https://") || address.starts_with("http://"))
    }
}

/// The http, https and mailto addresses in a text.
#[must_use]
pub fn web_addresses(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
    let addresses = words.filter_map(|word| {
        let word = word.trim_start_matches(['(', '[']);
        (word.starts_with("http://") || word.starts_with("https://") || word.starts_with("mailto:")).then_some(word)
    });
    addresses.map(ToOwned::to_owned).collect()
}

/// Normalises an address, so that different spellings compare as equal.
#[must_use]
pub fn normalised(address: &str) -> String {
    Url::parse(address).map_or_else(|_| address.to_owned(), |url| url.to_string())
}

/// Shortens text from the message for a finding, and hides a token in it.
pub(super) fn shown(text: &str) -> String {
    let text = one_line(text);
    let text = match text.split_once("/unsubscribe/") {
        Some((site, _)) => format!("{site}/unsubscribe/…"),
        None => text,
    };
    shorten(&text, 80).0
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
