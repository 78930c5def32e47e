//! `[preflight]`: what is looked at before an issue may go, and how much each finding counts.

use serde::{Deserialize, Serialize};

use super::value::{Setting, required};

/// `[preflight]`: a rule each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preflight {
    /// The HTML stays below what mail readers clip.
    #[serde(deserialize_with = "required")]
    pub size: Severity,
    /// The headers that every message of a list has, each once; no line too long or broken wrongly.
    #[serde(deserialize_with = "required")]
    pub headers: Severity,
    /// The reader can leave by header and by a link in both parts.
    #[serde(deserialize_with = "required")]
    pub unsubscribe: Severity,
    /// The address to leave by is https.
    #[serde(deserialize_with = "required")]
    pub https: Severity,
    /// There is a text part with the same links as the HTML.
    #[serde(deserialize_with = "required")]
    pub text: Severity,
    /// Every link is absolute and well-formed.
    #[serde(deserialize_with = "required")]
    pub links: Severity,
    /// Every picture has its size and a text in its place.
    #[serde(deserialize_with = "required")]
    pub images: Severity,
    /// Text can be read on its ground, light and dark.
    #[serde(deserialize_with = "required")]
    pub contrast: Severity,
    /// The subject is there, and short enough to be seen.
    #[serde(deserialize_with = "required")]
    pub subject: Severity,
    /// `site.postal_address`, if set, is in both parts.
    #[serde(deserialize_with = "required")]
    pub postal_address: Severity,
    /// The HTML names its language and has a title.
    #[serde(deserialize_with = "required")]
    pub document: Severity,
    /// No text is hidden.
    #[serde(deserialize_with = "required")]
    pub hidden_text: Severity,
    /// Nothing the message depends on is unknown to a large mail reader.
    #[serde(deserialize_with = "required")]
    pub support: Severity,
}

/// How much a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The issue does not go.
    Block,
    /// It is said, and the issue goes.
    Warn,
    /// It is not looked at.
    Off,
}

impl Severity {
    /// The word in settings and outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Warn => "warn",
            Self::Off => "off",
        }
    }
}

impl Setting for Severity {
    const ALLOWED: &'static str = "\"block\", \"warn\" or \"off\"";

    fn read(text: &str) -> Option<Self> {
        [Self::Block, Self::Warn, Self::Off]
            .into_iter()
            .find(|severity| severity.as_str() == text)
    }
}
