//! Mail providers that send webhooks: their keys, their signatures and their events.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use daywire::config::{Config, Setting};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::Sha256;

use super::feed_server::{FeedServer, path};
use super::signatures::keys;
use super::site::{Answer, Site};

pub const PROVIDERS: [&str; 9] = [
    "ses",
    "postmark",
    "sendgrid",
    "mailgun",
    "mailjet",
    "sparkpost",
    "brevo",
    "resend",
    "postal",
];
pub const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:bounces";

const PASSWORD: &str = "the password of the hook";
const MAILGUN_KEY: &str = "key-4f2a";
const CERTIFICATE_PATH: &str = "/SimpleNotificationService-0123456789abcdef.pem";
/// The beginnings of signed digests: `DigestInfo` of [RFC 8017 §9.2](https://www.rfc-editor.org/rfc/rfc8017#section-9.2).
const SHA1_PREFIX: &[u8] = &[
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];
const SHA256_PREFIX: &[u8] = &[
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];

/// A request that can be sent again as it is.
#[derive(Clone, Debug)]
pub struct Signed {
    pub provider: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Signed {
    pub async fn post(&self, site: &Site) -> Answer {
        let mut request = site.request(Method::POST, &format!("/hooks/{}", self.provider));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        site.send(request.body(self.body.clone())).await
    }
}

/// The providers, with a server that stands in for Amazon SNS.
pub struct Providers {
    pub sns: FeedServer,
    ecdsa: EcdsaKeyPair,
    messages: Arc<AtomicUsize>,
}

impl Providers {
    pub async fn start() -> Self {
        let sns = FeedServer::start(|headers, _| match path(headers) {
            CERTIFICATE_PATH => (200, Vec::new(), certificate().to_owned()),
            "/" => (200, Vec::new(), "<ConfirmSubscriptionResponse/>".to_owned()),
            _ => (404, Vec::new(), String::new()),
        });
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key is made");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref(), &random);
        Self {
            sns: sns.await,
            ecdsa: key.expect("the key is read"),
            messages: Arc::default(),
        }
    }

