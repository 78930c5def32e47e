//! Parses and generates DKIM keys, and formats the DNS record that publishes them.

use base64::{Engine, engine::general_purpose::STANDARD};
use mail_auth::common::crypto::Ed25519Key;
use rsa::{
    RsaPrivateKey,
    pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey},
    pkcs8::{
        DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding, ObjectIdentifier, PrivateKeyInfo,
        SecretDocument, spki::AlgorithmIdentifierRef,
    },
    rand_core::CryptoRngCore,
    traits::PublicKeyParts,
};
use rustls::pki_types::PrivateKeyDer;

/// The fewest bits of an RSA key ([RFC 8301 §3.2](https://www.rfc-editor.org/rfc/rfc8301#section-3.2) requires signers to use 2048).
const MIN_BITS: usize = 2048;
/// The most characters of one string of a TXT record ([RFC 1035 §3.3](https://www.rfc-editor.org/rfc/rfc1035#section-3.3)).
const MAX_STRING: usize = 255;
/// id-Ed25519 ([RFC 8410 §3](https://www.rfc-editor.org/rfc/rfc8410#section-3)).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Why a key cannot be used or a message cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DkimError {
    /// The domain or the selector is not a DNS name.
    #[error("dkim.{0} must be a host name in ASCII, such as {1}")]
    Name(&'static str, &'static str),
    /// The PEM text contains no supported private key.
    #[error(
        "the DKIM key file must contain one private key in PEM, RSA (PKCS#1 or PKCS#8) or Ed25519 (PKCS#8), unencrypted"
    )]
    Key,
    /// The RSA key is shorter than 2048 bits, which receivers may ignore.
    #[error("the DKIM key has {0} bits; make one of 2048 with daywire dkim generate")]
    Weak(usize),
    /// Generating a key failed.
    #[error("no DKIM key could be made: {0}")]
    Generate(String),
    /// The key could not make a signature.
    #[error("the message could not be signed: {0}")]
    Sign(String),
}

/// The kind of a DKIM key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with this many bits. Every receiver verifies 2048.
    Rsa(usize),
    /// Ed25519: small and fast, but not every receiver verifies it, so use it together with an RSA key.
    Ed25519,
}

/// A new key pair.
pub struct GeneratedKey {
    /// The private key in PEM (PKCS#8).
    pub private_pem: String,
    /// The value of the TXT record, such as `v=DKIM1; k=rsa; p=…`.
    pub public_record_value: String,
}

/// A parsed private key.
pub(super) struct PrivateKey {
    pub(super) der: PrivateKeyDer<'static>,
    pub(super) record: String,
    pub(super) kind: KeyKind,
}

/// Generates a key pair. RSA with 2048 bits takes about a second.
///
/// # Errors
/// [`DkimError::Weak`] below 2048 bits, [`DkimError::Generate`] if the random source or the encoding fails.
pub fn generate(kind: KeyKind, rng: &mut impl CryptoRngCore) -> Result<GeneratedKey, DkimError> {
    let failed = |error: &dyn ToString| DkimError::Generate(error.to_string());
    let document = match kind {
        KeyKind::Rsa(bits) if bits < MIN_BITS => return Err(DkimError::Weak(bits)),
        KeyKind::Rsa(bits) => RsaPrivateKey::new(rng, bits)
            .map_err(|e| failed(&e))?
            .to_pkcs8_der()
            .map_err(|e| failed(&e))?,
        KeyKind::Ed25519 => {
            // An OCTET STRING of 32 bytes ([RFC 8410 §7](https://www.rfc-editor.org/rfc/rfc8410#section-7)).
            let mut seed = [0; 34];
            seed[..2].copy_from_slice(&[0x04, 0x20]);
            rng.try_fill_bytes(&mut seed[2..]).map_err(|e| failed(&e))?;
            let algorithm = AlgorithmIdentifierRef {
                oid: ED25519,
                parameters: None,
            };
            SecretDocument::try_from(PrivateKeyInfo::new(algorithm, &seed)).map_err(|e| failed(&e))?
        }
    };
    let private_pem = document
        .to_pem("PRIVATE KEY", LineEnding::LF)
        .map_err(|e| failed(&e))?
        .to_string();
    let public_record_value = parse(&private_pem)?.record;
    Ok(GeneratedKey {
        private_pem,
        public_record_value,
    })
}

/// Parses a private key and derives its public record.
pub(super) fn parse(pem: &str) -> Result<PrivateKey, DkimError> {
    let (label, document) = SecretDocument::from_pem(pem.trim()).map_err(|_| DkimError::Key)?;
    let der = document.as_bytes();
    let rsa = match label {
        "RSA PRIVATE KEY" => Some(RsaPrivateKey::from_pkcs1_der(der).map_err(|_| DkimError::Key)?),
        "PRIVATE KEY" => RsaPrivateKey::from_pkcs8_der(der).ok(),
        _ => return Err(DkimError::Key),
    };
    let Some(rsa) = rsa else {
        let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(der).map_err(|_| DkimError::Key)?;
        let record = format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(key.public_key()));
        return Ok(PrivateKey {
            der: PrivateKeyDer::Pkcs8(der.to_vec().into()),
            record,
            kind: KeyKind::Ed25519,
        });
    };
    let bits = rsa.n().bits();
    if bits < MIN_BITS {
        return Err(DkimError::Weak(bits));
    }
    let public = rsa.to_public_key().to_public_key_der().map_err(|_| DkimError::Key)?;
    let private = rsa.to_pkcs1_der().map_err(|_| DkimError::Key)?;
    Ok(PrivateKey {
        der: PrivateKeyDer::Pkcs1(private.as_bytes().to_vec().into()),
        record: format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(public.as_bytes())),
        kind: KeyKind::Rsa(bits),
    })
}

/// The record in the format of a zone file, its value split into strings of at most 255 characters
/// ([RFC 6376 §3.6.2.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.2.2)).
#[must_use]
pub fn dns_record(domain: &str, selector: &str, value: &str) -> String {
    let mut strings = vec![String::new()];
    for c in value.chars() {
        if strings
            .last()
            .is_some_and(|string| string.len() + c.len_utf8() > MAX_STRING)
        {
            strings.push(String::new());
        }
        if let Some(string) = strings.last_mut() {
            string.push(c);
        }
    }
    let quoted: Vec<_> = strings
        .iter()
        .map(|s| format!("\"{}\"", s.replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    format!("{selector}._domainkey.{domain}. IN TXT ( {} )", quoted.join("\n    "))
}
