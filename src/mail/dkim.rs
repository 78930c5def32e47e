//! Signs messages with DKIM (RFC 6376), RSA or Ed25519 (RFC 8301, RFC 8463).

use std::fmt;

use chrono::{DateTime, Utc};
use mail_auth::{
    common::{
        crypto::{Algorithm, Ed25519Key, RsaKey, Sha256, SigningKey},
        headers::{HeaderStream, HeaderWriter, Writable, Writer},
    },
    dkim::{Canonicalization, Signature, canonicalize::CanonicalHeaders},
};

pub use super::dkim_key::{GeneratedKey, KeyKind, dns_record, generate};
use super::dkim_key::{PrivateKey, parse};

/// The headers that are signed where a message has them; From is signed once more than it occurs, so that none can be
/// added (RFC 6376 section 8.15).
const SIGNED: [&str; 15] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Reply-To",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Archive",
    "Feedback-ID",
    "Auto-Submitted",
    "Content-Transfer-Encoding",
];

/// Why a key cannot be used or a message not be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DkimError {
    /// The domain or the selector cannot stand in the DNS.
    #[error("dkim.{0} must be a host name in ASCII, such as {1}")]
    Name(&'static str, &'static str),
    /// The PEM text holds no private key that we know.
    #[error(
        "the DKIM key file must hold one private key in PEM, RSA (PKCS#1 or PKCS#8) or Ed25519 (PKCS#8), unencrypted"
    )]
    Key,
    /// The RSA key is too short for today's receivers.
    #[error("the DKIM key has {0} bits; make one of 2048 with daywire dkim generate")]
    Weak(usize),
    /// No key could be made.
    #[error("no DKIM key could be made: {0}")]
    Generate(String),
    /// The signature could not be made.
    #[error("the message could not be signed: {0}")]
    Sign(String),
}

/// Signs for one domain with one key, parsed once.
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
    record: String,
}

enum Key {
    Rsa(RsaKey<Sha256>),
    Ed25519(Ed25519Key),
}

impl Signer {
    /// A signer from its private key in PEM: RSA of at least 2048 bits (PKCS#1 or PKCS#8), or Ed25519 (PKCS#8).
    ///
    /// # Errors
    /// [`DkimError`] says what is wrong with the names or the key.
    pub fn new(domain: &str, selector: &str, pem: &str) -> Result<Self, DkimError> {
        if !is_dns_name(domain) {
            return Err(DkimError::Name("domain", "example.org"));
        }
        if !is_dns_name(selector) {
            return Err(DkimError::Name("selector", "news2026"));
        }
        let PrivateKey { der, record, kind } = parse(pem)?;
        let key = match kind {
            KeyKind::Rsa(_) => Key::Rsa(RsaKey::from_key_der(der).map_err(|_| DkimError::Key)?),
            KeyKind::Ed25519 => {
                Key::Ed25519(Ed25519Key::from_pkcs8_maybe_unchecked_der(der.secret_der()).map_err(|_| DkimError::Key)?)
            }
        };
        Ok(Self {
            domain: domain.to_owned(),
            selector: selector.to_owned(),
            key,
            record,
        })
    }

    /// The domain that is signed for.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The selector the public key is published under.
    #[must_use]
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// What the TXT record at `selector._domainkey.domain` has to say.
    #[must_use]
    pub fn public_record_value(&self) -> &str {
        &self.record
    }

    /// The message with its DKIM-Signature in front. Signing twice, with two signers, gives both signatures.
    ///
    /// # Errors
    /// [`DkimError::Sign`] if the message has no From or the key fails.
    pub fn sign(&self, message: &[u8], now: DateTime<Utc>) -> Result<Vec<u8>, DkimError> {
        match &self.key {
            Key::Rsa(key) => self.sign_with(key, message, now),
            Key::Ed25519(key) => self.sign_with(key, message, now),
        }
    }

    /// mail-auth's own `sign` takes the time from the wall clock; these are its steps with the time given.
    fn sign_with(&self, key: &impl SigningKey, message: &[u8], now: DateTime<Utc>) -> Result<Vec<u8>, DkimError> {
        let mut signature = Signature {
            v: 1,
            a: key.algorithm(),
            d: self.domain.clone(),
            s: self.selector.clone(),
            h: headers_to_sign(message)?,
            t: u64::try_from(now.timestamp()).unwrap_or_default(),
            ch: Canonicalization::Relaxed,
            cb: Canonicalization::Relaxed,
            ..Signature::default()
        };
        let (_, headers, signed, body) = signature.canonicalize(Fields::new(message));
        signature.h = signed;
        signature.bh = key.hash(body).as_ref().to_vec();
        signature.b = key
            .sign(ToSign {
                headers,
                signature: &signature,
            })
            .map_err(|error| DkimError::Sign(error.to_string()))?;
        let mut out = Vec::with_capacity(message.len() + 1024);
        signature.write_header(&mut out);
        out.extend_from_slice(message);
        Ok(out)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithm = match &self.key {
            Key::Rsa(_) => Algorithm::RsaSha256,
            Key::Ed25519(_) => Algorithm::Ed25519Sha256,
        };
        write!(f, "Signer({}._domainkey.{}, {algorithm:?})", self.selector, self.domain)
    }
}

/// What the key signs: the canonical headers, then the signature header itself without its value.
struct ToSign<'a> {
    headers: CanonicalHeaders<'a>,
    signature: &'a Signature,
}

impl Writable for ToSign<'_> {
    fn write(self, writer: &mut impl Writer) {
        self.headers.write(writer);
        self.signature.write(writer, false);
    }
}

/// A message's header fields, one after the other, and its body.
struct Fields<'a> {
    head: &'a [u8],
    body: &'a [u8],
}

impl<'a> Fields<'a> {
    fn new(message: &'a [u8]) -> Self {
        let end = message.windows(4).position(|window| window == b"\r\n\r\n");
        let (head, body) = message.split_at(end.map_or(message.len(), |at| at + 2));
        Self {
            head,
            body: body.strip_prefix(b"\r\n").unwrap_or(body),
        }
    }
}

impl<'a> HeaderStream<'a> for Fields<'a> {
    fn next_header(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        // A line that begins with a space or tab continues the one before (RFC 5322 section 2.2.3).
        let ends = |window: &[u8]| window[0] == b'\n' && !matches!(window[1], b' ' | b'\t');
        let end = self.head.windows(2).position(ends).map_or(self.head.len(), |at| at + 1);
        let (field, rest) = self.head.split_at(end);
        let colon = field.iter().position(|b| *b == b':')?;
        self.head = rest;
        Some((&field[..colon], &field[colon + 1..]))
    }

    fn body(&mut self) -> &'a [u8] {
        self.body
    }
}

/// Those of [`SIGNED`] that are there, and From once more.
fn headers_to_sign(message: &[u8]) -> Result<Vec<String>, DkimError> {
    let mut headers = Fields::new(message);
    let mut present = Vec::new();
    while let Some((name, _)) = headers.next_header() {
        present.push(name);
    }
    let is_present = |wanted: &&str| present.iter().any(|name| name.eq_ignore_ascii_case(wanted.as_bytes()));
    let signed = SIGNED.iter().filter(|name| is_present(name)).chain(["From"].iter());
    if is_present(&"From") {
        Ok(signed.map(|name| (*name).to_owned()).collect())
    } else {
        Err(DkimError::Sign("it has no From header".to_owned()))
    }
}

fn is_dns_name(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        })
}