    /// Sets all webhooks.
    pub fn configure(&self, config: &mut Config) {
        let hooks = &mut config.hooks;
        let origin = self.sns.feed("");
        hooks.ses.topics = vec![Setting::read(TOPIC).expect("the topic is valid")];
        hooks.ses.endpoint = Setting::read(origin.trim_end_matches('/'));
        assert!(hooks.ses.endpoint.is_some(), "{origin} is an origin");
        for hook in [
            &mut hooks.postmark,
            &mut hooks.mailjet,
            &mut hooks.sparkpost,
            &mut hooks.brevo,
        ] {
            hook.secret = Some(PASSWORD.into());
        }
        hooks.mailgun.secret = Some(MAILGUN_KEY.into());
        hooks.resend.secret = Setting::read(&format!("whsec_{}", STANDARD.encode(PASSWORD)));
        let point = self.ecdsa.public_key().as_ref();
        // The header of a key of the curve P-256.
        let mut spki = vec![
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
            0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        spki.extend_from_slice(point);
        hooks.sendgrid.secret = Setting::read(&STANDARD.encode(spki));
        let rsa = rsa_key()
            .to_public_key()
            .to_public_key_der()
            .expect("the key is written");
        hooks.postal.secret = Setting::read(&format!(
            "v=DKIM1; t=s; h=sha256; p={};",
            STANDARD.encode(rsa.as_bytes())
        ));
        assert!(
            hooks.sendgrid.secret.is_some() && hooks.postal.secret.is_some() && hooks.resend.secret.is_some(),
            "the keys are read"
        );
    }

    /// A request with one event, signed at `at`.
    pub fn sign(&self, provider: &'static str, event: &Value, at: DateTime<Utc>) -> Signed {
        let body = match provider {
            "sparkpost" => json!([{ "msys": { "message_event": event } }]),
            "sendgrid" => json!([event]),
            "mailgun" => self.mailgun(event, at),
            "postal" => {
                let mut event = event.clone();
                let seconds: f64 = format!("{}.25", at.timestamp()).parse().expect("the value is a number");
                event["timestamp"] = json!(seconds);
                event
            }
            "ses" => return self.sns_message(&json!({ "Message": event.to_string(), "Type": "Notification" }), at),
            _ => event.clone(),
        };
        self.sign_body(provider, body.to_string().into_bytes(), at)
    }

    /// A request with any body. It must already have the signatures that stand inside the body.
    pub fn sign_body(&self, provider: &'static str, body: Vec<u8>, at: DateTime<Utc>) -> Signed {
        let seconds = at.timestamp().to_string();
        let headers = match provider {
            "postmark" | "mailjet" | "sparkpost" => {
                let login = STANDARD.encode(format!("daywire:{PASSWORD}"));
                vec![("authorization", format!("Basic {login}"))]
            }
            "brevo" => vec![("authorization", format!("Bearer {PASSWORD}"))],
            "sendgrid" => {
                let signed = [seconds.as_bytes(), &body].concat();
                let signature = self.ecdsa.sign(&SystemRandom::new(), &signed).expect("the key signs");
                vec![
                    (
                        "x-twilio-email-event-webhook-signature",
                        STANDARD.encode(signature.as_ref()),
                    ),
                    ("x-twilio-email-event-webhook-timestamp", seconds),
                ]
            }
            "resend" => {
                let id = format!("msg_{}", self.next());
                let signed = [id.as_bytes(), b".", seconds.as_bytes(), b".", &body].concat();
                let code = STANDARD.encode(hmac(PASSWORD, &signed));
                vec![
                    ("svix-id", id),
                    ("svix-timestamp", seconds),
                    ("svix-signature", format!("v1,b2xk v1,{code}")),
                ]
            }
            "postal" => vec![("x-postal-signature", rsa_signature("1", &body))],
            _ => Vec::new(),
        };
        Signed {
            provider,
            headers,
            body,
        }
    }

    fn mailgun(&self, event: &Value, at: DateTime<Utc>) -> Value {
        let token = format!("token{}", self.next());
        json!({ "signature": mailgun_signature(&token, at), "event-data": event })
    }

    /// An SNS message with these fields; the others, and the signature of version 1, are added.
    pub fn sns_message(&self, fields: &Value, at: DateTime<Utc>) -> Signed {
        self.sns_message_of_version("1", fields, at)
    }

    pub fn sns_message_of_version(&self, version: &str, fields: &Value, at: DateTime<Utc>) -> Signed {
        let mut message = json!({
            "Type": "Notification",
            "MessageId": format!("sns-{}", self.next()),
            "TopicArn": TOPIC,
            "Timestamp": at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            "SignatureVersion": version,
            "SigningCertURL": self.sns.feed(CERTIFICATE_PATH.trim_start_matches('/')),
        });
        for (name, value) in fields.as_object().expect("fields are an object") {
            message[name] = value.clone();
        }
        let names: &[&str] = if message["Type"] == "Notification" {
            &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
        } else {
            &[
                "Message",
                "MessageId",
                "SubscribeURL",
                "Timestamp",
                "Token",
                "TopicArn",
                "Type",
            ]
        };
        let signed: String = names
            .iter()
            .filter_map(|name| Some(format!("{name}\n{}\n", message.get(name)?.as_str()?)))
            .collect();
        message["Signature"] = rsa_signature(version, signed.as_bytes()).into();
        Signed {
            provider: "ses",
            headers: vec![("content-type", "text/plain; charset=UTF-8".to_owned())],
            body: message.to_string().into_bytes(),
        }
    }

    /// The same request, as somebody without the secret would make it.
    pub fn forge(signed: &Signed) -> Signed {
        let mut forged = signed.clone();
        for (name, value) in &mut forged.headers {
            match *name {
                "authorization" => *value = format!("Basic {}", STANDARD.encode("daywire:guess")),
                "x-twilio-email-event-webhook-signature" | "x-postal-signature" => {
                    *value = STANDARD.encode([7; 256]);
                }
                "svix-signature" => *value = format!("v1,{}", STANDARD.encode(hmac("guess", b"x"))),
                _ => {}
            }
        }
        if matches!(signed.provider, "mailgun" | "ses") {
            let mut body: Value = serde_json::from_slice(&signed.body).expect("the body is JSON");
            match signed.provider {
                "mailgun" => body["signature"]["signature"] = "00".repeat(32).into(),
                _ => body["Signature"] = STANDARD.encode([7; 256]).into(),
            }
            forged.body = body.to_string().into_bytes();
        }
        forged
    }

    fn next(&self) -> usize {
        self.messages.fetch_add(1, Ordering::Relaxed)
    }
}

pub fn mailgun_signature(token: &str, at: DateTime<Utc>) -> Value {
    let time = at.timestamp().to_string();
    let code = hmac(MAILGUN_KEY, format!("{time}{token}").as_bytes());
    let code = HEXLOWER.encode(&code);
    json!({ "timestamp": time, "token": token, "signature": code })
}

fn hmac(key: &str, signed: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.chain_update(signed).finalize().into_bytes().to_vec()
}

/// The key of SNS and of Postal.
fn rsa_key() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| RsaPrivateKey::from_pkcs8_pem(&keys()[0].private_pem).expect("the key is read"))
}

