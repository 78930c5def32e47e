//! Amazon SNS, through which SES reports: checks that a message is of our topic and is signed, and confirms the subscription of our topic.
//!
//! SNS repeats a message for at most one hour, with its first signature. Its certificate is fetched over HTTPS from the host of the topic's
//! region only. That connection proves that it is Amazon's.
//! [Signature](https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html), [retries](https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html).

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;
use x509_parser::pem::parse_x509_pem;

use super::event::text;
use super::refusal::Refusal;
use super::request::{HookRequest, check_time};
use super::ses;
use crate::app::App;
use crate::bounce::receive::{self, ReceivedEvent};
use crate::config::{Config, SesHook, SnsEndpoint, TopicArn};
use crate::feeds::fetch::{Fetched, Fetcher};
use crate::feeds::guard::Allowed;

const MAX_AGE: TimeDelta = TimeDelta::hours(2);
/// For one request to SNS. SNS itself waits 15 seconds for our answer.
const FETCH_TIMEOUT: Duration = Duration::from_secs(8);
const MAX_FETCHED_BYTES: usize = 64 * 1024;
/// SNS uses one certificate in a region, and replaces it once a year.
const MAX_CERTIFICATES: usize = 16;
const WRONG_SIGNATURE: Refusal = Refusal::WrongSignature("the certificate of Amazon SNS");

/// The client of SNS, and the certificates that it fetched.
#[derive(Debug)]
pub(super) struct Sns {
    fetcher: OnceLock<Fetcher>,
    certificates: Mutex<HashMap<Url, Certificate>>,
    /// One at a time: an address in a forged message must not lead to many requests.
    fetching: tokio::sync::Mutex<()>,
    hook: SesHook,
}

/// The key of a certificate, and when it is valid.
#[derive(Clone, Debug)]
struct Certificate {
    key: Vec<u8>,
    not_before: i64,
    not_after: i64,
}

