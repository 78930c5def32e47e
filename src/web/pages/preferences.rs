//! What a reader wants of a newsletter, behind the link that only they have.

use askama::Template;

use super::Site;

/// GET and POST `/preferences/{token}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/preferences.html")]
pub struct PreferencesPage {
    /// The site.
    pub site: Site,
    /// The newsletter's name.
    pub newsletter: String,
    /// Where the form posts to, relative to the root.
    pub action: String,
    /// Where one leaves, relative to the root.
    pub leave: String,
    /// What was just saved is shown.
    pub saved: bool,
    /// What was wrong with what was typed, as a sentence.
    pub problem: Option<String>,
    /// Topics to choose from, and what was chosen.
    pub topics: Vec<TopicChoice>,
    /// One issue a week instead of every one.
    pub weekly: bool,
    /// The time zone as it is, or as it was typed.
    pub timezone: String,
    /// The day on which a pause ends, if there is one.
    pub paused_until: Option<String>,
    /// The day that was typed for a pause.
    pub pause_typed: String,
}

/// One topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicChoice {
    /// Its name in lower case, sent as `topic`.
    pub name: String,
    /// Its name as articles and mails write it.
    pub label: String,
    /// Ticked.
    pub chosen: bool,
}