/// A signature with SHA-1 for version 1, with SHA-256 for version 2.
fn rsa_signature(version: &str, signed: &[u8]) -> String {
    let (algorithm, prefix) = match version {
        "1" => (&SHA1_FOR_LEGACY_USE_ONLY, SHA1_PREFIX),
        _ => (&SHA256, SHA256_PREFIX),
    };
    let hash = digest(algorithm, signed);
    let scheme = Pkcs1v15Sign {
        hash_len: Some(hash.as_ref().len()),
        prefix: prefix.into(),
    };
    STANDARD.encode(rsa_key().sign(scheme, hash.as_ref()).expect("the key signs"))
}

/// The certificate of SNS, as PEM.
fn certificate() -> &'static str {
    static PEM: OnceLock<String> = OnceLock::new();
    PEM.get_or_init(|| {
        let key = rcgen::KeyPair::from_pkcs8_pem_and_sign_algo(&keys()[0].private_pem, &rcgen::PKCS_RSA_SHA256);
        let params = rcgen::CertificateParams::new(vec!["sns.amazonaws.com".to_owned()]).expect("the name is valid");
        let made = params.self_signed(&key.expect("the key is read"));
        made.expect("the certificate is made").pem()
    })
}

/// What a provider reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// A permanent failure: 5.1.1.
    Hard,
    /// A full mailbox.
    Full,
    /// A refusal by policy.
    Policy,
    Delayed,
    Complaint,
    Unsubscribe,
    /// The provider delivered the message.
    Delivered,
}