impl Sns {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            fetcher: OnceLock::new(),
            certificates: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
            hook: config.hooks.ses.clone(),
        }
    }

    /// The events of an SNS message.
    pub(super) async fn check(&self, app: &App, request: &HookRequest) -> Result<Vec<ReceivedEvent>, Refusal> {
        let message = request.json_of_unknown()?;
        let is_raw = request.header("x-amz-sns-rawdelivery") == Some("true");
        let kind = text(&message, "/Type");
        if is_raw || (kind.is_empty() && (message.get("notificationType").or(message.get("eventType")).is_some())) {
            return Err(Refusal::RawDelivery);
        }
        let topic = text(&message, "/TopicArn");
        let topic = self.hook.topics.iter().find(|known| known.as_str() == topic);
        // This comes first: without our topic, a forged message does not make us ask SNS for a certificate.
        let topic = topic.ok_or(Refusal::ForeignTopic)?;
        let now = app.clock.now();
        let time = text(&message, "/Timestamp")
            .parse()
            .map_err(|_| Refusal::OldTimestamp)?;
        check_time(now, time, MAX_AGE)?;
        self.check_signature(app, topic, &message, now).await?;
        match kind {
            "Notification" => Ok(notification(&message)),
            "SubscriptionConfirmation" => self.confirm(app, topic, &message).await,
            "UnsubscribeConfirmation" => {
                tracing::warn!(sns.topic = topic.as_str(), "SNS subscription ended");
                Ok(Vec::new())
            }
            _ => Err(Refusal::Malformed(
                "the value of the field `Type` is unknown".to_owned(),
            )),
        }
    }

    async fn check_signature(
        &self,
        app: &App,
        topic: &TopicArn,
        message: &Value,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let algorithm = match text(message, "/SignatureVersion") {
            "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(WRONG_SIGNATURE),
        };
        let signature = STANDARD
            .decode(text(message, "/Signature"))
            .map_err(|_| WRONG_SIGNATURE)?;
        let signed = signed_text(message).ok_or(WRONG_SIGNATURE)?;
        let address = self
            .address_of_sns(topic, text(message, "/SigningCertURL"))
            .filter(is_certificate_path)
            .ok_or(WRONG_SIGNATURE)?;
        let certificate = self.certificate(app, &address).await?;
        let is_valid = (certificate.not_before..=certificate.not_after).contains(&now.timestamp());
        let key = UnparsedPublicKey::new(algorithm, &certificate.key);
        if is_valid && key.verify(signed.as_bytes(), &signature).is_ok() {
            Ok(())
        } else {
            Err(WRONG_SIGNATURE)
        }
    }

    /// The address, if it is one of SNS in the topic's region.
    fn address_of_sns(&self, topic: &TopicArn, address: &str) -> Option<Url> {
        let address = Url::parse(address).ok()?;
        let is_sns = match &self.hook.endpoint {
            Some(endpoint) => address.origin() == endpoint.url().origin(),
            None => {
                address.scheme() == "https" && address.host_str() == Some(&topic.sns_host()) && address.port().is_none()
            }
        };
        let has_login = !address.username().is_empty() || address.password().is_some();
        (is_sns && !has_login).then_some(address)
    }

    async fn certificate(&self, app: &App, address: &Url) -> Result<Certificate, Refusal> {
        if let Some(known) = self.known_certificate(address) {
            return Ok(known);
        }
        let busy = |_| Refusal::Unavailable("other certificates of SNS are being fetched".to_owned());
        let _turn = timeout(FETCH_TIMEOUT, self.fetching.lock()).await.map_err(busy)?;
        if let Some(known) = self.known_certificate(address) {
            return Ok(known);
        }
        let bytes = self.fetch(app, address).await?;
        let certificate = read_certificate(&bytes, self.hook.endpoint.is_none()).ok_or(WRONG_SIGNATURE)?;
        let mut certificates = self.certificates.lock().unwrap_or_else(PoisonError::into_inner);
        if certificates.len() >= MAX_CERTIFICATES {
            certificates.clear();
        }
        certificates.insert(address.clone(), certificate.clone());
        Ok(certificate)
    }

    fn known_certificate(&self, address: &Url) -> Option<Certificate> {
        let certificates = self.certificates.lock().unwrap_or_else(PoisonError::into_inner);
        certificates.get(address).cloned()
    }

    /// Asks SNS, without following redirects.
    async fn fetch(&self, app: &App, address: &Url) -> Result<Vec<u8>, Refusal> {
        let fetcher = self.fetcher.get_or_init(|| self.new_fetcher(app));
        match fetcher.get(address, None, None).await {
            Ok(Fetched::Document(download)) if download.incomplete.is_none() => Ok(download.bytes),
            Ok(_) => Err(Refusal::Unavailable("the answer of SNS is not complete".to_owned())),
            Err(error) => Err(Refusal::Unavailable(format!("SNS cannot be reached: {error}"))),
        }
    }

    fn new_fetcher(&self, app: &App) -> Fetcher {
        let mut settings = app.config.feeds.fetch_settings();
        settings.timeout = FETCH_TIMEOUT;
        settings.connect_timeout = FETCH_TIMEOUT;
        settings.max_body_bytes = MAX_FETCHED_BYTES;
        settings.max_redirects = 0;
        // It is for feeds only.
        settings.proxy = None;
        let endpoint = self.hook.endpoint.as_ref().map(SnsEndpoint::url);
        let allowed = endpoint.and_then(|url| {
            let port = url.port_or_known_default().unwrap_or_default();
            Allowed::parse(&format!("{}:{port}", url.host_str()?))
        });
        settings.allow.extend(allowed);
        Fetcher::new(settings)
    }

    /// Confirms the subscription of our topic. A message that was accepted before confirms nothing again: the operator may have ended the
    /// subscription since.
    async fn confirm(&self, app: &App, topic: &TopicArn, message: &Value) -> Result<Vec<ReceivedEvent>, Refusal> {
        let address = self
            .address_of_sns(topic, text(message, "/SubscribeURL"))
            .ok_or_else(|| Refusal::Malformed("the field `SubscribeURL` is not an address of Amazon SNS".to_owned()))?;
        let received = received(message, text(message, "/MessageId"), message.to_string());
        if !receive::is_stored(app, ses::SOURCE, &received).await? {
            self.fetch(app, &address).await?;
            tracing::info!(sns.topic = topic.as_str(), "SNS subscription confirmed");
        }
        Ok(vec![received])
    }
}

/// The event in a message. SNS and SES also send sentences, such as that the topic was validated, which need nothing.
fn notification(message: &Value) -> Vec<ReceivedEvent> {
    let Ok(event) = serde_json::from_str::<Value>(text(message, "/Message")) else {
        return Vec::new();
    };
    if !event.is_object() || ses::is_ignored(&event) {
        return Vec::new();
    }
    let id = match ses::id(&event) {
        "" => text(message, "/MessageId"),
        id => id,
    };
    vec![received(message, id, event.to_string())]
}

