//! The pages of signing up: the form, its answer, and the confirmation behind the mailed link.

use askama::Template;

use super::linked::LatestIssue;
use super::preferences::TopicChoice;
use super::problems::FieldProblems;
use super::site::{Site, Stamp};
use crate::domain::states::Cadence;
use crate::domain::time_zone::ZONES_BY_REGION;
use crate::signup::form_words::FormWords;
use crate::words::Language;

/// The sign-up form, alone on `/subscribe` or as the box on other pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignupForm {
    /// The words of the form, which the consent record keeps.
    pub words: FormWords,
    /// The public newsletters. The box on other pages signs up for the chosen ones and shows no checkboxes.
    pub newsletters: Vec<NewsletterChoice>,
    /// The address as typed, if the form is shown again.
    pub email: String,
    /// The name as typed, if the form is shown again.
    pub name: String,
    pub problems: FieldProblems,
    /// The signed token that shows when the form was made.
    pub token: String,
    /// Further fields that the reader does not see: names and values.
    pub hidden: Vec<(&'static str, String)>,
    /// What the form asks besides address and name; `None` in the box on other pages.
    pub details: Option<SignupDetails>,
}

impl SignupForm {
    /// Whether the page has the script that offers the browser's time zone.
    pub(in crate::web) fn has_script(&self) -> bool {
        let details = self.details.as_ref();
        details.is_some_and(|details| details.timezone.is_some())
    }
}

/// What the form asks, as far as the newsletters use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignupDetails {
    /// The topics of each newsletter that has topics of its own.
    pub topics: Vec<TopicGroup>,
    /// The chosen cadence; `None` if no newsletter is sent more than once a week.
    pub cadence: Option<Cadence>,
    /// The chosen time zone, which may be empty; `None` if no newsletter uses it.
    pub timezone: Option<String>,
    /// The language of the mails.
    pub language: Language,
}

impl SignupDetails {
    /// The names of time zones, by region.
    pub(in crate::web) fn zones() -> &'static [(&'static str, Vec<&'static str>)] {
        &ZONES_BY_REGION
    }
}

/// The topics of one newsletter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicGroup {
    /// The name of the newsletter, if the form offers several.
    pub newsletter: Option<String>,
    pub topics: Vec<TopicChoice>,
}

/// A newsletter with its checkbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsletterChoice {
    /// The value that the form sends as `newsletter`.
    pub slug: String,
    pub name: String,
    /// One line; may be empty.
    pub description: String,
    /// Whether the box is ticked.
    pub chosen: bool,
}

/// GET `/subscribe`, and the answer to a POST with an invalid form.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/subscribe.html")]
pub struct SubscribePage {
    pub site: Site,
    /// When the next issue of the first newsletter is due.
    pub next_issue: Option<Stamp>,
    /// The issue that was sent last.
    pub latest_issue: Option<LatestIssue>,
    pub form: SignupForm,
}

/// The answer to a POST while there are so many sign-ups that each needs a proof: the form again, which a script sends with the
/// solution, and the question for readers without scripts.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/prove.html")]
pub struct ProvePage {
    pub site: Site,
    pub proof: ProofForm,
}

/// The form with the proof of work and the question.
#[derive(Debug, Clone)]
pub struct ProofForm {
    /// The path to which it is posted.
    pub action: String,
    /// The fields of the form as they were sent: names and values.
    pub fields: Vec<(&'static str, String)>,
    /// The proof of work, as JSON.
    pub challenge: String,
    /// The two numbers of the question.
    pub summands: [u16; 2],
    /// The signed token of the question.
    pub question_token: String,
    /// Whether the request had a proof, which was not accepted.
    pub is_repeated: bool,
}

/// A page for iframes on other sites: the form for one newsletter, and the answers to it.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/embed.html")]
pub struct EmbedPage {
    pub site: Site,
    /// The heading of the form.
    pub heading: String,
    /// The path of the form, to which it is also posted.
    pub action: String,
    pub view: EmbedView,
}

/// What an embedded page shows.
#[derive(Debug, Clone)]
pub enum EmbedView {
    /// The form, before it is sent or with its problems.
    Form(Box<SignupForm>),
    /// A proof of work is needed.
    Prove(Box<ProofForm>),
    /// The request was accepted; the same for every address.
    Sent,
}

/// GET `/subscribe/sent`, the same for every address.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/subscribe_sent.html")]
pub struct SubscribeSentPage {
    pub site: Site,
}

/// GET `/confirm/{token}` with a valid token.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/confirm.html")]
pub struct ConfirmPage {
    pub site: Site,
    /// The names of the newsletters to confirm.
    pub newsletters: Vec<String>,
    /// The path that the button posts to.
    pub action: String,
}

/// The newest issue of a newsletter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestIssue {
    /// The path of its page.
    pub href: String,
    pub subject: String,
    /// The language of the newsletter.
    pub language: Language,
}

/// The answer to POST `/confirm/{token}` with a valid token.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/confirmed.html")]
pub struct ConfirmedPage {
    pub site: Site,
    /// The names of the confirmed newsletters.
    pub newsletters: Vec<String>,
    /// The newest issue of each, if the archive has one.
    pub latest: Vec<NewestIssue>,
}

/// Why a confirmation link does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmFailure {
    /// Its time is over, and it was not used.
    Expired,
    /// It was used, and the subscription has ended since.
    Used,
    /// It does not work any more, and a newer link was mailed.
    Superseded,
    /// No such token was issued, or it was purged.
    Unknown,
}

/// GET or POST `/confirm/{token}` with a token that does not work.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/confirm_failed.html")]
pub struct ConfirmFailedPage {
    pub site: Site,
    pub failure: ConfirmFailure,
    /// How long confirmation links work, such as `within 48 hours`.
    pub within: String,
    /// Whether the newsletters of the link take sign-ups, so that the page can offer to sign up again.
    pub can_sign_up: bool,
    /// The path that the button for a new link posts to.
    pub new_link: String,
}
