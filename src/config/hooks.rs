//! `[hooks]`: what proves that a webhook request comes from the mail provider. A provider without it has no webhook.

use std::path::PathBuf;
use std::{fmt, str};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use serde::Deserialize;
use url::Url;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::error::Problem;
use super::secrets::read_into;
use super::value::{Setting, list, optional};

/// The bytes of an uncompressed point of the curve P-256, which `04` begins
/// ([SEC 1 §2.3.3](https://www.secg.org/sec1-v2.pdf)).
const P256_POINT_BYTES: usize = 65;
/// The shortest RSA keys that are accepted. Postal makes keys of 1024 bits by default.
const MIN_RSA_BITS: usize = 1024;

/// The settings of the section `[hooks]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hooks {
    /// Amazon SES, through Amazon SNS.
    pub ses: SesHook,
    /// Postmark, with the password of the login in the webhook's address.
    pub postmark: Hook<SecretString>,
    /// SendGrid, with the public key of its signatures.
    pub sendgrid: Hook<EcdsaPublicKey>,
    /// Mailgun, with the key of its signatures.
    pub mailgun: Hook<SecretString>,
    /// Mailjet, with the password of the login in the webhook's address.
    pub mailjet: Hook<SecretString>,
    /// SparkPost, with the password of its basic authentication.
    pub sparkpost: Hook<SecretString>,
    /// Brevo, with its token, or the password of the login in the webhook's address.
    pub brevo: Hook<SecretString>,
    /// Resend, with the secret of its Svix signatures.
    pub resend: Hook<SvixSecret>,
    /// Postal, with the public key of its signatures.
    pub postal: Hook<RsaPublicKey>,
}

/// The settings of the section `[hooks.ses]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SesHook {
    /// The topics whose messages are accepted. Empty: there is no webhook.
    #[serde(deserialize_with = "list")]
    pub topics: Vec<TopicArn>,
    /// The origin from which certificates are fetched, and at which subscriptions are confirmed; `None`: Amazon's own for each region.
    #[serde(deserialize_with = "optional")]
    pub endpoint: Option<SnsEndpoint>,
}

/// The section of a provider that needs one secret or key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Setting"))]
pub struct Hook<T> {
    /// The secret, even if it is from `secret_file`. `None`: there is no webhook.
    #[serde(deserialize_with = "optional")]
    pub secret: Option<T>,
    #[serde(deserialize_with = "optional")]
    pub(crate) secret_file: Option<PathBuf>,
}

impl Hooks {
    /// Whether any provider has a webhook.
    pub(super) fn any_is_set(&self) -> bool {
        !self.ses.topics.is_empty()
            || self.postmark.secret.is_some()
            || self.sendgrid.secret.is_some()
            || self.mailgun.secret.is_some()
            || self.mailjet.secret.is_some()
            || self.sparkpost.secret.is_some()
            || self.brevo.secret.is_some()
            || self.resend.secret.is_some()
            || self.postal.secret.is_some()
    }

    /// Reads the secrets that are in files. The error contains the name of the provider.
    pub(super) fn finish(&mut self) -> Result<(), (&'static str, Problem)> {
        self.postmark.finish().map_err(|problem| ("postmark", problem))?;
        self.sendgrid.finish().map_err(|problem| ("sendgrid", problem))?;
        self.mailgun.finish().map_err(|problem| ("mailgun", problem))?;
        self.mailjet.finish().map_err(|problem| ("mailjet", problem))?;
        self.sparkpost.finish().map_err(|problem| ("sparkpost", problem))?;
        self.brevo.finish().map_err(|problem| ("brevo", problem))?;
        self.resend.finish().map_err(|problem| ("resend", problem))?;
        self.postal.finish().map_err(|problem| ("postal", problem))
    }
}

impl<T: Setting> Hook<T> {
    fn finish(&mut self) -> Result<(), Problem> {
        read_into(&mut self.secret, "secret", "secret_file", self.secret_file.as_deref())
    }
}

/// The name of an SNS topic, such as `arn:aws:sns:eu-west-1:123456789012:bounces`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicArn {
    text: String,
    region: String,
    is_in_china: bool,
}

impl TopicArn {
    /// The name as it is in the settings and in messages.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host of SNS in the topic's region.
    #[must_use]
    pub fn sns_host(&self) -> String {
        let suffix = if self.is_in_china { ".cn" } else { "" };
        format!("sns.{}.amazonaws.com{suffix}", self.region)
    }
}

impl Setting for TopicArn {
    const ALLOWED: &'static str = "the ARN of an SNS topic, such as \"arn:aws:sns:eu-west-1:123456789012:bounces\"";

    fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let [
            "arn",
            partition @ ("aws" | "aws-cn" | "aws-us-gov"),
            "sns",
            region,
            account,
            name,
        ] = parts.as_slice()
        else {
            return None;
        };
        let is_region = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let is_valid = !region.is_empty()
            && region.bytes().all(is_region)
            && account.len() == 12
            && account.bytes().all(|b| b.is_ascii_digit())
            && !name.is_empty()
            && name.bytes().all(is_name);
        is_valid.then(|| Self {
            text: text.to_owned(),
            region: (*region).to_owned(),
            is_in_china: *partition == "aws-cn",
        })
    }
}

/// The origin of a service that speaks as SNS does, such as LocalStack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnsEndpoint(Url);

impl SnsEndpoint {
    /// The address, with the path `/`.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }
}

impl Setting for SnsEndpoint {
    const ALLOWED: &'static str = "an http or https address without a path, such as \"http://127.0.0.1:4566\"";

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_origin = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        is_origin.then_some(Self(url))
    }
}

/// A public key of the curve P-256: the uncompressed point.
#[derive(Clone, PartialEq, Eq)]
pub struct EcdsaPublicKey(Vec<u8>);

