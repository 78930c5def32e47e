//! The fields of a feedback report ([RFC 5965](https://www.rfc-editor.org/rfc/rfc5965)): a complaint, or what a server reports about
//! our authentication.

use super::codes::{MAX_ADDRESSES, addresses};
use super::fields::Fields;
use super::original::OriginalMessage;
use super::parsed_mail::{FeedbackType, ReportedRecipient, Rule};
use super::parts::Parts;
use crate::bounce::reason::Reason;
use crate::domain::address::EmailAddress;
use crate::text::plain::plain_line;

/// Fields that name the recipient. `Removal-Recipient` and `Original-Recipient` are used by some providers only.
const RECIPIENT_FIELDS: &[&str] = &["original-rcpt-to", "removal-recipient", "original-recipient"];

/// The type of the report and its recipients. Many providers remove the recipient: then only the signed return path names it.
pub(super) fn read(report: &str, original: &OriginalMessage) -> (FeedbackType, Vec<ReportedRecipient>) {
    let fields = Fields::groups(report);
    let values = |name: &'static str| fields.iter().flat_map(move |group| group.values(name));
    let name = values("feedback-type").next().unwrap_or_default();
    let mut found: Vec<EmailAddress> = Vec::new();
    for address in RECIPIENT_FIELDS
        .iter()
        .flat_map(|name| values(name))
        .flat_map(addresses)
        .take(MAX_ADDRESSES)
    {
        if !found.contains(&address) {
            found.push(address);
        }
    }
    let rule = if found.is_empty() {
        found.clone_from(&original.to);
        Rule::OriginalMessage
    } else {
        Rule::FeedbackReport
    };
    let evidence = plain_line(&format!("Feedback-Type: {name}"));
    let recipients = found
        .into_iter()
        .map(|address| complaint(address, evidence.clone(), rule));
    (feedback_type(name), recipients.collect())
}

/// Complaints of providers that send no feedback report: Microsoft encloses the message with the recipient in a field of its own, and
/// Apple's mail program sends a mail on behalf of a reader who presses "Unsubscribe".
pub(super) fn read_provider_form(header: &Fields, parts: &Parts) -> Option<(FeedbackType, Vec<ReportedRecipient>)> {
    let original = parts.original.as_deref().map(Fields::parse).unwrap_or_default();
    let microsoft = original.value("x-hmxmroriginalrecipient");
    let (kind, recipients, evidence) = if !microsoft.is_empty() {
        (FeedbackType::Abuse, addresses(microsoft), "X-HmXmrOriginalRecipient")
    } else if !header.value("x-apple-unsubscribe").is_empty() {
        (
            FeedbackType::OptOut,
            addresses(header.value("from")),
            "X-Apple-Unsubscribe",
        )
    } else {
        return None;
    };
    let recipients = recipients
        .into_iter()
        .map(|address| complaint(address, evidence.to_owned(), Rule::FeedbackReport));
    Some((kind, recipients.collect()))
}

fn complaint(address: EmailAddress, evidence: String, rule: Rule) -> ReportedRecipient {
    ReportedRecipient {
        address,
        forwarded_to: None,
        reason: Reason::Unclear,
        status: None,
        evidence,
        rule,
    }
}

/// The type of a complaint by its registered name.
pub(in crate::bounce) fn feedback_type(name: &str) -> FeedbackType {
    match name.trim().to_ascii_lowercase().as_str() {
        "" | "abuse" | "fraud" | "virus" | "complaint" | "miscategorized" => FeedbackType::Abuse,
        "opt-out" | "opt-out-list" => FeedbackType::OptOut,
        "auth-failure" | "dmarc" => FeedbackType::AuthFailure,
        "not-spam" => FeedbackType::NotSpam,
        _ => FeedbackType::Other,
    }
}
