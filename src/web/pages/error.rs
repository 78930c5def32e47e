//! The page that says what happened and what to do next.

use askama::Template;

use super::Site;

/// Any page that failed, or has nothing to show.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    /// The site.
    pub site: Site,
    /// The HTTP status, shown as a label.
    pub status: u16,
    /// In a few words, such as `No such page`.
    pub title: String,
    /// What happened, a sentence.
    pub happened: String,
    /// What to do next, a sentence.
    pub next: String,
}
