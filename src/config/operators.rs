//! `[operators]`: who gets mail about problems that need a person, and how long operators stay signed in to the console.

use std::time::Duration;

use serde::Deserialize;

use super::value::{Setting, list, required};
use crate::domain::address::EmailAddress;

/// The settings of the section `[operators]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operators {
    /// The addresses that get the notices.
    #[serde(deserialize_with = "list")]
    pub notify: Vec<EmailAddress>,
    /// A session of the console ends if it is not used for this long.
    #[serde(deserialize_with = "required")]
    pub session_idle: Duration,
    /// A session of the console ends after this time, however much it is used.
    #[serde(deserialize_with = "required")]
    pub session_lifetime: Duration,
}

impl Setting for EmailAddress {
    const ALLOWED: &'static str = "an address without a name, such as \"desk@example.org\"";

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}