/// The event of a provider about the recipient of the message with this tag. `None` if the provider reports no such thing. Without a tag,
/// only the address names the message.
#[expect(clippy::too_many_lines, reason = "the events of nine providers")]
pub fn event(provider: &str, report: Report, address: &str, tag: Option<&str>) -> Option<Value> {
    use Report::{Complaint, Delayed, Delivered, Full, Hard, Policy, Unsubscribe};
    let (status, reply) = match report {
        Full => ("5.2.2", "552 5.2.2 mailbox full"),
        Policy => ("5.7.1", "550 5.7.1 message rejected by local policy"),
        Delayed => ("4.4.1", "451 4.4.1 connection timed out"),
        _ => ("5.1.1", "550 5.1.1 User unknown"),
    };
    let is_failure = matches!(report, Hard | Full | Policy);
    let tag = tag.unwrap_or("none");
    let id = format!("{provider}-{address}-{report:?}");
    Some(match provider {
        "ses" => {
            let mail = json!({
                "messageId": "0102",
                "destination": [address],
                "headers": [{"name": "To", "value": address}, {"name": "Message-ID", "value": format!("<{tag}@news.example>")}],
            });
            let recipient =
                json!([{ "emailAddress": address, "status": status, "diagnosticCode": format!("smtp; {reply}") }]);
            match report {
                Hard | Policy => json!({"notificationType": "Bounce", "mail": mail,
                    "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": recipient, "feedbackId": id}}),
                Full => json!({"eventType": "Bounce", "mail": mail,
                    "bounce": {"bounceType": "Transient", "bounceSubType": "MailboxFull", "bouncedRecipients": recipient}}),
                Delayed => {
                    json!({"eventType": "DeliveryDelay", "mail": mail, "deliveryDelay": {"delayedRecipients": recipient}})
                }
                Complaint => json!({"notificationType": "Complaint", "mail": mail,
                    "complaint": {"complainedRecipients": recipient, "complaintFeedbackType": "abuse", "feedbackId": id}}),
                Unsubscribe => json!({"eventType": "Subscription", "mail": mail,
                    "subscription": {"newTopicPreferences": {"unsubscribeAll": true}}}),
                Delivered => json!({"eventType": "Delivery", "mail": mail, "delivery": {}}),
            }
        }
        "postmark" => {
            let metadata = json!({ "daywire": tag });
            match report {
                Complaint => {
                    json!({"RecordType": "SpamComplaint", "ID": 2, "Type": "SpamComplaint", "Email": address, "Metadata": metadata})
                }
                Unsubscribe => {
                    json!({"RecordType": "SubscriptionChange", "Recipient": address, "SuppressSending": true,
                    "SuppressionReason": "ManualSuppression", "Origin": "Recipient", "Metadata": metadata})
                }
                Delivered => json!({"RecordType": "Delivery", "Recipient": address, "Metadata": metadata}),
                _ => {
                    let kind = match report {
                        Hard => "HardBounce",
                        Full => "SoftBounce",
                        Policy => "Blocked",
                        _ => "Transient",
                    };
                    json!({"RecordType": "Bounce", "ID": id.len(), "Type": kind, "Email": address, "Metadata": metadata,
                        "Details": format!("smtp;{reply}"), "Content": "Return-Path: <>"})
                }
            }
        }
        "sendgrid" => {
            let kind = match report {
                Complaint => "spamreport",
                Unsubscribe => "unsubscribe",
                Delayed => "deferred",
                Delivered => "delivered",
                _ => "bounce",
            };
            json!({"event": kind, "email": address, "sg_event_id": id, "daywire": tag, "status": status, "reason": reply,
                "type": if report == Policy { "blocked" } else { "bounce" }})
        }
        "mailgun" => {
            let kind = match report {
                Complaint => "complained",
                Unsubscribe => "unsubscribed",
                Delivered => "delivered",
                _ => "failed",
            };
            json!({"event": kind, "id": id, "timestamp": 1_790_000_000.5, "recipient": address,
                "severity": if is_failure { "permanent" } else { "temporary" }, "reason": "bounce",
                "message": {"headers": {"message-id": format!("{tag}@news.example")}}, "user-variables": {},
                "delivery-status": {"code": if report == Full { 552 } else { 550 }, "message": &reply[4..]}})
        }
        "mailjet" => {
            let kind = match report {
                Complaint => "spam",
                Unsubscribe => "unsub",
                Delivered => "sent",
                _ => "bounce",
            };
            json!({"event": kind, "time": 1_790_000_000, "email": address, "MessageID": 19_421_777_835_146_490_u64, "CustomID": tag,
                "hard_bounce": report == Hard, "error": if report == Delayed { "greylisted" } else { "user unknown" },
                "smtp_reply": if is_failure { reply } else { "" }, "source": "JMRPP"})
        }
        "sparkpost" => {
            let (kind, class) = match report {
                Complaint => ("spam_complaint", "1"),
                Unsubscribe => ("list_unsubscribe", "1"),
                Delivered => ("delivery", "1"),
                Delayed => ("delay", "21"),
                Hard => ("bounce", "10"),
                Full => ("out_of_band", "22"),
                Policy => ("bounce", "50"),
            };
            json!({"type": kind, "event_id": id, "raw_rcpt_to": address, "rcpt_meta": {"daywire": tag}, "bounce_class": class,
                "raw_reason": reply, "error_code": &reply[..3]})
        }
        "brevo" => {
            let kind = match report {
                Complaint => "spam",
                Unsubscribe => "unsubscribed",
                Delivered => "delivered",
                Delayed => "deferred",
                Hard => "hard_bounce",
                Full | Policy => "soft_bounce",
            };
            json!({"event": kind, "email": address, "id": 7, "ts_epoch": 1_790_000_000_000_u64, "reason": reply,
                "message-id": "<201798300811.5787683@relay.example>", "X-Mailin-custom": tag})
        }
        "resend" => {
            let bounce = |kind: &str| json!({"type": kind, "subType": "General", "message": "bounced", "diagnosticCode": [reply]});
            let data = json!({"email_id": "1", "to": [address], "headers": [{"name": "X-Daywire-Tag", "value": tag}]});
            let (kind, bounce) = match report {
                Complaint => ("email.complained", json!(null)),
                Delivered => ("email.delivered", json!(null)),
                Delayed => ("email.delivery_delayed", json!(null)),
                Hard | Policy => ("email.bounced", bounce("Permanent")),
                Full => ("email.bounced", bounce("Transient")),
                Unsubscribe => return None,
            };
            let mut event = json!({"type": kind, "created_at": "2026-11-23T06:00:00Z", "data": data});
            event["data"]["bounce"] = bounce;
            event
        }
        "postal" => {
            let (kind, status) = match report {
                Hard | Full | Policy => ("MessageDeliveryFailed", "HardFail"),
                Delayed => ("MessageDelayed", "SoftFail"),
                Delivered => ("MessageSent", "Sent"),
                Complaint | Unsubscribe => return None,
            };
            json!({"event": kind, "uuid": id, "payload": {"status": status, "details": "Permanent SMTP delivery error", "output": reply,
                "message": {"direction": "outgoing", "message_id": format!("{tag}@news.example"), "to": address}}})
        }
        other => panic!("no such provider: {other}"),
    })
}
