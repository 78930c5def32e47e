//! `[dkim]`: the keys that sign messages.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::value::{Setting, optional};

/// `[dkim]`, with at least one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dkim {
    /// The signing domain in ASCII, lower case: `d=` ([RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5)).
    pub domain: String,
    /// `selector` and `key_file`: a key of either kind.
    pub key: Option<DkimKey>,
    /// `ed25519_selector` and `ed25519_key_file`: an Ed25519 key, usually in addition to an RSA key
    /// ([RFC 8463 §3](https://www.rfc-editor.org/rfc/rfc8463#section-3)).
    pub ed25519_key: Option<DkimKey>,
}

/// A key and its selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimKey {
    /// The selector, which is the tag `s=` of a signature.
    pub selector: String,
    /// The private key, as PEM.
    pub file: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(deserialize_with = "optional")]
    domain: Option<DnsName>,
    #[serde(deserialize_with = "optional")]
    selector: Option<DnsName>,
    #[serde(deserialize_with = "optional")]
    key_file: Option<PathBuf>,
    #[serde(deserialize_with = "optional")]
    ed25519_selector: Option<DnsName>,
    #[serde(deserialize_with = "optional")]
    ed25519_key_file: Option<PathBuf>,
}

/// Reads a domain with one or two complete keys; `None` if all settings are empty.
pub(super) fn some_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Dkim>, D::Error> {
    let table = Table::deserialize(deserializer)?;
    let key = key(table.selector, table.key_file);
    let ed25519_key = self::key(table.ed25519_selector, table.ed25519_key_file);
    match (table.domain, key, ed25519_key) {
        (None, Ok(None), Ok(None)) => Ok(None),
        (Some(_), Ok(Some(one)), Ok(Some(two))) if one.selector == two.selector => Err(D::Error::custom(
            "two different selectors, since each is the name of one key in the DNS",
        )),
        (Some(DnsName(domain)), Ok(key), Ok(ed25519_key)) if key.is_some() || ed25519_key.is_some() => Ok(Some(Dkim {
            domain,
            key,
            ed25519_key,
        })),
        _ => Err(D::Error::custom(
            "all of domain, selector and key_file, or of domain, ed25519_selector and ed25519_key_file, or all five, or \
             none of them",
        )),
    }
}

/// A key from both values; `None` from neither. An error if one is missing.
fn key(selector: Option<DnsName>, file: Option<PathBuf>) -> Result<Option<DkimKey>, ()> {
    match (selector, file) {
        (None, None) => Ok(None),
        (Some(DnsName(selector)), Some(file)) => Ok(Some(DkimKey { selector, file })),
        _ => Err(()),
    }
}

/// A DNS name: labels of letters, digits and hyphens, in lower case.
struct DnsName(String);

impl Setting for DnsName {
    const ALLOWED: &'static str = "a name of letters, digits, hyphens and dots";

    fn read(text: &str) -> Option<Self> {
        let name = idna::domain_to_ascii_strict(text).ok()?;
        name.split('.').all(|label| !label.is_empty()).then_some(Self(name))
    }
}
