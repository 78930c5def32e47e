//! `[operators]`: who gets mail about problems that need a person.

use serde::Deserialize;

use super::value::{Setting, list};
use crate::domain::address::EmailAddress;

/// The settings of the section `[operators]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operators {
    /// The addresses that get the notices.
    #[serde(deserialize_with = "list")]
    pub notify: Vec<EmailAddress>,
}

impl Setting for EmailAddress {
    const ALLOWED: &'static str = "an address without a name, such as \"desk@example.org\"";

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}
