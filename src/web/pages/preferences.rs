//! The pages where a subscriber changes their preferences for one newsletter.

use askama::Template;

use super::problems::FieldProblems;
use super::site::Site;
use crate::words::Language;

/// GET and POST `/preferences/{token}` with the link of a mail
#[derive(Debug, Clone, Template)]
#[template(path = "pages/pause.html")]
pub struct PausePage {
    pub site: Site,
    /// The name of the newsletter.
    pub newsletter: String,
    /// The first letter of the reader's address, and its domain.
    pub address: String,
    /// The path that the form posts to.
    pub action: String,
    /// The path that the button to leave posts to.
    pub unsubscribe: String,
    /// Whether the form was just saved.
    pub saved: bool,
    pub problems: FieldProblems,
    /// What to do to get the newsletter, if the subscription has ended.
    pub ended: Option<String>,
    pub pause: PauseFields,
}

/// The fields of a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseFields {
    /// The day on which the current pause ends.
    pub until: Option<String>,
    /// Whether the subscription was paused after soft bounces.
    pub is_after_bounces: bool,
    /// The day that was typed; may be empty.
    pub typed: String,
    /// Whether the box that ends the pause is ticked.
    pub ends: bool,
}

impl PausePage {
    fn heading(&self) -> String {
        if self.ended.is_some() {
            self.site.words.not_subscribed_happened(&self.newsletter)
        } else {
            self.site.words.settings_title(&self.newsletter)
        }
    }
}

/// GET and POST `/preferences/{token}/newsletters/{newsletter}`
#[derive(Debug, Clone, Template)]
#[template(path = "pages/preferences.html")]
pub struct PreferencesPage {
    pub site: Site,
    /// The name of the newsletter.
    pub newsletter: String,
    pub address: String,
    /// The path that the form posts to.
    pub action: String,
    /// The path of the page of all newsletters.
    pub all: String,
    /// The path of the unsubscribe page.
    pub unsubscribe: String,
    /// Whether the form was just saved.
    pub saved: bool,
    pub problems: FieldProblems,
    pub topics: Vec<TopicChoice>,
    /// One issue a week instead of every issue.
    pub weekly: bool,
    /// The time zone as it is stored or was typed; may be empty.
    pub timezone: String,
    /// The languages that mails can have.
    pub languages: Vec<LanguageChoice>,
    pub pause: PauseFields,
}

/// A topic with its checkbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicChoice {
    /// The name in lower case, which the form sends as `topic`.
    pub name: String,
    /// The name as articles and mails write it.
    pub label: String,
    /// Whether the box is ticked.
    pub chosen: bool,
}

/// A language in the list of languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageChoice {
    pub language: Language,
    pub chosen: bool,
}
