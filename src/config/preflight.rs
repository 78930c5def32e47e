//! `[preflight]`: the severity of each preflight rule.

use serde::{Deserialize, Serialize};

use super::value::{Setting, required};

/// `[preflight]`: the severity of each rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preflight {
    /// The HTML is smaller than the size at which mail programs clip it.
    #[serde(deserialize_with = "required")]
    pub size: Severity,
    /// Every required header occurs once, and every line is valid.
    #[serde(deserialize_with = "required")]
    pub headers: Severity,
    /// The recipient can unsubscribe by header and by a link in both parts.
    #[serde(deserialize_with = "required")]
    pub unsubscribe: Severity,
    /// The unsubscribe link is https.
    #[serde(deserialize_with = "required")]
    pub https: Severity,
    /// There is a text part with the same links as the HTML.
    #[serde(deserialize_with = "required")]
    pub text: Severity,
    /// Every link is absolute and well-formed.
    #[serde(deserialize_with = "required")]
    pub links: Severity,
    /// Every picture has a size and an alternative text.
    #[serde(deserialize_with = "required")]
    pub images: Severity,
    /// Text and background have enough contrast, in light and dark mode.
    #[serde(deserialize_with = "required")]
    pub contrast: Severity,
    /// The subject is neither empty nor too long.
    #[serde(deserialize_with = "required")]
    pub subject: Severity,
    /// Both parts contain `site.postal_address`, if it is set.
    #[serde(deserialize_with = "required")]
    pub postal_address: Severity,
    /// The HTML names its language and has a title.
    #[serde(deserialize_with = "required")]
    pub document: Severity,
    /// No text is hidden.
    #[serde(deserialize_with = "required")]
    pub hidden_text: Severity,
    /// Every large mail program supports the features on which the message depends.
    #[serde(deserialize_with = "required")]
    pub support: Severity,
}

/// What a finding causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The finding blocks the issue.
    Block,
    /// The finding is reported, and the issue is sent.
    Warn,
    /// The rule is not checked.
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
