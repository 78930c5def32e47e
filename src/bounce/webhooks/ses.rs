//! Amazon SES: the event in an SNS message. SES reports in two forms, notifications of an identity and event publishing of a configuration
//! set, which differ in the name of one field.
//!
//! [Notifications](https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html),
//! [event publishing](https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html). The same JSON comes by mail
//! if a mailbox is subscribed to the topic.

use serde_json::Value;

use super::event::{
    Failure, ProviderClass, auto_reply, bounce, failed_recipient, other, recipient_without_reason, references, text,
    unsubscribe,
};
use crate::bounce::read::feedback_report::feedback_type;
use crate::bounce::read::parsed_mail::{Kind, ParsedMail, ReportedRecipient};

pub(super) const SOURCE: &str = "ses";

const IGNORED: &[&str] = &["Delivery", "Send", "Open", "Click"];

/// Whether the event matters here, or may: SES may add others.
pub(super) fn is_ignored(event: &Value) -> bool {
    IGNORED.contains(&kind(event))
}

/// An id that stays the same in both forms; empty if the event has none.
pub(super) fn id(event: &Value) -> &str {
    ["/bounce/feedbackId", "/complaint/feedbackId"]
        .map(|pointer| text(event, pointer))
        .into_iter()
        .find(|id| !id.is_empty())
        .unwrap_or_default()
}

fn kind(event: &Value) -> &str {
    match text(event, "/notificationType") {
        "" => text(event, "/eventType"),
        kind => kind,
    }
}

/// Finds the event in the text of a mail from SNS; `None` if there is none.
pub(in crate::bounce) fn read_text(text: &str) -> Option<ParsedMail> {
    let text = text.trim_start();
    if !text.starts_with('{') {
        return None;
    }
    // A server that does not carry long lines breaks them so.
    let joined = text.replace("!\r\n ", "").replace("!\n ", "");
    // SNS adds an explanation for people after the event.
    let event: Value = serde_json::Deserializer::from_str(&joined).into_iter().next()?.ok()?;
    let event = match event.get("Message").and_then(Value::as_str) {
        Some(inner) => serde_json::from_str(inner).ok()?,
        None => event,
    };
    (!kind(&event).is_empty()).then(|| read(&event))
}

pub(in crate::bounce) fn read(event: &Value) -> ParsedMail {
    let references = message_ids(event);
    let recipients = |pointer| event.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    match kind(event) {
        "Bounce" => {
            let (kind, subtype) = (text(event, "/bounce/bounceType"), text(event, "/bounce/bounceSubType"));
            let bounced = recipients("/bounce/bouncedRecipients");
            let has_reason = |recipient: &Value| {
                !text(recipient, "/diagnosticCode").is_empty() || !text(recipient, "/status").is_empty()
            };
            // SES counts an automatic reply, such as "out of office", as such a bounce.
            if (kind, subtype) == ("Transient", "General") && !bounced.clone().any(has_reason) {
                return auto_reply(references);
            }
            let class = class(kind, subtype);
            let failures = bounced.filter_map(|recipient| failure(recipient, class));
            bounce(failures.collect(), references)
        }
        "Complaint" => {
            let kind = text(event, "/complaint/complaintFeedbackType");
            let what = format!("Complaint {kind}");
            let complained = recipients("/complaint/complainedRecipients");
            let complained = complained
                .filter_map(|recipient| recipient_without_reason(text(recipient, "/emailAddress"), what.trim()));
            ParsedMail::of_event(Kind::Complaint(feedback_type(kind)), complained.collect(), references)
        }
        "DeliveryDelay" => {
            let delayed = recipients("/deliveryDelay/delayedRecipients");
            let delayed = delayed.filter_map(|recipient| failure(recipient, ProviderClass::Soft));
            ParsedMail::of_event(Kind::Delayed, delayed.collect(), references)
        }
        // The list management of SES: the recipient used a link that SES added.
        "Subscription" => {
            let has_left = event.pointer("/subscription/newTopicPreferences/unsubscribeAll");
            let destination = text(event, "/mail/destination/0");
            if has_left.and_then(Value::as_bool) == Some(true) {
                unsubscribe(destination, "Subscription: unsubscribeAll", references)
            } else {
                other()
            }
        }
        _ => other(),
    }
}

fn failure(recipient: &Value, class: ProviderClass) -> Option<ReportedRecipient> {
    let words = text(recipient, "/diagnosticCode");
    let failure = Failure {
        status: text(recipient, "/status"),
        code: None,
        // As in the field Diagnostic-Code: `smtp; 550 5.1.1 unknown`.
        words: words.split_once(';').map_or(words, |(_, words)| words.trim()),
        class,
    };
    failed_recipient(text(recipient, "/emailAddress"), &failure)
}

/// SES's own classes, which Resend passes on.
pub(super) fn class(kind: &str, subtype: &str) -> ProviderClass {
    match (kind, subtype) {
        (_, "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => ProviderClass::Sender,
        ("Transient" | "Undetermined", _) => ProviderClass::Soft,
        _ => ProviderClass::Hard,
    }
}

/// Our Message-ID: SES replaces it, and reports the original one if it reports the header of the message.
fn message_ids(event: &Value) -> Vec<String> {
    let mut found = references(event, &["/mail/commonHeaders/messageId"]);
    let headers = event.pointer("/mail/headers").and_then(Value::as_array);
    let ids = headers
        .into_iter()
        .flatten()
        .filter(|header| text(header, "/name").eq_ignore_ascii_case("message-id"));
    found.extend(ids.map(|header| text(header, "/value").to_owned()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_found_in_the_text_of_a_mail() {
        let mail = "{\"notificationType\":\"Complaint\",\"complaint\":{\"complainedRecipients\":[{\"emailAddress\":\
                    \"ada@rea!\n der.example\"}],\"complaintFeedbackType\":\"abuse\"}}\n\n--\nIf you wish to stop";
        let read = read_text(mail).expect("there is an event");
        assert_eq!(read.recipients[0].address.as_typed(), "ada@reader.example");
        for other in [
            "",
            "{",
            "{}",
            "{\"Message\":\"no JSON\"}",
            "Hello {\"notificationType\":\"Bounce\"}",
        ] {
            assert!(read_text(other).is_none(), "{other}");
        }
    }

    #[test]
    fn an_automatic_reply_is_no_failure() {
        let event = serde_json::json!({
            "notificationType": "Bounce",
            "bounce": {"bounceType": "Transient", "bounceSubType": "General",
                "bouncedRecipients": [{"emailAddress": "ada@reader.example"}]},
        });
        assert_eq!(read(&event).kind, Kind::AutoReply);
    }
}
