//! Signs messages with DKIM (RFC 6376), RSA or Ed25519 (RFC 8301, RFC 8463).

use std::fmt;

use chrono::{DateTime, Utc};
use mail_auth::{
    common::{
        crypto::{Ed25519Key, RsaKey, Sha256, SigningKey},
        headers::{HeaderWriter, Writable, Writer},
    },
    dkim::{Canonicalization, Signature},
};

pub use super::dkim_key::{GeneratedKey, KeyKind, dns_record, generate};
use super::{
    dkim_key::{PrivateKey, parse},
    signable::Signable,
    template::Filled,
};

/// Room for a DKIM-Signature header.
const FIELD: usize = 1024;

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
    kind: KeyKind,
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
            kind,
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

    /// What kind of key it is.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The message with its DKIM-Signature in front. Signing twice, with two signers, gives both signatures.
    ///
    /// # Errors
    /// [`DkimError::Sign`] if the message has no From or the key fails.
    pub fn sign(&self, message: &[u8], now: DateTime<Utc>) -> Result<Vec<u8>, DkimError> {
        let mut out = Vec::with_capacity(message.len() + FIELD);
        self.write_field(&Signable::of(message)?, now, &mut out)?;
        out.extend_from_slice(message);
        Ok(out)
    }

    /// Writes the DKIM-Signature header. mail-auth's own `sign` takes the time from the wall clock; these are its steps
    /// with the time given.
    fn write_field(&self, signable: &Signable, now: DateTime<Utc>, out: &mut Vec<u8>) -> Result<(), DkimError> {
        let mut signature = Signature {
            v: 1,
            a: match &self.key {
                Key::Rsa(key) => key.algorithm(),
                Key::Ed25519(key) => key.algorithm(),
            },
            d: self.domain.clone(),
            s: self.selector.clone(),
            h: signable.names.clone(),
            bh: signable.body_hash.as_ref().to_vec(),
            t: u64::try_from(now.timestamp()).unwrap_or_default(),
            ch: Canonicalization::Relaxed,
            cb: Canonicalization::Relaxed,
            ..Signature::default()
        };
        let to_sign = ToSign {
            headers: &signable.headers,
            signature: &signature,
        };
        let signed = match &self.key {
            Key::Rsa(key) => key.sign(to_sign),
            Key::Ed25519(key) => key.sign(to_sign),
        };
        signature.b = signed.map_err(|error| DkimError::Sign(error.to_string()))?;
        signature.write_header(out);
        Ok(())
    }
}

/// All the signers of this program; none, and messages go unsigned.
#[derive(Debug, Default)]
pub struct Signers(Vec<Signer>);

impl Signers {
    /// Signs with each of them.
    #[must_use]
    pub const fn new(signers: Vec<Signer>) -> Self {
        Self(signers)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Signer> {
        self.0.iter()
    }

    /// Whether signing takes the better part of a millisecond, as RSA does, and not some 20 microseconds.
    #[must_use]
    pub fn are_slow(&self) -> bool {
        self.iter().any(|signer| matches!(signer.kind, KeyKind::Rsa(_)))
    }

    /// The message with the signature of each in front; itself, if there is none.
    ///
    /// # Errors
    /// [`DkimError::Sign`].
    pub fn sign(&self, message: Vec<u8>, now: DateTime<Utc>) -> Result<Vec<u8>, DkimError> {
        if self.0.is_empty() {
            return Ok(message);
        }
        let mut out = self.fields(&Signable::of(&message)?, now)?;
        out.extend_from_slice(&message);
        Ok(out)
    }

    /// The signature headers of a filled template, to be put in front of it; empty, if there is no signer.
    ///
    /// # Errors
    /// [`DkimError::Sign`].
    pub fn sign_filled(&self, filled: &Filled<'_>, now: DateTime<Utc>) -> Result<Vec<u8>, DkimError> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        self.fields(&filled.signable(), now)
    }

    /// As if each had signed what those before it had signed: none covers the signature of another, so one look at the
    /// message serves them all.
    fn fields(&self, signable: &Signable, now: DateTime<Utc>) -> Result<Vec<u8>, DkimError> {
        let mut out = Vec::with_capacity(self.0.len() * FIELD);
        for signer in self.0.iter().rev() {
            signer.write_field(signable, now, &mut out)?;
        }
        Ok(out)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Signer({}._domainkey.{}, {:?})",
            self.selector, self.domain, self.kind
        )
    }
}

/// What the key signs: the canonical headers, then the signature header itself without its value.
struct ToSign<'a> {
    headers: &'a [u8],
    signature: &'a Signature,
}

impl Writable for ToSign<'_> {
    fn write(self, writer: &mut impl Writer) {
        writer.write(self.headers);
        self.signature.write(writer, false);
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
