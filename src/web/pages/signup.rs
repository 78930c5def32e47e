//! Signing up: the form, its answer, and the confirmation behind the mailed link.

use askama::Template;

use super::Site;
use crate::signup::words::FormWords;

/// The sign-up form, alone on `/subscribe` or as the box on other pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignupForm {
    /// Its words, which the consent record keeps.
    pub words: FormWords,
    /// What can be chosen; on other pages than `/subscribe` only the chosen ones count.
    pub newsletters: Vec<NewsletterChoice>,
    /// The address as typed, when the form is shown again.
    pub email: String,
    /// The name as typed, when the form is shown again.
    pub name: String,
    /// What was wrong with what was typed, as a sentence.
    pub problem: Option<String>,
}

/// One newsletter in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsletterChoice {
    /// Sent as `newsletter`.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it is, in one line; may be empty.
    pub description: String,
    /// Ticked.
    pub chosen: bool,
}

/// GET `/subscribe`, and the answer to a POST that could not be taken.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/subscribe.html")]
pub struct SubscribePage {
    /// The site.
    pub site: Site,
    /// The form.
    pub form: SignupForm,
}

/// GET `/subscribe/sent`, the same for every address.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/subscribe_sent.html")]
pub struct SubscribeSentPage {
    /// The site.
    pub site: Site,
}

/// GET `/confirm/{token}` of a token that can be used.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/confirm.html")]
pub struct ConfirmPage {
    /// The site.
    pub site: Site,
    /// Names of the newsletters that wait.
    pub newsletters: Vec<String>,
    /// Where the button posts to, relative to the root.
    pub action: String,
}

/// POST `/confirm/{token}`: confirmed.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/confirmed.html")]
pub struct ConfirmedPage {
    /// The site.
    pub site: Site,
    /// Names of the newsletters that are now on their way.
    pub newsletters: Vec<String>,
}

/// Why a confirmation link did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmFailure {
    /// It is too old.
    Expired,
    /// It was used before.
    Used,
    /// There is no such link.
    Unknown,
}

/// GET or POST `/confirm/{token}` of a token that cannot be used.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/confirm_failed.html")]
pub struct ConfirmFailedPage {
    /// The site.
    pub site: Site,
    /// Why.
    pub failure: ConfirmFailure,
}
