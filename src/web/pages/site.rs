//! What every page shows of the site, and how pages show a time.

use chrono::{DateTime, Utc};

use crate::words::{Voice, Words};

/// The settings that every page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The setting `site.name` of the site.
    pub name: String,
    /// The setting `site.voice` of the site.
    pub voice: Voice,
    /// The setting `site.comments_box` of the site.
    pub has_comments_box: bool,
    /// `site.tagline`; may be empty.
    pub tagline: String,
    /// The setting `site.postal_address` of the site.
    pub postal_address: Option<String>,
    /// No relay is set. Mail is captured, and every page says so and links `/inbox`.
    pub mail_is_captured: bool,
}

impl Site {
    /// The texts of the site's voice.
    pub(in crate::web) const fn words(&self) -> &'static Words {
        self.voice.words()
    }
}

/// A time for a `<time>` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The time in RFC 3339, for the attribute.
    pub machine: String,
    /// The time as people read it, for the text.
    pub shown: String,
}

impl Stamp {
    /// `moment` in UTC, such as `23 Nov 2025 · 07:09 UTC`.
    #[must_use]
    pub fn utc(moment: DateTime<Utc>) -> Self {
        Self {
            machine: moment.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            shown: moment.format("%-d %b %Y · %H:%M UTC").to_string(),
        }
    }
}
