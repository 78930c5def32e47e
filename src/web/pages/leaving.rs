//! Leaving: the page behind the unsubscribe link, and its answer.

use askama::Template;

use super::Site;

/// GET `/unsubscribe/{token}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/unsubscribe.html")]
pub struct UnsubscribePage {
    /// The site.
    pub site: Site,
    /// The newsletter's name.
    pub newsletter: String,
    /// Where the button posts to, relative to the root.
    pub action: String,
    /// Where one asks for less instead, relative to the root.
    pub rather: String,
}

/// POST `/unsubscribe/{token}`: done, now or before.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/unsubscribed.html")]
pub struct UnsubscribedPage {
    /// The site.
    pub site: Site,
    /// The newsletter's name.
    pub newsletter: String,
    /// The way back, relative to the root, such as `/subscribe?newsletter=daily`.
    pub back: String,
}
