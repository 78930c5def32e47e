//! `[dkim]`: what messages are signed with.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::value::{Setting, optional};

/// `[dkim]`, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dkim {
    /// The signing domain in ASCII, lower case: `d=` (RFC 6376 section 3.5).
    pub domain: String,
    /// The selector: `s=`.
    pub selector: String,
    /// The private key, as PEM.
    pub key_file: PathBuf,
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
}

/// All three, or none.
pub(super) fn all_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Dkim>, D::Error> {
    match Table::deserialize(deserializer)? {
        Table {
            domain: None,
            selector: None,
            key_file: None,
        } => Ok(None),
        Table {
            domain: Some(DnsName(domain)),
            selector: Some(DnsName(selector)),
            key_file: Some(key_file),
        } => Ok(Some(Dkim {
            domain,
            selector,
            key_file,
        })),
        _ => Err(D::Error::custom(
            "all of domain, selector and key_file, or none of them",
        )),
    }
}

/// A name as DNS has it: labels of letters, digits and hyphens, in lower case.
struct DnsName(String);

impl Setting for DnsName {
    const ALLOWED: &'static str = "a name of letters, digits, hyphens and dots";

    fn read(text: &str) -> Option<Self> {
        let name = idna::domain_to_ascii_strict(text).ok()?;
        name.split('.').all(|label| !label.is_empty()).then_some(Self(name))
    }
}
