//! The mail providers whose webhooks are accepted, and what each of them needs.

use serde_json::Value;

use super::refusal::Refusal;
use super::request::{CheckedRequest, HookRequest, Sender};
use super::sns::Sns;
use super::{brevo, event, mailgun, mailjet, postal, postmark, resend, sendgrid, ses, sparkpost};
use crate::app::App;
use crate::bounce::read::parsed_mail::ParsedMail;
use crate::config::{Config, Hooks};
use crate::domain::redact::without_addresses;
use crate::mail::message::ReferenceHeader;

/// The largest request with one event, in bytes. It may have the bounced message.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The largest request with many events. SparkPost divides them below this.
const MAX_BATCH_BYTES: usize = 12 * 1024 * 1024;
/// The same where the signature covers the body, so that anybody can have it read. SNS sends at most 256 KiB, and SendGrid divides its
/// events at 768 KiB.
const MAX_SIGNED_BYTES: usize = 512 * 1024;
const MAX_SIGNED_BATCH_BYTES: usize = 4 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    Ses,
    Postmark,
    SendGrid,
    Mailgun,
    Mailjet,
    SparkPost,
    Brevo,
    Resend,
    Postal,
}

impl Provider {
    const ALL: [Self; 9] = [
        Self::Ses,
        Self::Postmark,
        Self::SendGrid,
        Self::Mailgun,
        Self::Mailjet,
        Self::SparkPost,
        Self::Brevo,
        Self::Resend,
        Self::Postal,
    ];

    /// The provider with this name, if it has one of the webhooks that are set.
    pub(crate) fn configured(config: &Config, name: &str) -> Option<Self> {
        Self::of(name).filter(|provider| provider.is_configured(&config.hooks))
    }

    /// The provider with this name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }

    /// The name in addresses, settings and the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ses => ses::SOURCE,
            Self::Postmark => "postmark",
            Self::SendGrid => "sendgrid",
            Self::Mailgun => "mailgun",
            Self::Mailjet => "mailjet",
            Self::SparkPost => "sparkpost",
            Self::Brevo => "brevo",
            Self::Resend => "resend",
            Self::Postal => "postal",
        }
    }

    /// The most bytes of a request's body.
    pub(crate) const fn max_body_bytes(self) -> usize {
        match self {
            Self::SparkPost | Self::Mailjet | Self::Brevo => MAX_BATCH_BYTES,
            Self::SendGrid => MAX_SIGNED_BATCH_BYTES,
            Self::Postmark => MAX_BODY_BYTES,
            Self::Ses | Self::Mailgun | Self::Resend | Self::Postal => MAX_SIGNED_BYTES,
        }
    }

    const fn is_configured(self, hooks: &Hooks) -> bool {
        match self {
            Self::Ses => !hooks.ses.topics.is_empty(),
            Self::Postmark => hooks.postmark.secret.is_some(),
            Self::SendGrid => hooks.sendgrid.secret.is_some(),
            Self::Mailgun => hooks.mailgun.secret.is_some(),
            Self::Mailjet => hooks.mailjet.secret.is_some(),
            Self::SparkPost => hooks.sparkpost.secret.is_some(),
            Self::Brevo => hooks.brevo.secret.is_some(),
            Self::Resend => hooks.resend.secret.is_some(),
            Self::Postal => hooks.postal.secret.is_some(),
        }
    }

    /// Checks what the header fields of a request prove, before its body is read.
    pub(super) fn check_headers(self, hooks: &Hooks, request: &HookRequest) -> Result<Sender, Refusal> {
        let (secret, setting) = match self {
            Self::Postmark => (&hooks.postmark.secret, "hooks.postmark.secret"),
            Self::Mailjet => (&hooks.mailjet.secret, "hooks.mailjet.secret"),
            Self::SparkPost => (&hooks.sparkpost.secret, "hooks.sparkpost.secret"),
            Self::Brevo => (&hooks.brevo.secret, "hooks.brevo.secret"),
            Self::SendGrid => {
                let names = ["x-twilio-email-event-webhook-signature"];
                request.require_signature(&names, "hooks.sendgrid.secret")?;
                return Ok(Sender::Unknown);
            }
            Self::Resend => {
                request.require_signature(&["svix-signature"], "hooks.resend.secret")?;
                return Ok(Sender::Unknown);
            }
            Self::Postal => {
                let names = ["x-postal-signature-256", "x-postal-signature"];
                request.require_signature(&names, "hooks.postal.secret")?;
                return Ok(Sender::Unknown);
            }
            // Their signature is in the body.
            Self::Ses | Self::Mailgun => return Ok(Sender::Unknown),
        };
        let secret = secret.as_ref().ok_or(Refusal::WrongLogin(setting))?;
        request.check_login(secret, setting)?;
        Ok(Sender::LoggedIn)
    }

    /// Checks that a request is the provider's, and returns those of its events that matter here.
    pub(super) async fn check(self, app: &App, sns: &Sns, request: &HookRequest) -> Result<CheckedRequest, Refusal> {
        let (hooks, now) = (&app.config.hooks, app.clock.now());
        let checked = match self {
            Self::Ses => return sns.check(app, request).await.map(CheckedRequest::from),
            Self::Mailgun => {
                let key = hooks.mailgun.secret.as_ref();
                let checked = key.map(|key| mailgun::check(key, request, now));
                return checked.unwrap_or(Err(Refusal::WrongLogin("hooks")));
            }
            Self::Postmark => hooks
                .postmark
                .secret
                .as_ref()
                .map(|secret| postmark::check(secret, request)),
            Self::SendGrid => hooks
                .sendgrid
                .secret
                .as_ref()
                .map(|key| sendgrid::check(key, request, now)),
            Self::Mailjet => hooks
                .mailjet
                .secret
                .as_ref()
                .map(|secret| mailjet::check(secret, request)),
            Self::SparkPost => hooks
                .sparkpost
                .secret
                .as_ref()
                .map(|secret| sparkpost::check(secret, request)),
            Self::Brevo => hooks.brevo.secret.as_ref().map(|secret| brevo::check(secret, request)),
            Self::Resend => hooks
                .resend
                .secret
                .as_ref()
                .map(|secret| resend::check(secret, request, now)),
            Self::Postal => hooks.postal.secret.as_ref().map(|key| postal::check(key, request, now)),
        };
        // Only a configured provider has a webhook, so the secret is set.
        checked
            .unwrap_or(Err(Refusal::WrongLogin("hooks")))
            .map(CheckedRequest::from)
    }

    fn read(self, event: &Value) -> ParsedMail {
        match self {
            Self::Ses => ses::read(event),
            Self::Postmark => postmark::read(event),
            Self::SendGrid => sendgrid::read(event),
            Self::Mailgun => mailgun::read(event),
            Self::Mailjet => mailjet::read(event),
            Self::SparkPost => sparkpost::read(event),
            Self::Brevo => brevo::read(event),
            Self::Resend => resend::read(event),
            Self::Postal => postal::read(event),
        }
    }

    /// How the provider can be made to name our message in its events; `None` if it repeats the Message-ID.
    const fn reference_header(self) -> Option<ReferenceHeader> {
        match self {
            Self::Ses | Self::Postal => None,
            Self::Postmark => Some(postmark::REFERENCE_HEADER),
            Self::SendGrid => Some(sendgrid::REFERENCE_HEADER),
            Self::Mailgun => Some(mailgun::REFERENCE_HEADER),
            Self::Mailjet => Some(mailjet::REFERENCE_HEADER),
            Self::SparkPost => Some(sparkpost::REFERENCE_HEADER),
            Self::Brevo => Some(brevo::REFERENCE_HEADER),
            Self::Resend => Some(resend::REFERENCE_HEADER),
        }
    }
}

