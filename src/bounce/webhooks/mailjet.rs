//! Mailjet: an object for each request, or an array with grouped events, and a login in the address. Mailjet repeats a request every
//! 30 seconds for 24 hours. [Events](https://dev.mailjet.com/email/guides/webhooks/).

use secrecy::SecretString;
use serde_json::Value;

use super::event::{
    Failure, ProviderClass, bounce_of, complaint, delayed, other, received_events, references, text, unsubscribe,
};
use super::refusal::Refusal;
use super::request::HookRequest;
use crate::bounce::read::parsed_mail::ParsedMail;
use crate::bounce::receive::ReceivedEvent;
use crate::mail::message::ReferenceHeader;

/// The message's own id, which each event repeats.
pub(super) const REFERENCE_HEADER: ReferenceHeader = ReferenceHeader {
    name: "X-MJ-CustomID",
    before: "",
    after: "",
};

const IGNORED: &[&str] = &["sent", "open", "click"];

pub(super) fn check(secret: &SecretString, request: &HookRequest) -> Result<Vec<ReceivedEvent>, Refusal> {
    request.check_login(secret, "hooks.mailjet.secret")?;
    // Events have no id. A repeated one is equal.
    received_events(&request.json_objects()?, "/event", IGNORED, "")
}

pub(super) fn read(event: &Value) -> ParsedMail {
    let address = text(event, "/email");
    let references = references(event, &["/CustomID", "/Payload"]);
    let error = text(event, "/error");
    let is_hard = event.pointer("/hard_bounce").and_then(Value::as_bool) == Some(true);
    let class = match error {
        "user unknown" | "invalid domain" | "no mail host" | "preblocked" => ProviderClass::Hard,
        "mailbox inactive" | "quota exceeded" | "connection issue" | "error in relay" => ProviderClass::Soft,
        "relay/access denied"
        | "sender blocked"
        | "content blocked"
        | "policy issue"
        | "system issue"
        | "protocol issue"
        | "duplicate in campaign"
        | "blacklisted" => ProviderClass::Sender,
        _ if is_hard => ProviderClass::Hard,
        _ => ProviderClass::Soft,
    };
    let words = ["/smtp_reply", "/comment"]
        .map(|pointer| text(event, pointer))
        .join(" ");
    // Without a reply, `error` is the evidence: it says more than the class.
    let words = if words.trim().is_empty() { error } else { words.trim() };
    let failure = Failure {
        status: "",
        code: None,
        words,
        class,
    };
    match text(event, "/event") {
        "spam" => complaint(
            address,
            &format!("spam, reported by {}", text(event, "/source")),
            references,
        ),
        "unsub" => unsubscribe(address, "unsub", references),
        "bounce" | "blocked" if error == "greylisted" && !is_hard => delayed(address, &failure, references),
        // Mailjet did not send the message, because the recipient complained about an earlier one.
        "blocked" if error == "spam reporter" => complaint(address, "blocked: spam reporter", references),
        "bounce" | "blocked" => bounce_of(address, &failure, references),
        _ => other(),
    }
}
