//! `[operators]`: who gets mail about problems that need a person, how long operators stay signed in to the console,
//! and how many requests a token may make.

use std::time::Duration;

use serde::Deserialize;

use super::oidc::Oidc;
use super::value::{Setting, list, required, whole};
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
    /// The most requests to the API with one token in a minute, at each process.
    #[serde(deserialize_with = "whole::<1, 1_000_000, _, _>")]
    pub api_requests_per_minute: u32,
    /// The identity provider. Boxed, because the futures of all commands contain the settings.
    pub oidc: Box<Oidc>,
}

impl Setting for EmailAddress {
    const ALLOWED: &'static str = "an address without a name, such as \"desk@example.org\"";

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}
