//! Reads fields of events, and makes of them what a returned mail says.

use serde_json::Value;

use super::refusal::Refusal;
use crate::bounce::read::codes::{addresses, codes, status_code};

use crate::bounce::read::parsed_mail::{FeedbackType, Kind, MAX_BYTES, ParsedMail, ReportedRecipient, Rule};
use crate::bounce::read::report_text::MAX_EVIDENCE;
use crate::bounce::read::transcript::stage;
use crate::bounce::reason::{Evidence, Reason, StatusCode, reason};
use crate::bounce::receive::ReceivedEvent;
use crate::domain::address::EmailAddress;
use crate::text::plain::plain_line;

/// How the provider itself classifies a failure. It counts only if the report says nothing more exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProviderClass {
    /// The recipient cannot be reached, and the provider will not try again.
    Hard,
    /// The failure may end.
    Soft,
    /// The sender or the message was refused.
    Sender,
}

/// What an event says about a failure.
#[derive(Debug)]
pub(super) struct Failure<'a> {
    /// An enhanced status code, or text that begins with one. May be empty.
    pub(super) status: &'a str,
    /// The SMTP reply code, if it has a field of its own.
    pub(super) code: Option<u16>,
    /// The reply of the recipient's server, or the provider's words. May be empty.
    pub(super) words: &'a str,
    pub(super) class: ProviderClass,
}

impl Failure<'_> {
    /// A failure about which the event says nothing but its class.
    pub(super) const fn of_class(class: ProviderClass) -> Self {
        Self {
            status: "",
            code: None,
            words: "",
            class,
        }
    }

    fn recipient(&self, address: EmailAddress) -> ReportedRecipient {
        let words = &self.words[..self.words.floor_char_boundary(MAX_EVIDENCE)];
        let (code_in_words, status_in_words) = codes(words);
        let (_, status_in_field) = codes(self.status);
        let status = status_in_words
            .filter(|status| is_specific(*status))
            .or_else(|| status_code(self.status))
            .or(status_in_field)
            .or(status_in_words);
        let code = self.code.filter(|code| (400..600).contains(code)).or(code_in_words);
        let found = reason(&Evidence {
            status,
            code,
            words,
            stage: stage(words),
        });
        let is_temporary = matches!(status, Some((4, ..))) || code.is_some_and(|code| code < 500);
        let reason = match (found, self.class) {
            (Reason::Unclear, ProviderClass::Hard) => Reason::NoMailbox,
            (Reason::Unclear, ProviderClass::Sender) => Reason::Policy,
            // The recipient's server asked to try again later, and the provider has given up.
            (found, _) if is_temporary && found.is_hard() => Reason::Expired,
            (found, _) => found,
        };
        ReportedRecipient {
            address,
            forwarded_to: None,
            reason,
            status,
            evidence: self.evidence(words),
            rule: Rule::ProviderEvent,
        }
    }

    fn evidence(&self, words: &str) -> String {
        let class = match self.class {
            ProviderClass::Hard => "the provider calls it permanent",
            ProviderClass::Soft => "the provider calls it temporary",
            ProviderClass::Sender => "the provider calls it a refusal of the message",
        };
        let said = [self.status, words].into_iter().filter(|text| !text.trim().is_empty());
        let said = said.collect::<Vec<_>>().join(" ");
        plain_line(if said.is_empty() { class } else { &said })
    }
}

/// Whether a status code says more than its class.
const fn is_specific(status: StatusCode) -> bool {
    !matches!(status, (_, 0, 0))
}

/// The event reports a failure.
pub(super) fn bounce(recipients: Vec<ReportedRecipient>, references: Vec<String>) -> ParsedMail {
    ParsedMail::of_event(Kind::Bounce, recipients, references)
}

/// The event reports a failure for the address in `address`.
pub(super) fn bounce_of(address: &str, failure: &Failure<'_>, references: Vec<String>) -> ParsedMail {
    bounce(failed_recipient(address, failure).into_iter().collect(), references)
}

/// What an event says about the recipient in `address`; `None` if that is not an address.
pub(super) fn failed_recipient(address: &str, failure: &Failure<'_>) -> Option<ReportedRecipient> {
    Some(failure.recipient(only_address(address)?))
}

/// The event reports that the provider still tries to deliver the message.
pub(super) fn delayed(address: &str, failure: &Failure<'_>, references: Vec<String>) -> ParsedMail {
    let recipients = failed_recipient(address, failure).into_iter().collect();
    ParsedMail::of_event(Kind::Delayed, recipients, references)
}

/// The event reports a complaint; `what` is the provider's name of it.
pub(super) fn complaint(address: &str, what: &str, references: Vec<String>) -> ParsedMail {
    let recipients = recipient_without_reason(address, what).into_iter().collect();
    ParsedMail::of_event(Kind::Complaint(FeedbackType::Abuse), recipients, references)
}

/// The event reports that the recipient unsubscribed at the provider; `what` is the provider's name of it.
pub(super) fn unsubscribe(address: &str, what: &str, references: Vec<String>) -> ParsedMail {
    let recipients = recipient_without_reason(address, what).into_iter().collect();
    ParsedMail::of_event(Kind::Unsubscribe, recipients, references)
}

