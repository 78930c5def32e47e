//! The pages a reader sees, each a struct of plain values that a handler fills and renders.

mod archive;
mod article;
pub mod assets;
mod atom;
mod error;
mod front;
mod inbox;
mod leaving;
mod preferences;
mod signup;

use chrono::{DateTime, Utc};

use crate::words::{Voice, Words};

pub use archive::{
    ArchivePage, IssueBody, IssuePage, NoIssuePage, PastCorrection, PastIssueLine, Report, Since, StoryLine,
};
pub use article::{ArticlePage, CorrectionLine, Picture, Source};
pub use atom::{AtomEntry, AtomFeed};
pub use error::ErrorPage;
pub use front::{FrontPage, LatestArticle};
pub use inbox::{InboxLine, InboxMessagePage, InboxPage, InboxView};
pub use leaving::{UnsubscribePage, UnsubscribedPage};
pub use preferences::{PreferencesPage, TopicChoice};
pub use signup::{
    ConfirmFailedPage, ConfirmFailure, ConfirmPage, ConfirmedPage, NewsletterChoice, SignupForm, SubscribePage,
    SubscribeSentPage,
};

/// What every page says about the site, from the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// `site.name`.
    pub name: String,
    /// `site.voice`.
    pub voice: Voice,
    /// `site.comments_box`.
    pub has_comments_box: bool,
    /// `site.tagline`; may be empty.
    pub tagline: String,
    /// `site.postal_address`, if set.
    pub postal_address: Option<String>,
    /// No relay is set: mail is captured, and the pages say so and lead to `/inbox`.
    pub mail_is_captured: bool,
}

impl Site {
    /// The texts of the site's voice.
    pub(super) const fn words(&self) -> &'static Words {
        self.voice.words()
    }
}

/// A moment, for `<time>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// RFC 3339, for machines.
    pub machine: String,
    /// As a person reads it.
    pub shown: String,
}

impl Stamp {
    /// `moment` as the log shows it: `23 Nov 2025 · 07:09 UTC`.
    #[must_use]
    pub fn utc(moment: DateTime<Utc>) -> Self {
        Self {
            machine: moment.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            shown: moment.format("%-d %b %Y · %H:%M UTC").to_string(),
        }
    }
}
