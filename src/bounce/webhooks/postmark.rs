//! Postmark: one object for each request, and a login in the address. Postmark repeats a request for ten hours, and not after 403.
//!
//! Fields: [bounces](https://postmarkapp.com/developer/webhooks/bounce-webhook),
//! [complaints](https://postmarkapp.com/developer/webhooks/spam-complaint-webhook),
//! [subscription changes](https://postmarkapp.com/developer/webhooks/subscription-change-webhook).

use secrecy::SecretString;
use serde_json::Value;

use super::event::{
    Failure, ProviderClass, auto_reply, bounce_of, complaint, delayed, other, received, references, scalar, text,
    unsubscribe,
};
use super::refusal::Refusal;
use super::request::HookRequest;
use crate::bounce::read::parsed_mail::ParsedMail;
use crate::bounce::receive::ReceivedEvent;
use crate::mail::message::ReferenceHeader;

/// Metadata of the message, which each event repeats. Postmark replaces the Message-ID by one of its own.
pub(super) const REFERENCE_HEADER: ReferenceHeader = ReferenceHeader {
    name: "X-PM-Metadata-daywire",
    before: "",
    after: "",
};

const IGNORED: &[&str] = &["Delivery", "Open", "Click"];

pub(super) fn check(secret: &SecretString, request: &HookRequest) -> Result<Vec<ReceivedEvent>, Refusal> {
    request.check_login(secret, "hooks.postmark.secret")?;
    let mut events = Vec::new();
    for mut event in request.json_objects()? {
        let kind = text(&event, "/RecordType").to_owned();
        if kind.is_empty() {
            return Err(Refusal::Malformed("the field `RecordType` is missing".to_owned()));
        }
        if IGNORED.contains(&kind.as_str()) {
            continue;
        }
        // The bounced message can be large, and says nothing that the other fields do not.
        if let Some(fields) = event.as_object_mut() {
            fields.remove("Content");
        }
        let id = match scalar(&event, "/ID") {
            // A change of a subscription has none. A repeated one is equal.
            id if id.is_empty() => id,
            id => format!("{kind}/{}/{id}", text(&event, "/Type")),
        };
        events.push(received(&event, &id)?);
    }
    Ok(events)
}

pub(super) fn read(event: &Value) -> ParsedMail {
    let address = text(event, "/Email");
    let references = references(event, &["/Metadata"]);
    match text(event, "/RecordType") {
        "SpamComplaint" => complaint(address, "SpamComplaint", references),
        "SubscriptionChange" => {
            let is_suppressed = event.pointer("/SuppressSending").and_then(Value::as_bool) == Some(true);
            match text(event, "/SuppressionReason") {
                "ManualSuppression" if is_suppressed => unsubscribe(
                    text(event, "/Recipient"),
                    "SubscriptionChange: ManualSuppression",
                    references,
                ),
                // Bounces and complaints come as events of their own too.
                _ => other(),
            }
        }
        "Bounce" => {
            let failure = |class| Failure {
                status: "",
                code: None,
                words: text(event, "/Details"),
                class,
            };
            match text(event, "/Type") {
                "HardBounce" | "BadEmailAddress" => bounce_of(address, &failure(ProviderClass::Hard), references),
                "Transient" | "DnsError" => delayed(address, &failure(ProviderClass::Soft), references),
                "AutoResponder" | "AddressChange" | "ChallengeVerification" => auto_reply(references),
                "Unsubscribe" => unsubscribe(address, "Bounce: Unsubscribe", references),
                "Subscribe" | "OpenRelayTest" | "InboundError" | "Unconfirmed" | "TemplateRenderingFailed" => other(),
                "SpamComplaint" => complaint(address, "Bounce: SpamComplaint", references),
                "SpamNotification" | "VirusNotification" | "Blocked" | "DMARCPolicy" => {
                    bounce_of(address, &failure(ProviderClass::Sender), references)
                }
                _ => bounce_of(address, &failure(ProviderClass::Soft), references),
            }
        }
        _ => other(),
    }
}