impl EcdsaPublicKey {
    /// The key in the form that ring verifies with.
    #[must_use]
    pub fn point(&self) -> &[u8] {
        &self.0
    }
}

impl Setting for EcdsaPublicKey {
    const ALLOWED: &'static str = "the verification key as SendGrid shows it: base64 that begins with MFkw";

    fn read(text: &str) -> Option<Self> {
        let der = key_der(text)?;
        let key = public_key(&der)?;
        let PublicKey::EC(point) = key.parsed().ok()? else {
            return None;
        };
        let point = point.data();
        (point.len() == P256_POINT_BYTES && point[0] == 4).then(|| Self(point.to_vec()))
    }
}

/// An RSA public key: the `RSAPublicKey` of [RFC 8017 §A.1.1](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.1).
#[derive(Clone, PartialEq, Eq)]
pub struct RsaPublicKey(Vec<u8>);

impl RsaPublicKey {
    /// The key in the form that ring verifies with.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

impl Setting for RsaPublicKey {
    const ALLOWED: &'static str =
        "an RSA public key of at least 1024 bits: PEM, its base64 alone, or the DKIM record that holds it after p=";

    fn read(text: &str) -> Option<Self> {
        let der = key_der(text)?;
        let key = public_key(&der)?;
        match key.parsed().ok()? {
            PublicKey::RSA(rsa) if rsa.key_size() >= MIN_RSA_BITS => Some(Self(key.subject_public_key.data.to_vec())),
            _ => None,
        }
    }
}

/// The key of Svix signatures: the bytes behind `whsec_`.
pub struct SvixSecret(SecretBox<Vec<u8>>);

impl SvixSecret {
    /// The secret bytes, which must not be logged.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl Clone for SvixSecret {
    fn clone(&self) -> Self {
        Self(SecretBox::new(Box::new(self.expose().to_vec())))
    }
}

impl Setting for SvixSecret {
    const ALLOWED: &'static str = "the signing secret as Resend shows it: whsec_ and base64";

    fn read(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).ok()?;
        (!bytes.is_empty()).then(|| Self(SecretBox::new(Box::new(bytes))))
    }
}

impl fmt::Debug for EcdsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcdsaPublicKey(…)")
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPublicKey(…)")
    }
}

impl fmt::Debug for SvixSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SvixSecret(…)")
    }
}

/// The bytes of a key that is written as PEM, as base64, or in the field `p` of a DKIM record.
fn key_der(text: &str) -> Option<Vec<u8>> {
    let in_record = text.split(';').find_map(|field| field.trim().strip_prefix("p="));
    let lines = in_record.unwrap_or(text).lines();
    let base64: String = lines
        .filter(|line| !line.trim_start().starts_with("-----"))
        .flat_map(str::split_whitespace)
        .collect();
    STANDARD.decode(base64).ok()
}

fn public_key(der: &[u8]) -> Option<SubjectPublicKeyInfo<'_>> {
    let (rest, key) = SubjectPublicKeyInfo::from_der(der).ok()?;
    rest.is_empty().then_some(key)
}

#[cfg(test)]
mod tests {
    use rcgen::PublicKeyData as _;

    use super::*;

    fn p256_key() -> String {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("the key is made");
        STANDARD.encode(key.subject_public_key_info())
    }

    #[test]
    fn a_topic_names_the_host_of_its_region() {
        for (topic, host) in [
            (
                "arn:aws:sns:eu-west-1:123456789012:bounces",
                "sns.eu-west-1.amazonaws.com",
            ),
            (
                "arn:aws-cn:sns:cn-north-1:123456789012:b_1",
                "sns.cn-north-1.amazonaws.com.cn",
            ),
            (
                "arn:aws-us-gov:sns:us-gov-west-1:123456789012:b",
                "sns.us-gov-west-1.amazonaws.com",
            ),
        ] {
            let topic = TopicArn::read(topic).expect("the topic is valid");
            assert_eq!(topic.sns_host(), host);
        }
        for other in [
            "bounces",
            "arn:aws:sqs:eu-west-1:123456789012:bounces",
            "arn:aws:sns:evil.example/:123456789012:bounces",
            "arn:aws:sns:eu-west-1:12:bounces",
            "arn:aws:sns:eu-west-1:123456789012:bounces:subscription",
        ] {
            assert_eq!(TopicArn::read(other), None, "{other}");
        }
    }

    #[test]
    fn a_key_is_read_as_base64_or_pem() {
        let text = p256_key();
        let key = EcdsaPublicKey::read(&text).expect("the key is valid");
        assert_eq!(key.point().len(), P256_POINT_BYTES);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----");
        assert_eq!(EcdsaPublicKey::read(&pem), Some(key));
        for other in ["", "MFkw", "not base64", &text[4..]] {
            assert_eq!(EcdsaPublicKey::read(other), None, "{other}");
        }
        assert_eq!(RsaPublicKey::read(&text), None, "it is a key of another kind");
    }

    #[test]
    fn a_signing_secret_is_the_base64_behind_its_mark() {
        let secret = SvixSecret::read("whsec_c2VjcmV0").expect("the secret is valid");
        assert_eq!(secret.expose(), b"secret");
        assert!(SvixSecret::read("whsec_!").is_none() && SvixSecret::read("whsec_").is_none());
    }

    #[test]
    fn an_endpoint_is_an_origin() {
        assert!(SnsEndpoint::read("http://127.0.0.1:4566").is_some());
        for other in [
            "127.0.0.1",
            "ftp://a.example",
            "http://a.example/sns",
            "http://u:p@a.example",
        ] {
            assert_eq!(SnsEndpoint::read(other), None, "{other}");
        }
    }
}
