//! The page that says what happened and what to do next.

use askama::Template;

use super::site::Site;

/// The answer to a request that failed or has nothing to show.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    pub site: Site,
    /// The HTTP status. A failure's status is shown above the title.
    pub status: u16,
    /// A few words, such as `No such page`.
    pub title: String,
    /// What happened, a sentence.
    pub happened: String,
    /// What to do next, a sentence.
    pub next: String,
}
