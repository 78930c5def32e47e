//! SparkPost: an array of events for each request, and basic authentication. SparkPost repeats a request for eight hours.
//! [Events](https://developers.sparkpost.com/api/webhooks/).

use secrecy::SecretString;
use serde_json::Value;

use super::event::{
    Failure, ProviderClass, auto_reply, bounce_of, code, delayed, other, received, recipient_without_reason,
    references, scalar, text, unsubscribe,
};
use super::refusal::Refusal;
use super::request::HookRequest;
use crate::bounce::read::feedback_report::feedback_type;
use crate::bounce::read::parsed_mail::{Kind, ParsedMail};
use crate::bounce::receive::ReceivedEvent;
use crate::mail::message::ReferenceHeader;

/// Metadata of the message, which each event repeats.
pub(super) const REFERENCE_HEADER: ReferenceHeader = ReferenceHeader {
    name: "X-MSYS-API",
    before: "{\"metadata\":{\"daywire\":\"",
    after: "\"}}",
};

const IGNORED: &[&str] = &[
    "injection",
    "delivery",
    "open",
    "initial_open",
    "click",
    "amp_open",
    "amp_initial_open",
    "amp_click",
];

pub(super) fn check(secret: &SecretString, request: &HookRequest) -> Result<Vec<ReceivedEvent>, Refusal> {
    request.check_login(secret, "hooks.sparkpost.secret")?;
    let mut events = Vec::new();
    for item in request.json_objects()? {
        let classes = item
            .get("msys")
            .and_then(Value::as_object)
            .ok_or_else(|| Refusal::Malformed("the field `msys` is missing".to_owned()))?;
        // A test request has none.
        for event in classes.values() {
            if !event.is_object() {
                return Err(Refusal::Malformed("an event is not an object".to_owned()));
            }
            if !IGNORED.contains(&text(event, "/type")) {
                events.push(received(event, &scalar(event, "/event_id"))?);
            }
        }
    }
    Ok(events)
}

pub(super) fn read(event: &Value) -> ParsedMail {
    let address = match text(event, "/raw_rcpt_to") {
        "" => text(event, "/rcpt_to"),
        address => address,
    };
    let references = references(event, &["/rcpt_meta"]);
    let words = match text(event, "/raw_reason") {
        "" => text(event, "/reason"),
        words => words,
    };
    let failure = |class| Failure {
        status: "",
        code: code(event, "/error_code"),
        words,
        class,
    };
    match text(event, "/type") {
        "spam_complaint" => {
            let kind = text(event, "/fbtype");
            let recipients = recipient_without_reason(address, &format!("spam_complaint {kind}"))
                .into_iter()
                .collect();
            ParsedMail::of_event(Kind::Complaint(feedback_type(kind)), recipients, references)
        }
        kind @ ("list_unsubscribe" | "link_unsubscribe") => unsubscribe(address, kind, references),
        "delay" => delayed(address, &failure(ProviderClass::Soft), references),
        // SparkPost itself did not send the message.
        "policy_rejection" | "generation_rejection" | "generation_failure" => {
            bounce_of(address, &failure(ProviderClass::Sender), references)
        }
        "bounce" | "out_of_band" => match code(event, "/bounce_class") {
            Some(10 | 30) => bounce_of(address, &failure(ProviderClass::Hard), references),
            Some(25 | 50..=54) => bounce_of(address, &failure(ProviderClass::Sender), references),
            Some(60 | 100) => auto_reply(references),
            Some(80) => other(),
            Some(90) => unsubscribe(address, "bounce class 90", references),
            _ => bounce_of(address, &failure(ProviderClass::Soft), references),
        },
        _ => other(),
    }
}
