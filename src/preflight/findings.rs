//! The rules of preflight, and what breaks them.

use std::fmt;

use serde::Serialize;

use crate::config::{Preflight, Severity};

/// What is checked; each rule is a key of `[preflight]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The HTML is smaller than the size at which mail programs clip it.
    Size,
    /// Every required header occurs once, and every line is valid.
    Headers,
    /// The recipient can unsubscribe by header and by a link in both parts.
    Unsubscribe,
    /// The unsubscribe link is https.
    Https,
    /// The text part has the same links as the HTML.
    Text,
    /// Every link is absolute and well-formed.
    Links,
    /// Every picture has a size and an alternative text.
    Images,
    /// Text and background have enough contrast.
    Contrast,
    /// The subject is neither empty nor too long.
    Subject,
    /// Both parts contain the postal address.
    PostalAddress,
    /// The HTML names its language and has a title.
    Document,
    /// No text is hidden.
    HiddenText,
    /// Every large mail program supports the features on which the message depends.
    Support,
}

impl Rule {
    /// The rule's key in `[preflight]`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Headers => "headers",
            Self::Unsubscribe => "unsubscribe",
            Self::Https => "https",
            Self::Text => "text",
            Self::Links => "links",
            Self::Images => "images",
            Self::Contrast => "contrast",
            Self::Subject => "subject",
            Self::PostalAddress => "postal_address",
            Self::Document => "document",
            Self::HiddenText => "hidden_text",
            Self::Support => "support",
        }
    }

    /// The severity of the rule in the settings.
    #[must_use]
    pub const fn severity(self, settings: &Preflight) -> Severity {
        match self {
            Self::Size => settings.size,
            Self::Headers => settings.headers,
            Self::Unsubscribe => settings.unsubscribe,
            Self::Https => settings.https,
            Self::Text => settings.text,
            Self::Links => settings.links,
            Self::Images => settings.images,
            Self::Contrast => settings.contrast,
            Self::Subject => settings.subject,
            Self::PostalAddress => settings.postal_address,
            Self::Document => settings.document,
            Self::HiddenText => settings.hidden_text,
            Self::Support => settings.support,
        }
    }
}

/// A fault of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule that the message breaks.
    pub rule: Rule,
    /// Whether it blocks the issue; never [`Severity::Off`].
    pub severity: Severity,
    /// What was found, as a phrase for a person.
    pub what: String,
    /// How to correct it. JSON output calls it `mend`.
    #[serde(rename = "mend")]
    pub advice: String,
}

/// The faults of a message. Those that block the issue come first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// The finding that the message cannot be built. It blocks the issue with all settings.
    #[must_use]
    pub fn unbuildable(why: &str) -> Self {
        Self(vec![Finding {
            rule: Rule::Headers,
            severity: Severity::Block,
            what: format!("the message cannot be built: {why}"),
            advice: "correct what is named".to_owned(),
        }])
    }

    /// All findings. Those that block the issue come first.
    #[must_use]
    pub fn all(&self) -> &[Finding] {
        &self.0
    }

    /// Why the issue must not be sent, on one line; `None` if it may be sent.
    #[must_use]
    pub fn blocking(&self) -> Option<String> {
        let blocking = self.0.iter().filter(|finding| finding.severity == Severity::Block);
        let reasons: Vec<String> = blocking.map(ToString::to_string).collect();
        (!reasons.is_empty()).then(|| format!("preflight: {}", reasons.join("; ")))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}: {})", self.what, self.rule.as_str(), self.advice)
    }
}

/// Collects the findings of the checks.
pub(super) struct Report<'a> {
    settings: &'a Preflight,
    findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    pub(super) fn new(settings: &'a Preflight) -> Self {
        let findings = Vec::new();
        Self { settings, findings }
    }

    /// Adds a finding, unless its rule is off.
    pub(super) fn add(&mut self, rule: Rule, what: String, advice: &str) {
        let severity = rule.severity(self.settings);
        if severity != Severity::Off {
            let advice = advice.to_owned();
            self.findings.push(Finding {
                rule,
                severity,
                what,
                advice,
            });
        }
    }

    pub(super) fn done(mut self) -> Findings {
        self.findings.sort_by_key(|finding| finding.severity);
        Findings(self.findings)
    }
}
