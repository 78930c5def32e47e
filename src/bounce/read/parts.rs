//! Divides a returned mail into the report, its machine-readable parts, and the original message.

use std::borrow::Cow;

use mail_parser::{Message, MessagePart, MimeHeaders as _, PartType};

use crate::text::html::strip_tags;

/// How deep a report may be nested in forwarded messages.
const MAX_DEPTH: usize = 4;

/// How servers announce the copy of the original message in the text of a report.
const ORIGINAL_ANNOUNCED: &[&str] = &[
    "below this line is a copy",
    "content of the message",
    "copy of the message",
    "copy of the original",
    "copy of your message",
    "forwarded message",
    "header of the original",
    "headers follow",
    "included is a copy",
    "message header",
    "original headers",
    "original message",
    "returned content",
    "returned mail follows",
    "returned message",
    "start of returned",
    "summary of the undelivered",
    "text of your message",
    "the following is a copy",
    "undelivered message",
    "unsent message",
    "your message follows",
];
/// The longest line that announces the original message.
const MAX_ANNOUNCEMENT: usize = 90;

/// The parts of a returned mail.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The text for a person, without the original message.
    pub(super) report: String,
    delivery_status: Option<String>,
    /// The fields of a `message/feedback-report` part.
    pub(super) feedback_report: Option<String>,
    /// The original message, or only its header.
    pub(super) original: Option<String>,
}

impl Parts {
    pub(super) fn of(message: &Message<'_>) -> Self {
        let mut parts = Self::default();
        parts.collect(message, 0);
        if parts.report.trim().is_empty() && parts.delivery_status.is_none() && parts.original.is_none() {
            // The MIME structure is broken: the body is the text.
            let body = message.raw_message.get(message.root_part().offset_body as usize..);
            parts.report = String::from_utf8_lossy(body.unwrap_or_default()).into_owned();
        }
        parts.separate_original();
        parts
    }

    /// The fields of the delivery status: a part, or fields in the text of a report whose MIME structure was lost.
    pub(super) fn delivery_status(&self) -> Option<&str> {
        self.delivery_status.as_deref().or_else(|| {
            let texts = [self.report.as_str(), self.original.as_deref().unwrap_or("")];
            texts.into_iter().find_map(fields_in_text)
        })
    }

    fn collect(&mut self, message: &Message<'_>, depth: usize) {
        for part in &message.parts {
            match (&part.body, media_type(part).as_str()) {
                (PartType::Multipart(_), _) => {}
                (_, "message/delivery-status" | "message/global-delivery-status") => {
                    self.delivery_status.get_or_insert_with(|| text_of(message, part));
                }
                (_, "message/feedback-report") => {
                    self.feedback_report.get_or_insert_with(|| text_of(message, part));
                }
                (_, "text/rfc822-headers" | "message/rfc822-headers" | "message/global-headers") => {
                    self.original.get_or_insert_with(|| text_of(message, part));
                }
                (PartType::Message(inner), _) => self.collect_message(inner, depth),
                (PartType::Text(text), _) => {
                    self.report.push_str(text);
                    self.report.push('\n');
                }
                // A plain text before it says the same.
                (PartType::Html(html), _) if self.report.trim().is_empty() => {
                    self.report.push_str(&strip_tags(html));
                    self.report.push('\n');
                }
                _ => {}
            }
        }
    }

    /// An enclosed message is the original message, unless it is itself a report that somebody forwarded.
    fn collect_message(&mut self, inner: &Message<'_>, depth: usize) {
        let is_report = inner.parts.iter().any(|part| {
            matches!(
                media_type(part).as_str(),
                "message/delivery-status" | "message/feedback-report"
            )
        });
        let has_report = self.delivery_status.is_some() || self.feedback_report.is_some();
        if is_report && !has_report && depth < MAX_DEPTH {
            self.collect(inner, depth + 1);
        } else {
            self.original
                .get_or_insert_with(|| String::from_utf8_lossy(inner.raw_message()).into_owned());
        }
    }

    /// Cuts the original message off the report, where a server quotes it in the text.
    fn separate_original(&mut self) {
        let mut start = 0;
        for line in self.report.split_inclusive('\n') {
            let is_announced = announces_original(line);
            let lower = line.trim_start_matches('>').trim().to_ascii_lowercase();
            if is_announced || lower.starts_with("received: ") || lower.starts_with("return-path:") {
                let quoted = self.report.split_off(start);
                let quoted = if is_announced {
                    quoted.split_once('\n').map_or("", |(_, quoted)| quoted)
                } else {
                    &quoted
                };
                if self.original.is_none() {
                    self.original = Some(quoted.trim_start().to_owned());
                }
                return;
            }
            start += line.len();
        }
    }
}

fn announces_original(line: &str) -> bool {
    let line = line.trim().to_ascii_lowercase();
    let is_heading = ["--", "**", "=="].iter().any(|rule| line.starts_with(rule))
        || line.ends_with(':')
        || line == "message headers follow.";
    is_heading
        && line.len() <= MAX_ANNOUNCEMENT
        && ORIGINAL_ANNOUNCED
            .iter()
            .any(|announcement| line.contains(announcement))
}

/// The fields from the first `Final-Recipient` or `Original-Recipient` at the beginning of a line.
fn fields_in_text(text: &str) -> Option<&str> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let name = line.split(':').next().unwrap_or_default();
        if ["final-recipient", "original-recipient"]
            .iter()
            .any(|field| name.eq_ignore_ascii_case(field))
        {
            return text.get(start..);
        }
        start += line.len();
    }
    None
}

fn media_type(part: &MessagePart<'_>) -> String {
    part.content_type().map_or_else(
        || "text/plain".to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("")).to_ascii_lowercase(),
    )
}

fn text_of(message: &Message<'_>, part: &MessagePart<'_>) -> String {
    let bytes: Cow<'_, [u8]> = match &part.body {
        PartType::Text(text) | PartType::Html(text) => Cow::Borrowed(text.as_bytes()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Cow::Borrowed(bytes),
        PartType::Message(inner) => Cow::Borrowed(inner.raw_message()),
        PartType::Multipart(_) => {
            let body = message
                .raw_message
                .get(part.offset_body as usize..part.offset_end as usize);
            Cow::Borrowed(body.unwrap_or_default())
        }
    };
    String::from_utf8_lossy(&bytes).into_owned()
}
