//! Preflight: what is wrong with a message, found in the bytes that one reader would get, before any of them goes.

pub mod letter;

mod checks;
mod colour;
mod contrast;
mod css;
mod page;
mod support;

use std::fmt;

use serde::Serialize;

use crate::config::{Config, Preflight, Severity, is_placeholder};
use letter::Letter;

/// What is looked at; each is a key of `[preflight]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The HTML stays below what mail readers clip.
    Size,
    /// The headers that every message of a list has, each once.
    Headers,
    /// The reader can leave.
    Unsubscribe,
    /// The address to leave by is https.
    Https,
    /// The text part has the same links as the HTML.
    Text,
    /// Every link is absolute and well-formed.
    Links,
    /// Every picture has its size and a text in its place.
    Images,
    /// Text can be read on its ground.
    Contrast,
    /// The subject is there, and short enough.
    Subject,
    /// The postal address is in both parts.
    PostalAddress,
    /// The HTML names its language and has a title.
    Document,
    /// No text is hidden.
    HiddenText,
    /// Nothing the message depends on is unknown to a large mail reader.
    Support,
}

impl Rule {
    /// Its key in `[preflight]`.
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

    /// How much it counts by the settings.
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

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule it offends.
    pub rule: Rule,
    /// Whether the issue may go all the same; never [`Severity::Off`].
    pub severity: Severity,
    /// What was found, for a person.
    pub what: String,
    /// How to mend it.
    pub mend: String,
}

/// What was found, what blocks first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// That the message could not even be made; this blocks whatever the settings say.
    #[must_use]
    pub fn unmade(why: &str) -> Self {
        Self(vec![Finding {
            rule: Rule::Headers,
            severity: Severity::Block,
            what: format!("the message cannot be made: {why}"),
            mend: "correct what is named".to_owned(),
        }])
    }

    /// All of them, what blocks first.
    #[must_use]
    pub fn all(&self) -> &[Finding] {
        &self.0
    }

    /// Why the issue may not go, on one line; none if it may.
    #[must_use]
    pub fn blocking(&self) -> Option<String> {
        let blocking = self.0.iter().filter(|finding| finding.severity == Severity::Block);
        let reasons: Vec<String> = blocking.map(ToString::to_string).collect();
        (!reasons.is_empty()).then(|| format!("preflight: {}", reasons.join("; ")))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}: {})", self.what, self.rule.as_str(), self.mend)
    }
}

/// Looks at a message as it would go to one reader. Knows nothing but its bytes and the settings.
#[must_use]
pub fn inspect(message: &[u8], config: &Config) -> Findings {
    Letter::read(message).map_or_else(
        || {
            let mut report = Report::new(&config.preflight);
            report.add(
                Rule::Headers,
                "it cannot be read as a message".to_owned(),
                "give a message as it goes over the wire, headers first",
            );
            report.done()
        },
        |letter| of(&letter, config),
    )
}

/// [`inspect`] for a message that was read already.
#[must_use]
pub fn of(letter: &Letter, config: &Config) -> Findings {
    let mut report = Report::new(&config.preflight);
    checks::envelope(letter, &mut report);
    if !config.captures_mail() && letter.header("From").into_iter().any(is_placeholder) {
        report.add(
            Rule::Headers,
            "the issue was built before it had a sender".to_owned(),
            "set site.url, site.name and mail.from, cancel the issue and build it again",
        );
    }
    checks::parts(letter, config.site.postal_address.as_deref(), &mut report);
    report.done()
}

/// Findings as they are made.
struct Report<'a> {
    settings: &'a Preflight,
    findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    fn new(settings: &'a Preflight) -> Self {
        let findings = Vec::new();
        Self { settings, findings }
    }

    /// Notes a finding, unless its rule is off.
    fn add(&mut self, rule: Rule, what: String, mend: &str) {
        let severity = rule.severity(self.settings);
        if severity != Severity::Off {
            let mend = mend.to_owned();
            self.findings.push(Finding {
                rule,
                severity,
                what,
                mend,
            });
        }
    }

    fn done(mut self) -> Findings {
        self.findings.sort_by_key(|finding| finding.severity);
        Findings(self.findings)
    }
}
