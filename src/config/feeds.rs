//! `[feeds]`: how often, how long and from where feeds are read.

use std::time::Duration;

use serde::Deserialize;

use super::value::{Setting, list, optional, required, whole};
use crate::feeds::fetch::FetchSettings;
use crate::feeds::guard::Allowed;

/// `[feeds]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feeds {
    /// How often a feed is read.
    #[serde(deserialize_with = "required")]
    pub interval: Duration,
    /// For one feed, with all its redirects.
    #[serde(deserialize_with = "required")]
    pub timeout: Duration,
    /// The most that is read of one, in bytes after unpacking.
    #[serde(deserialize_with = "whole::<1024, 1_073_741_824, _, _>")]
    pub max_bytes: usize,
    /// What is read although it is private.
    #[serde(deserialize_with = "list")]
    pub allow: Vec<Allowed>,
    /// How many feeds are read at once.
    #[serde(deserialize_with = "whole::<1, 1000, _, _>")]
    pub concurrency: usize,
    /// How the feed reader calls itself, in visible ASCII.
    #[serde(deserialize_with = "optional")]
    pub user_agent: Option<UserAgent>,
}

impl Feeds {
    /// The limits as the fetcher takes them.
    #[must_use]
    pub fn fetch_settings(&self) -> FetchSettings {
        let ours = concat!("Daywire/", env!("CARGO_PKG_VERSION"));
        FetchSettings {
            user_agent: self.user_agent.as_ref().map_or(ours, UserAgent::as_str).to_owned(),
            timeout: self.timeout,
            connect_timeout: self.timeout.min(Duration::from_secs(10)),
            max_body_bytes: self.max_bytes,
            max_redirects: 5,
            allow: self.allow.clone(),
        }
    }
}

impl Setting for Allowed {
    const ALLOWED: &'static str = "a host such as \"feeds.internal\" or \"feeds.internal:8000\", or a network such as \
                                   \"10.1.0.0/16\"";

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// A `User-Agent` (RFC 9110 section 10.1.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(String);

impl UserAgent {
    /// The header's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for UserAgent {
    const ALLOWED: &'static str = "one line of visible ASCII";

    fn read(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|b| matches!(b, b' '..=b'~')) && text.trim() == text && !text.is_empty();
        visible.then(|| Self(text.to_owned()))
    }
}
