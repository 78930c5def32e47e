//! SendGrid: an array of events for each request, signed with ECDSA. SendGrid repeats a request for 24 hours, and the documents do not say
//! whether each attempt has a time of its own, so the time may be that old.
//!
//! [Events](https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event),
//! [signature](https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde_json::Value;

use super::event::{
    Failure, ProviderClass, bounce_of, complaint, delayed, other, received_events, references, text, unsubscribe,
};
use super::refusal::Refusal;
use super::request::{HookRequest, check_time, unix_time};
use crate::bounce::read::parsed_mail::ParsedMail;
use crate::bounce::receive::ReceivedEvent;
use crate::config::EcdsaPublicKey;
use crate::mail::message::ReferenceHeader;

/// A unique argument of the message, which becomes a field of each event.
pub(super) const REFERENCE_HEADER: ReferenceHeader = ReferenceHeader {
    name: "X-SMTPAPI",
    before: "{\"unique_args\":{\"daywire\":\"",
    after: "\"}}",
};

const MAX_AGE: TimeDelta = TimeDelta::hours(25);
const IGNORED: &[&str] = &["processed", "delivered", "open", "click", "account_status_change"];

pub(super) fn check(
    key: &EcdsaPublicKey,
    request: &HookRequest,
    now: DateTime<Utc>,
) -> Result<Vec<ReceivedEvent>, Refusal> {
    let time = check_signature(key, request).ok_or(Refusal::WrongSignature("hooks.sendgrid.secret"))?;
    check_time(now, unix_time(time).ok_or(Refusal::OldTimestamp)?, MAX_AGE)?;
    received_events(&request.json_objects()?, "/event", IGNORED, "/sg_event_id")
}

/// Returns the signed time; `None` if the signature is not SendGrid's.
fn check_signature<'a>(key: &EcdsaPublicKey, request: &'a HookRequest) -> Option<&'a str> {
    let time = request.header("x-twilio-email-event-webhook-timestamp")?;
    let signature = request.header("x-twilio-email-event-webhook-signature")?;
    let signature = STANDARD.decode(signature).ok()?;
    let signed = [time.as_bytes(), &request.body].concat();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.point());
    key.verify(&signed, &signature).is_ok().then_some(time)
}

pub(super) fn read(event: &Value) -> ParsedMail {
    let address = text(event, "/email");
    let references = references(event, &["/daywire", "/smtp-id"]);
    let reason = text(event, "/reason");
    let failure = |class| Failure {
        status: text(event, "/status"),
        code: None,
        words: reason,
        class,
    };
    match text(event, "/event") {
        "spamreport" => complaint(address, "spamreport", references),
        kind @ ("unsubscribe" | "group_unsubscribe") => unsubscribe(address, kind, references),
        "deferred" => {
            let words = text(event, "/response");
            let failure = Failure {
                words: if words.is_empty() { reason } else { words },
                ..failure(ProviderClass::Soft)
            };
            delayed(address, &failure, references)
        }
        "bounce" => {
            let classification = text(event, "/bounce_classification").to_ascii_lowercase();
            let class = match (classification.split(' ').next(), text(event, "/type")) {
                (Some("invalid"), _) => ProviderClass::Hard,
                (Some("technical" | "mailbox"), _) => ProviderClass::Soft,
                // Blocked: the address is fine, and SendGrid does not put it on its list.
                (Some("content" | "reputation" | "frequency"), _) | (_, "blocked") => ProviderClass::Sender,
                _ => ProviderClass::Hard,
            };
            bounce_of(address, &failure(class), references)
        }
        // SendGrid itself did not send the message.
        "dropped" => {
            let reason = reason.to_ascii_lowercase();
            if reason.contains("spam reporting address") {
                complaint(address, "dropped: Spam Reporting Address", references)
            } else if reason.contains("unsubscribed address") {
                unsubscribe(address, "dropped: Unsubscribed Address", references)
            } else if reason.contains("bounced address") || reason == "invalid" {
                bounce_of(address, &Failure::of_class(ProviderClass::Hard), references)
            } else {
                bounce_of(address, &Failure::of_class(ProviderClass::Sender), references)
            }
        }
        _ => other(),
    }
}
