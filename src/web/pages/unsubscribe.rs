//! The pages behind the unsubscribe link.

use askama::Template;

use super::site::Site;

/// GET `/unsubscribe/{token}` of a subscription that has not ended.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/unsubscribe.html")]
pub struct UnsubscribePage {
    pub site: Site,
    /// The name of the newsletter.
    pub newsletter: String,
    /// The path that the button posts to.
    pub action: String,
    /// The path of the subscriber's preferences.
    pub preferences: String,
}

/// The page of a subscription that has ended, now or before.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/unsubscribed.html")]
pub struct UnsubscribedPage {
    pub site: Site,
    /// The name of the newsletter.
    pub newsletter: String,
    /// The path to subscribe again, such as `/subscribe?newsletter=daily`; `None` if the newsletter takes no sign-ups.
    pub subscribe: Option<String>,
}
