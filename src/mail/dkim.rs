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

pub use super::dkim_key::{DkimError, GeneratedKey, KeyKind, dns_record, generate};
use super::{
    dkim_input::DkimInput,
    dkim_key::{PrivateKey, parse},
    template::FilledTemplate,
};

/// The bytes to reserve for a DKIM-Signature header.
const FIELD_CAPACITY: usize = 1024;

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
    /// Parses a private key in PEM: RSA of at least 2048 bits (PKCS#1 or PKCS#8), or Ed25519 (PKCS#8).
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

    /// The domain for which this signs: `d=`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The selector under which the public key is published: `s=`.
    #[must_use]
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// The required value of the TXT record at `selector._domainkey.domain`.
    #[must_use]
    pub fn public_record_value(&self) -> &str {
        &self.record
    }

    /// The kind and size of the key.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Puts a DKIM-Signature before the message. A second signer adds a second signature.
    ///
    /// # Errors
    /// [`DkimError::Sign`] if the message has no From or the key fails.
    pub fn sign(&self, message: &[u8], now: DateTime<Utc>) -> Result<Vec<u8>, DkimError> {
        let mut out = Vec::with_capacity(message.len() + FIELD_CAPACITY);
        self.write_field(&DkimInput::of(message)?, now, &mut out)?;
        out.extend_from_slice(message);
        Ok(out)
    }

    /// Writes the DKIM-Signature header. These are the steps of mail-auth's own `sign`, which takes the time from the wall clock.
    fn write_field(&self, input: &DkimInput, now: DateTime<Utc>, out: &mut Vec<u8>) -> Result<(), DkimError> {
        let mut signature = Signature {
            v: 1,
            a: match &self.key {
                Key::Rsa(key) => key.algorithm(),
                Key::Ed25519(key) => key.algorithm(),
            },
            d: self.domain.clone(),
            s: self.selector.clone(),
            h: input.names.clone(),
            bh: input.body_hash.as_ref().to_vec(),
            // Times before 1970 do not occur: the clock is bounded.
            t: u64::try_from(now.timestamp()).unwrap_or(0),
            ch: Canonicalization::Relaxed,
            cb: Canonicalization::Relaxed,
            ..Signature::default()
        };
        let to_sign = ToSign {
            headers: &input.headers,
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

/// The signers of this program. Without any, messages are not signed.
#[derive(Debug, Default)]
pub struct Signers(Vec<Signer>);

impl Signers {
    /// Signs with all of `signers`.
    #[must_use]
    pub const fn new(signers: Vec<Signer>) -> Self {
        Self(signers)
    }

    /// All signers, in the order of their signatures.
    pub fn iter(&self) -> impl Iterator<Item = &Signer> {
        self.0.iter()
    }

    /// Whether messages stay unsigned.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether signing takes most of a millisecond, as with RSA, and not about 20 microseconds.
    #[must_use]
    pub fn are_slow(&self) -> bool {
        self.iter().any(|signer| matches!(signer.kind, KeyKind::Rsa(_)))
    }

    /// Puts the signature of each signer before the message.
    ///
    /// # Errors
    /// [`DkimError::Sign`].
    pub fn sign(&self, message: Vec<u8>, now: DateTime<Utc>) -> Result<Vec<u8>, DkimError> {
        if self.0.is_empty() {
            return Ok(message);
        }
        let mut out = self.fields(&DkimInput::of(&message)?, now)?;
        out.extend_from_slice(&message);
        Ok(out)
    }

    /// The signature headers of a filled template, to be put before it. Empty without signers.
    ///
    /// # Errors
    /// [`DkimError::Sign`].
    pub fn sign_template(&self, filled: &FilledTemplate<'_>, now: DateTime<Utc>) -> Result<Vec<u8>, DkimError> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        self.fields(&filled.dkim_input(), now)
    }

    /// The signatures of all signers. No signature covers another one, so all sign the same input.
    fn fields(&self, input: &DkimInput, now: DateTime<Utc>) -> Result<Vec<u8>, DkimError> {
        let mut out = Vec::with_capacity(self.0.len() * FIELD_CAPACITY);
        for signer in self.0.iter().rev() {
            signer.write_field(input, now, &mut out)?;
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

/// The bytes that the key signs: the canonical headers, then the signature header without its `b=` value.
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