fn received(message: &Value, id: &str, content: String) -> ReceivedEvent {
    ReceivedEvent {
        id: (!id.is_empty()).then(|| id.to_owned()),
        nonce: Some(text(message, "/MessageId").to_owned()),
        content: content.into_bytes(),
    }
}

/// The text that SNS signs: names and values on lines of their own. `None` if a field is missing.
fn signed_text(message: &Value) -> Option<String> {
    let fields: &[&str] = match text(message, "/Type") {
        "Notification" => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
        "SubscriptionConfirmation" | "UnsubscribeConfirmation" => &[
            "Message",
            "MessageId",
            "SubscribeURL",
            "Timestamp",
            "Token",
            "TopicArn",
            "Type",
        ],
        _ => return None,
    };
    let mut signed = String::new();
    for name in fields {
        match message.get(name) {
            Some(Value::String(value)) => {
                signed.push_str(name);
                signed.push('\n');
                signed.push_str(value);
                signed.push('\n');
            }
            None | Some(Value::Null) if *name == "Subject" => {}
            _ => return None,
        }
    }
    Some(signed)
}

/// Whether the address is that of a certificate, such as `/SimpleNotificationService-0123abcd.pem`.
fn is_certificate_path(address: &Url) -> bool {
    let name = address.path().rsplit('/').next().unwrap_or_default();
    let id = name
        .strip_prefix("SimpleNotificationService-")
        .and_then(|rest| rest.strip_suffix(".pem"));
    id.is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_hexdigit())) && address.query().is_none()
}

/// Reads a certificate as PEM. SNS sends it without the certificates above it, so only its own fields can be checked: with
/// `must_be_amazons`, its name.
fn read_certificate(pem: &[u8], must_be_amazons: bool) -> Option<Certificate> {
    let (_, pem) = parse_x509_pem(pem).ok()?;
    let certificate = pem.parse_x509().ok()?;
    let is_amazons = |name: &str| {
        (name.starts_with("sns.") || name.starts_with("sns-signing."))
            && (name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn"))
    };
    let mut names = certificate
        .subject()
        .iter_common_name()
        .filter_map(|name| name.as_str().ok());
    if must_be_amazons && !names.any(is_amazons) {
        return None;
    }
    Some(Certificate {
        key: certificate.public_key().subject_public_key.data.to_vec(),
        not_before: certificate.validity().not_before.timestamp(),
        not_after: certificate.validity().not_after.timestamp(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Setting as _;

    #[test]
    fn a_certificate_comes_only_from_the_host_of_the_topics_region() {
        let topic = TopicArn::read("arn:aws:sns:eu-west-1:123456789012:bounces").expect("the topic is valid");
        let sns = Sns::new(&Config::default());
        let accepts = |address: &str| {
            sns.address_of_sns(&topic, address)
                .is_some_and(|address| is_certificate_path(&address))
        };
        let path = "/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem";
        assert!(accepts(&format!("https://sns.eu-west-1.amazonaws.com{path}")));
        for other in [
            format!("http://sns.eu-west-1.amazonaws.com{path}"),
            format!("https://sns.us-east-1.amazonaws.com{path}"),
            format!("https://sns.eu-west-1.amazonaws.com.evil.example{path}"),
            format!("https://sns.eu-west-1.amazonaws.com:8443{path}"),
            format!("https://sns.eu-west-1.amazonaws.com@evil.example{path}"),
            format!("https://user@sns.eu-west-1.amazonaws.com{path}"),
            format!("https://bucket.s3.eu-west-1.amazonaws.com{path}"),
            format!("https://sns.eu-west-1.amazonaws.com/?x={path}"),
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-.pem".to_owned(),
            "no address".to_owned(),
        ] {
            assert!(!accepts(&other), "{other}");
        }
    }

    #[test]
    fn the_signed_text_has_the_subject_only_if_there_is_one() {
        let mut message =
            json!({"Type": "Notification", "Message": "m", "MessageId": "1", "Timestamp": "t", "TopicArn": "a"});
        let without = "Message\nm\nMessageId\n1\nTimestamp\nt\nTopicArn\na\nType\nNotification\n";
        assert_eq!(signed_text(&message).as_deref(), Some(without));
        message["Subject"] = "s".into();
        let with = without.replace("Timestamp\n", "Subject\ns\nTimestamp\n");
        assert_eq!(signed_text(&message), Some(with));
        message["Message"] = 1.into();
        assert_eq!(signed_text(&message), None);
    }
}