/// The event reports an automatic reply.
pub(super) fn auto_reply(references: Vec<String>) -> ParsedMail {
    ParsedMail::of_event(Kind::AutoReply, Vec::new(), references)
}

/// The event reports nothing that matters here.
pub(super) fn other() -> ParsedMail {
    ParsedMail::of_event(Kind::Other, Vec::new(), Vec::new())
}

/// The recipient of an event that gives no reason.
pub(super) fn recipient_without_reason(address: &str, what: &str) -> Option<ReportedRecipient> {
    Some(ReportedRecipient {
        address: only_address(address)?,
        forwarded_to: None,
        reason: Reason::Unclear,
        status: None,
        evidence: plain_line(&what[..what.floor_char_boundary(MAX_EVIDENCE)]),
        rule: Rule::ProviderEvent,
    })
}

/// The address of `ada@reader.example` or `Ada <ada@reader.example>`.
fn only_address(text: &str) -> Option<EmailAddress> {
    EmailAddress::parse(text.trim()).ok().or_else(|| addresses(text).pop())
}

/// The text at a JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)); empty if there is none.
pub(super) fn text<'a>(event: &'a Value, pointer: &str) -> &'a str {
    event.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The text or number at a JSON pointer, as text.
pub(super) fn scalar(event: &Value, pointer: &str) -> String {
    match event.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// The whole number at a JSON pointer, even if it is written as text.
pub(super) fn code(event: &Value, pointer: &str) -> Option<u16> {
    scalar(event, pointer).parse().ok()
}

/// The texts in the object or array at a JSON pointer.
pub(super) fn texts(event: &Value, pointer: &str) -> Vec<String> {
    let owned = |value: &Value| value.as_str().map(str::to_owned);
    match event.pointer(pointer) {
        Some(Value::Object(fields)) => fields.values().filter_map(owned).collect(),
        Some(Value::Array(items)) => items.iter().filter_map(owned).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// The texts at these JSON pointers that are there.
pub(super) fn references(event: &Value, pointers: &[&str]) -> Vec<String> {
    pointers.iter().flat_map(|pointer| texts(event, pointer)).collect()
}

/// The events to be stored: those whose name, in the field at `kind`, is not among `ignored`. Their ids are at `id`, if they have one.
pub(super) fn received_events(
    events: &[Value],
    kind: &str,
    ignored: &[&str],
    id: &str,
) -> Result<Vec<ReceivedEvent>, Refusal> {
    let missing = || Refusal::Malformed(format!("the field `{}` is missing", kind.trim_start_matches('/')));
    let mut stored = Vec::new();
    for event in events {
        match text(event, kind) {
            "" => return Err(missing()),
            kind if ignored.contains(&kind) => {}
            _ => stored.push(received(event, &scalar(event, id))?),
        }
    }
    Ok(stored)
}

/// An event to be stored, with the provider's id of it if there is one.
pub(super) fn received(event: &Value, id: &str) -> Result<ReceivedEvent, Refusal> {
    let content = event.to_string().into_bytes();
    if content.len() > MAX_BYTES {
        let reason = format!("an event has more than {} KiB", MAX_BYTES / 1024);
        return Err(Refusal::Malformed(reason));
    }
    Ok(ReceivedEvent {
        id: (!id.is_empty()).then(|| id.to_owned()),
        nonce: None,
        content,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason_of(status: &str, code: Option<u16>, words: &str, class: ProviderClass) -> Reason {
        let failure = Failure {
            status,
            code,
            words,
            class,
        };
        failed_recipient("ada@reader.example", &failure)
            .expect("the text contains an address")
            .reason
    }

    #[test]
    fn the_reply_of_the_server_takes_precedence_over_the_class_of_the_provider() {
        use ProviderClass::{Hard, Sender, Soft};
        for (status, code, words, class, reason) in [
            ("", None, "", Hard, Reason::NoMailbox),
            ("", None, "", Soft, Reason::Unclear),
            ("", None, "", Sender, Reason::Policy),
            ("5.0.0", None, "", Hard, Reason::NoMailbox),
            ("5.7.1", Some(550), "550 5.7.1 blocked by policy", Hard, Reason::Policy),
            ("5.1.1", None, "", Soft, Reason::NoMailbox),
            (
                "",
                Some(550),
                "5.1.1 The email account does not exist",
                Soft,
                Reason::NoMailbox,
            ),
            ("552 5.2.2", None, "", Hard, Reason::MailboxFull),
            ("", None, "450 4.1.1 user unknown", Soft, Reason::Expired),
            ("4.4.7", None, "Message expired", Soft, Reason::Expired),
            ("", Some(605), "", Hard, Reason::NoMailbox),
        ] {
            assert_eq!(
                reason_of(status, code, words, class),
                reason,
                "{status} {words} {class:?}"
            );
        }
    }

    #[test]
    fn an_address_may_have_a_name() {
        for text in ["ada@reader.example", "Ada <ada@reader.example>", " ada@reader.example "] {
            let recipient = recipient_without_reason(text, "spam").expect("the text contains an address");
            assert_eq!(recipient.address.as_typed(), "ada@reader.example");
        }
        assert!(recipient_without_reason("", "spam").is_none() && recipient_without_reason("nobody", "spam").is_none());
    }
}
