//! Reads a returned mail: divides it into its parts, and tries one form of report after the other.

use mail_parser::MessageParser;

use super::codes::{MAX_ADDRESSES, addresses};
use super::fields::Fields;
use super::original::OriginalMessage;
use super::parsed_mail::{Kind, MAX_BYTES, ParsedMail, ReportedRecipient};
use super::parts::Parts;
use super::{delivery_status, feedback_report, kind, report_text};
use crate::bounce::webhooks::ses;

/// The header fields that say to which address a mail came. Servers add the first ones when they deliver it; the sender writes `To`.
const CAME_TO: [&str; 6] = [
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "to",
];

/// Reads a returned mail. Only its first [`MAX_BYTES`] are looked at.
pub fn read(message: &[u8]) -> ParsedMail {
    let message = &message[..message.len().min(MAX_BYTES)];
    let Some(message) = MessageParser::new().parse(message) else {
        return ParsedMail::default();
    };
    let parts = Parts::of(&message);
    let header = Fields::of_message(&message);
    let original = OriginalMessage::of(&parts);
    // SES reports through SNS, which sends its JSON to a mailbox too.
    let event = ses::read_text(&parts.report);
    let (kind, recipients, original) = if let Some(event) = event {
        (event.kind, event.recipients, event.original)
    } else {
        let (kind, recipients) = read_parts(&parts, &header, &original);
        (kind, recipients, original)
    };
    let came_to = CAME_TO
        .iter()
        .flat_map(|name| header.values(name))
        .flat_map(addresses)
        .take(MAX_ADDRESSES);
    let from = header.values("from").flat_map(addresses).take(MAX_ADDRESSES);
    ParsedMail {
        kind,
        recipients,
        came_to: came_to.collect(),
        from: from.collect(),
        delivered: parts
            .delivery_status()
            .map(delivery_status::delivered)
            .unwrap_or_default(),
        original,
    }
}

/// Tries one form after the other, the most certain first.
fn read_parts(parts: &Parts, header: &Fields, original: &OriginalMessage) -> (Kind, Vec<ReportedRecipient>) {
    let is_auto_reply = kind::is_auto_reply(header);
    let no_report = || (if is_auto_reply { Kind::AutoReply } else { Kind::Other }, Vec::new());
    if kind::is_reply_of_person(header) {
        return no_report();
    }
    let complaint = match &parts.feedback_report {
        Some(report) => Some(feedback_report::read(report, original)),
        None => feedback_report::read_provider_form(header, parts),
    };
    if let Some((kind, recipients)) = complaint {
        return (Kind::Complaint(kind), recipients);
    }
    if let Some(fields) = parts.delivery_status()
        && let Some(status) = delivery_status::read(fields, parts)
    {
        return (status.kind, status.recipients);
    }
    if !kind::is_failure_report(header, &parts.report) {
        return no_report();
    }
    let recipients = report_text::read(parts, header, original);
    let kind = match recipients.is_empty() {
        true => Kind::Other,
        false if kind::is_delay(header, &parts.report) => Kind::Delayed,
        false => Kind::Bounce,
    };
    (kind, recipients)
}
