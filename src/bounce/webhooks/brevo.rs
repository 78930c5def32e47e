//! Brevo: one object for each request, or an array if the webhook is batched, and a bearer token or a login in the address. The page of
//! a webhook in Brevo takes a token; the API takes both. [Events](https://developers.brevo.com/docs/transactional-webhooks),
//! [authentication](https://developers.brevo.com/docs/secured-webhooks).

use secrecy::SecretString;
use serde_json::Value;

use super::event::{
    Failure, ProviderClass, bounce_of, complaint, delayed, other, received, references, text, unsubscribe,
};
use super::refusal::Refusal;
use super::request::HookRequest;
use crate::bounce::read::parsed_mail::ParsedMail;
use crate::bounce::receive::ReceivedEvent;
use crate::mail::message::ReferenceHeader;

/// A field that each event repeats.
pub(super) const REFERENCE_HEADER: ReferenceHeader = ReferenceHeader {
    name: "X-Mailin-custom",
    before: "",
    after: "",
};

const IGNORED: &[&str] = &[
    "request",
    "sent",
    "delivered",
    "opened",
    "uniqueopened",
    "proxyopen",
    "uniqueproxyopen",
    "click",
];

pub(super) fn check(secret: &SecretString, request: &HookRequest) -> Result<Vec<ReceivedEvent>, Refusal> {
    request.check_login(secret, "hooks.brevo.secret")?;
    let mut events = Vec::new();
    for event in request.json_objects()? {
        let kind = kind(&event);
        if kind.is_empty() {
            return Err(Refusal::Malformed("the field `event` is missing".to_owned()));
        }
        if !IGNORED.contains(&kind.as_str()) {
            // `id` is that of the webhook. A repeated event is equal.
            events.push(received(&event, "")?);
        }
    }
    Ok(events)
}

/// The name of the event. Webhooks of campaigns write `hardBounce`, those of single messages `hard_bounce`.
fn kind(event: &Value) -> String {
    text(event, "/event").replace('_', "").to_ascii_lowercase()
}

pub(super) fn read(event: &Value) -> ParsedMail {
    let address = text(event, "/email");
    let references = references(event, &["/X-Mailin-custom", "/message-id"]);
    let failure = |class| Failure {
        status: "",
        code: None,
        words: text(event, "/reason"),
        class,
    };
    match kind(event).as_str() {
        kind @ ("spam" | "complaint") => complaint(address, kind, references),
        kind @ ("unsubscribe" | "unsubscribed") => unsubscribe(address, kind, references),
        "deferred" => delayed(address, &failure(ProviderClass::Soft), references),
        "hardbounce" | "invalidemail" | "invalid" => bounce_of(address, &failure(ProviderClass::Hard), references),
        // Blocked: Brevo did not send the message, because the recipient is on a list of its own for any of several reasons.
        "softbounce" | "blocked" => bounce_of(address, &failure(ProviderClass::Soft), references),
        "error" => bounce_of(address, &failure(ProviderClass::Sender), references),
        _ => other(),
    }
}
