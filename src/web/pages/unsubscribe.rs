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
    /// The path of the page with the reader's data.
    pub preferences: String,
    /// What the subscriber who has just left can do; `None` on other visits.
    pub after: Option<AfterLeaving>,
}

/// What a subscriber can do who has just left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AfterLeaving {
    /// The path that undoes leaving; `None` if it cannot be undone.
    pub undo: Option<String>,
    /// The path to which the reason for leaving is sent.
    pub reason: String,
    /// The reasons that can be chosen: the word that the form sends, and the label.
    pub reasons: Vec<(&'static str, String)>,
    /// The most characters of the note.
    pub max_note: usize,
    /// Whether a reason was stored.
    pub thanked: bool,
}

/// GET and POST `/unsubscribe/undo/{token}`: the subscription is as it was before.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/restored.html")]
pub struct RestoredPage {
    pub site: Site,
    /// The name of the newsletter.
    pub newsletter: String,
}
