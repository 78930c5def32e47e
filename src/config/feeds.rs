//! `[feeds]`: how often and with which limits feeds are fetched.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::error::Problem;
use super::secrets::read_secret;
use super::value::{Setting, list, optional, required, whole};
use crate::feeds::fetch::FetchSettings;
use crate::feeds::guard::Allowed;
use crate::feeds::proxy::Proxy;
pub use crate::feeds::request_settings::UserAgent;

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
    /// At most this many pages of articles are fetched after one fetch of a feed.
    #[serde(deserialize_with = "whole::<1, 1000, _, _>")]
    pub max_pages_per_fetch: usize,
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
    /// The proxy of all fetches. It already contains the password of `proxy_password_file`.
    #[serde(deserialize_with = "optional")]
    pub proxy: Option<Proxy>,
    #[serde(deserialize_with = "optional")]
    pub(crate) proxy_password_file: Option<PathBuf>,
}

impl Feeds {
    /// The settings of the fetcher.
    #[must_use]
    pub fn fetch_settings(&self) -> FetchSettings {
        let ours = concat!("Daywire/", env!("CARGO_PKG_VERSION"));
        FetchSettings {
            user_agent: self.user_agent.as_ref().map_or(ours, UserAgent::as_str).to_owned(),
            timeout: self.timeout,
            // Less than the whole, so that the error says what gave no answer.
            connect_timeout: (self.timeout / 2).min(Duration::from_secs(10)),
            max_body_bytes: self.max_bytes,
            max_redirects: 5,
            allow: self.allow.clone(),
            proxy: self.proxy.clone(),
        }
    }

    /// Puts the password of `proxy_password_file` into the proxy.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        let Some(path) = &self.proxy_password_file else {
            return Ok(());
        };
        let problem = |reason: &str| Err(Problem::new("proxy_password_file", reason));
        match self.proxy.as_ref().map(Proxy::login) {
            Some((true, false)) => {}
            Some((true, true)) => return problem("is set, and proxy has a password too; keep one"),
            _ => return problem("is set, but proxy names no user; write http://USER@HOST:PORT there"),
        }
        let password = read_secret("proxy_password_file", path)?;
        self.proxy = self.proxy.take().map(|proxy| proxy.with_password(password));
        Ok(())
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

impl Setting for Proxy {
    const ALLOWED: &'static str = "the address of an HTTP proxy such as \"http://proxy.example.org:3128\", with USER:PASSWORD@ before the host if it asks \
         for a login";

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Setting for UserAgent {
    const ALLOWED: &'static str = "one line of visible ASCII";

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}
