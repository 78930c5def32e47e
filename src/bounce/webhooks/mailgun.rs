//! Mailgun: one object for each request, with an HMAC of a time and a token in it. Mailgun repeats a request for eight hours, and not after
//! 406. The documents do not say whether each attempt has a time of its own, so the time may be that old.
//!
//! The signature does not cover the event. A token is therefore accepted once: with a signature that somebody saw, no other event can be
//! sent. Fields: [webhooks](https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhooks),
//! [signature](https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER_PERMISSIVE;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::event::{
    Failure, ProviderClass, bounce_of, code, complaint, delayed, other, received, references, scalar, text, unsubscribe,
};
use super::refusal::Refusal;
use super::request::{CheckedRequest, HookRequest, check_time, is_hmac_sha256, unix_time};
use crate::bounce::read::parsed_mail::ParsedMail;
use crate::mail::message::ReferenceHeader;

/// Variables of the message, which each event repeats.
pub(super) const REFERENCE_HEADER: ReferenceHeader = ReferenceHeader {
    name: "X-Mailgun-Variables",
    before: "{\"daywire\":\"",
    after: "\"}",
};

const MAX_AGE: TimeDelta = TimeDelta::hours(9);
const IGNORED: &[&str] = &["accepted", "delivered", "opened", "clicked", "stored"];

pub(super) fn check(key: &SecretString, request: &HookRequest, now: DateTime<Utc>) -> Result<CheckedRequest, Refusal> {
    let body = request.json_of_unknown()?;
    // Events of a subaccount are also signed with the key of the account above it.
    let signed: Vec<&Value> = ["/signature", "/parent-signature"]
        .into_iter()
        .filter_map(|pointer| body.pointer(pointer))
        .filter(|signature| is_signed(key, signature))
        .collect();
    let first = signed.first().ok_or(Refusal::WrongSignature("hooks.mailgun.secret"))?;
    let time = unix_time(&scalar(first, "/timestamp")).ok_or(Refusal::OldTimestamp)?;
    check_time(now, time, MAX_AGE)?;
    // Of every signature, and also if the event is ignored: each of them would be valid for another event. The time and the token are
    // signed together, without anything between them.
    let nonces = signed
        .iter()
        .map(|signature| scalar(signature, "/timestamp") + &scalar(signature, "/token"));
    let nonces = nonces.collect();
    let event = body
        .get("event-data")
        .filter(|event| !text(event, "/event").is_empty())
        .ok_or_else(|| {
            Refusal::Malformed("the field `event-data`, or the field `event` in it, is missing".to_owned())
        })?;
    if IGNORED.contains(&text(event, "/event")) {
        return Ok(CheckedRequest {
            nonces,
            events: Vec::new(),
        });
    }
    // An id is unique within a day.
    let id = text(event, "/id");
    let id = if id.is_empty() {
        String::new()
    } else {
        format!("{}/{id}", scalar(event, "/timestamp"))
    };
    Ok(CheckedRequest {
        nonces,
        events: vec![received(event, &id)?],
    })
}

fn is_signed(key: &SecretString, signature: &Value) -> bool {
    let (time, token) = (scalar(signature, "/timestamp"), scalar(signature, "/token"));
    let Ok(code) = HEXLOWER_PERMISSIVE.decode(text(signature, "/signature").as_bytes()) else {
        return false;
    };
    !token.is_empty()
        && is_hmac_sha256(
            key.expose_secret().as_bytes(),
            &[time.as_bytes(), token.as_bytes()],
            &code,
        )
}

pub(super) fn read(event: &Value) -> ParsedMail {
    let address = text(event, "/recipient");
    let references = references(event, &["/user-variables", "/message/headers/message-id"]);
    let words = format!(
        "{} {}",
        text(event, "/delivery-status/message"),
        text(event, "/delivery-status/description")
    );
    let failure = |class| Failure {
        status: text(event, "/delivery-status/enhanced-code"),
        code: code(event, "/delivery-status/code"),
        words: words.trim(),
        class,
    };
    match (text(event, "/event"), text(event, "/severity"), text(event, "/reason")) {
        ("complained", ..) => complaint(address, "complained", references),
        ("unsubscribed", ..) => unsubscribe(address, "unsubscribed", references),
        ("failed", "temporary", _) => delayed(address, &failure(ProviderClass::Soft), references),
        ("failed", _, reason @ "suppress-complaint") => complaint(address, reason, references),
        ("failed", _, reason @ "suppress-unsubscribe") => unsubscribe(address, reason, references),
        ("failed", _, "espblock") => bounce_of(address, &failure(ProviderClass::Sender), references),
        ("failed", _, "bounce" | "suppress-bounce") => bounce_of(address, &failure(ProviderClass::Hard), references),
        ("failed", ..) => bounce_of(address, &failure(ProviderClass::Soft), references),
        // Mailgun itself did not take the message.
        ("rejected", ..) => {
            let failure = Failure {
                words: text(event, "/reject/reason"),
                ..failure(ProviderClass::Sender)
            };
            bounce_of(address, &failure, references)
        }
        _ => other(),
    }
}