/// Reads the event of a row. `None` if the row is not from a webhook.
pub(in crate::bounce) fn read(source: &str, content: &[u8]) -> Option<ParsedMail> {
    let provider = Provider::of(source)?;
    let event = serde_json::from_slice(content);
    let mut mail = event.map_or_else(|_| event::other(), |event| provider.read(&event));
    for recipient in &mut mail.recipients {
        recipient.evidence = format!("{}: {}", provider.name(), without_addresses(&recipient.evidence));
    }
    Some(mail)
}

/// The header fields that messages need for the providers that are set.
pub(crate) fn reference_headers(config: &Config) -> Vec<ReferenceHeader> {
    let configured = Provider::ALL
        .into_iter()
        .filter(|provider| provider.is_configured(&config.hooks));
    configured.filter_map(Provider::reference_header).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bounce::read::parsed_mail::Kind;
    use crate::mail::extra_header::ExtraHeader;

    #[test]
    fn an_operator_cannot_set_the_fields_by_which_events_name_a_message() {
        for header in Provider::ALL.into_iter().filter_map(Provider::reference_header) {
            assert_eq!(ExtraHeader::parse(&format!("{}: x", header.name)), None);
        }
    }

    /// Values of every kind for every field that any provider reads, so that wrong types are tried everywhere.
    #[test]
    fn events_of_any_shape_are_read_without_a_panic() {
        let values = [
            json!(null),
            json!(true),
            json!(-1),
            json!(1.5),
            json!("💥".repeat(2_000)),
            json!([]),
            json!([[{}], "x", 1]),
            json!({}),
            json!({"to": 1, "headers": [1, {"name": "message-id"}], "bounce": [], "message": {"headers": 1}}),
        ];
        let fields = [
            "RecordType",
            "Type",
            "Email",
            "Metadata",
            "Details",
            "event",
            "severity",
            "reason",
            "recipient",
            "email",
            "type",
            "status",
            "delivery-status",
            "user-variables",
            "message",
            "signature",
            "msys",
            "rcpt_meta",
            "bounce_class",
            "data",
            "payload",
            "notificationType",
            "eventType",
            "mail",
            "bounce",
            "complaint",
            "deliveryDelay",
            "subscription",
            "X-Mailin-custom",
            "error",
            "hard_bounce",
            "smtp_reply",
        ];
        for provider in Provider::ALL {
            for field in fields {
                for value in &values {
                    let event =
                        json!({ field: value, "event": "bounce", "type": "bounce", "notificationType": "Bounce" });
                    provider.read(&event);
                    provider.read(&json!({ field: value }));
                }
            }
            for value in &values {
                assert_eq!(provider.read(value).kind, Kind::Other, "{provider:?} {value}");
            }
        }
        assert!(read("smtp", b"{}").is_none());
        assert_eq!(read("postmark", b"no JSON").map(|mail| mail.kind), Some(Kind::Other));
    }
}
