//! Resend: one object for each request, signed as Svix does. Each attempt has a signature and a time of its own, so the time is recent;
//! the id stays the same. [Events](https://resend.com/docs/webhooks/event-types),
//! [signature](https://docs.svix.com/receiving/verifying-payloads/how-manual).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::event::{Failure, ProviderClass, bounce_of, complaint, delayed, other, received, references, text, texts};
use super::refusal::Refusal;
use super::request::{HookRequest, check_time, is_hmac_sha256, unix_time};
use super::ses;
use crate::bounce::read::parsed_mail::ParsedMail;
use crate::bounce::receive::ReceivedEvent;
use crate::config::SvixSecret;
use crate::mail::message::ReferenceHeader;

/// A field of ours, which the events repeat among the fields of the message.
pub(super) const REFERENCE_HEADER: ReferenceHeader = ReferenceHeader {
    name: "X-Daywire-Tag",
    before: "",
    after: "",
};

/// What the libraries of Svix allow.
const MAX_AGE: TimeDelta = TimeDelta::minutes(5);

pub(super) fn check(
    secret: &SvixSecret,
    request: &HookRequest,
    now: DateTime<Utc>,
) -> Result<Vec<ReceivedEvent>, Refusal> {
    let (id, time) = check_signature(secret, request).ok_or(Refusal::WrongSignature("hooks.resend.secret"))?;
    check_time(now, unix_time(time).ok_or(Refusal::OldTimestamp)?, MAX_AGE)?;
    let event = request.json()?;
    match text(&event, "/type") {
        "" => Err(Refusal::Malformed("the field `type` is missing".to_owned())),
        "email.bounced" | "email.complained" | "email.delivery_delayed" | "email.failed" | "email.suppressed" => {
            Ok(vec![received(&event, id)?])
        }
        // Deliveries, opens and clicks, and what happens to domains and contacts.
        _ => Ok(Vec::new()),
    }
}

/// Returns the id and the signed time; `None` if no signature is Resend's. There are several while the secret is being replaced.
fn check_signature<'a>(secret: &SvixSecret, request: &'a HookRequest) -> Option<(&'a str, &'a str)> {
    let (id, time) = (request.header("svix-id")?, request.header("svix-timestamp")?);
    let signatures = request.header("svix-signature")?;
    let is_valid = |signature: &str| {
        let code = signature
            .strip_prefix("v1,")
            .and_then(|code| STANDARD.decode(code).ok());
        let signed: [&[u8]; 5] = [id.as_bytes(), b".", time.as_bytes(), b".", &request.body];
        code.is_some_and(|code| is_hmac_sha256(secret.expose(), &signed, &code))
    };
    (!id.is_empty() && signatures.split(' ').any(is_valid)).then_some((id, time))
}

pub(super) fn read(event: &Value) -> ParsedMail {
    let recipients = texts(event, "/data/to");
    let address = recipients.first().map_or("", String::as_str);
    let mut references = references(event, &["/data/message_id", "/data/tags"]);
    let headers = event.pointer("/data/headers").and_then(Value::as_array);
    let values = headers
        .into_iter()
        .flatten()
        .map(|header| text(header, "/value").to_owned());
    references.extend(values);
    match text(event, "/type") {
        "email.complained" => complaint(address, "email.complained", references),
        "email.delivery_delayed" => delayed(address, &Failure::of_class(ProviderClass::Soft), references),
        "email.bounced" => {
            let diagnostics = texts(event, "/data/bounce/diagnosticCode").join(" ");
            let kind = text(event, "/data/bounce/type");
            let failure = Failure {
                status: "",
                code: None,
                words: &diagnostics,
                class: ses::class(kind, text(event, "/data/bounce/subType")),
            };
            bounce_of(address, &failure, references)
        }
        "email.suppressed" => bounce_of(address, &Failure::of_class(ProviderClass::Hard), references),
        // Resend did not send the message, for a reason that concerns the account.
        "email.failed" => bounce_of(address, &Failure::of_class(ProviderClass::Sender), references),
        _ => other(),
    }
}
