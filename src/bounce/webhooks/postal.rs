//! Postal: one object for each request, signed with RSA. Newer releases add a signature with SHA-256 to the one with SHA-1. Postal repeats
//! a request for 36 minutes with the same time, and a queue that waits may add some hours.
//! [Events](https://docs.postalserver.io/developer/webhooks).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey,
};
use serde_json::Value;

use super::event::{Failure, ProviderClass, auto_reply, bounce_of, delayed, other, received, references, scalar, text};
use super::refusal::Refusal;
use super::request::{HookRequest, check_time, unix_time};
use crate::bounce::read::kind::{is_auto_reply_subject, is_delay_subject};
use crate::bounce::read::parsed_mail::ParsedMail;
use crate::bounce::receive::ReceivedEvent;
use crate::config::RsaPublicKey;

const MAX_AGE: TimeDelta = TimeDelta::hours(12);

pub(super) fn check(
    key: &RsaPublicKey,
    request: &HookRequest,
    now: DateTime<Utc>,
) -> Result<Vec<ReceivedEvent>, Refusal> {
    if !is_signed(key, request) {
        return Err(Refusal::WrongSignature("hooks.postal.secret"));
    }
    let event = request.json()?;
    let seconds = scalar(&event, "/timestamp");
    let seconds = seconds.split('.').next().unwrap_or_default();
    check_time(now, unix_time(seconds).ok_or(Refusal::OldTimestamp)?, MAX_AGE)?;
    match text(&event, "/event") {
        "" => Err(Refusal::Malformed("the field `event` is missing".to_owned())),
        "MessageBounced" | "MessageDeliveryFailed" | "MessageDelayed" | "MessageHeld" => {
            Ok(vec![received(&event, text(&event, "/uuid"))?])
        }
        // Deliveries, opens and clicks, and the limits of the server.
        _ => Ok(Vec::new()),
    }
}

/// If there is a signature with SHA-256, only that one counts.
fn is_signed(key: &RsaPublicKey, request: &HookRequest) -> bool {
    let (signature, algorithm) = match request.header("x-postal-signature-256") {
        Some(signature) => (signature, &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        None => (
            request.header("x-postal-signature").unwrap_or_default(),
            &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        ),
    };
    let key = UnparsedPublicKey::new(algorithm, key.der());
    STANDARD
        .decode(signature)
        .is_ok_and(|signature| key.verify(&request.body, &signature).is_ok())
}

pub(super) fn read(event: &Value) -> ParsedMail {
    let payload = event.get("payload").unwrap_or(&Value::Null);
    // A report of a bounce has the message under another name.
    let message = ["/message", "/original_message"];
    let message = message
        .into_iter()
        .find_map(|name| payload.pointer(name))
        .unwrap_or(&Value::Null);
    if text(message, "/direction") == "incoming" {
        return other();
    }
    let address = text(message, "/to");
    let references = references(message, &["/message_id"]);
    let details = text(payload, "/details");
    let output = text(payload, "/output");
    let failure = |class| Failure {
        status: "",
        code: None,
        words: if output.trim().is_empty() { details } else { output },
        class,
    };
    match text(event, "/event") {
        "MessageDelayed" => delayed(address, &failure(ProviderClass::Soft), references),
        "MessageDeliveryFailed" => {
            // Postal also fails a message that it has tried too often.
            let is_given_up = details.to_ascii_lowercase().contains("attempts");
            let class = if is_given_up {
                ProviderClass::Soft
            } else {
                ProviderClass::Hard
            };
            bounce_of(address, &failure(class), references)
        }
        // Held by Postal because of an earlier failure, or for a reason that concerns the account.
        "MessageHeld" if details.contains("suppression list") => {
            let class = if details.contains("soft") {
                ProviderClass::Soft
            } else {
                ProviderClass::Hard
            };
            let failure = Failure {
                words: "",
                ..failure(class)
            };
            bounce_of(address, &failure, references)
        }
        "MessageBounced" => {
            let subject = text(payload, "/bounce/subject");
            // The report itself is not in the event, only its subject.
            if is_auto_reply_subject(subject) {
                auto_reply(references)
            } else if is_delay_subject(subject) {
                delayed(address, &Failure::of_class(ProviderClass::Soft), references)
            } else if text(payload, "/bounce/bounce_type") == "hard" {
                bounce_of(address, &Failure::of_class(ProviderClass::Hard), references)
            } else {
                bounce_of(address, &Failure::of_class(ProviderClass::Soft), references)
            }
        }
        _ => other(),
    }
}
