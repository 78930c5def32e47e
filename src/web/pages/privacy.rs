//! The pages of export and erasure.

use askama::Template;

use super::site::Site;

/// What a page of a privacy link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivacyAction {
    /// Its button downloads everything on record.
    Export,
    /// Its button erases everything on record.
    Erase,
    /// It says that everything was erased.
    Erased,
}

impl PrivacyAction {
    /// The first part of the path.
    pub(in crate::web) const fn path(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Erase | Self::Erased => "erase",
        }
    }
}

/// GET of a mailed link that exports or erases, and the answer to its POST.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/privacy.html")]
pub struct PrivacyPage {
    pub site: Site,
    pub action: PrivacyAction,
    /// The path that the button posts to.
    pub post_to: String,
    /// The address of the reader.
    pub address: String,
}

/// GET `/preferences/{token}/sent`: a link was mailed.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/link_sent.html")]
pub struct LinkSentPage {
    pub site: Site,
    /// How long the link works, such as `within 1 hour`.
    pub within: String,
    /// The path of the preferences.
    pub preferences: String,
}
