//! `[feeds]`: how often and with which limits feeds are fetched.

use std::time::Duration;

use serde::Deserialize;

use super::value::{Setting, list, optional, required, whole};
use crate::feeds::fetch::FetchSettings;
use crate::feeds::guard::Allowed;

/// The settings of the section `[feeds]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feeds {
    /// The shortest time between two fetches of a feed.
    #[serde(deserialize_with = "required")]
    pub interval: Duration,
    /// The longest time between two fetches of a feed that works.
    #[serde(deserialize_with = "required")]
    pub longest_interval: Duration,
    /// Which articles a new feed of a newsletter contributes to its next issue.
    #[serde(deserialize_with = "required")]
    pub back_catalogue: BackCatalogue,
    /// Only this many entries of a document are read, the newest. As many left-out entries of one feed are recorded within 24 hours.
    #[serde(deserialize_with = "whole::<1, 1_000_000, _, _>")]
    pub max_entries: usize,
    /// At most this many new entries of one fetch go into issues.
    #[serde(deserialize_with = "whole::<1, 1_000_000, _, _>")]
    pub max_new_per_fetch: usize,
    /// At most this many new entries of one feed go into issues within 24 hours.
    #[serde(deserialize_with = "whole::<1, 1_000_000, _, _>")]
    pub max_new_per_day: usize,
    /// The pause between two fetches from one server.
    #[serde(deserialize_with = "required")]
    pub host_pause: Duration,
    /// How long a feed must fail before the operators are notified.
    #[serde(deserialize_with = "required")]
    pub notice_after: Duration,
    /// The time limit of a fetch with all its redirects.
    #[serde(deserialize_with = "required")]
    pub timeout: Duration,
    /// The most bytes of a feed after decompression.
    #[serde(deserialize_with = "whole::<1024, 1_073_741_824, _, _>")]
    pub max_bytes: usize,
    /// Private hosts and networks from which feeds may be fetched.
    #[serde(deserialize_with = "list")]
    pub allow: Vec<Allowed>,
    /// How many feeds are fetched at once.
    #[serde(deserialize_with = "whole::<1, 1000, _, _>")]
    pub concurrency: usize,
    /// The `User-Agent` header, in visible ASCII.
    #[serde(deserialize_with = "optional")]
    pub user_agent: Option<UserAgent>,
}

impl Feeds {
    /// The settings of the fetcher.
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

/// Which articles of a newly added feed go into the next issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackCatalogue {
    /// All articles go into the next issue.
    All,
    /// Articles whose date is at most this long ago.
    Youngest(Duration),
}

impl Setting for BackCatalogue {
    const ALLOWED: &'static str = "\"all\", or a duration such as \"24h\" or \"7d\"";

    fn read(text: &str) -> Option<Self> {
        match text {
            "all" => Some(Self::All),
            text => Duration::read(text).map(Self::Youngest),
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

/// A `User-Agent` ([RFC 9110 §10.1.5](https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(String);

impl UserAgent {
    /// The value of the `User-Agent` header field.
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
