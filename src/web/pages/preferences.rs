//! The page where a subscriber changes their preferences for one newsletter.

use askama::Template;

use super::site::Site;

/// GET and POST `/preferences/{token}`
#[derive(Debug, Clone, Template)]
#[template(path = "pages/preferences.html")]
pub struct PreferencesPage {
    pub site: Site,
    /// The name of the newsletter.
    pub newsletter: String,
    /// The path that the form posts to.
    pub action: String,
    /// The path of the unsubscribe page.
    pub unsubscribe: String,
    /// Whether the form was just saved.
    pub saved: bool,
    /// What is wrong with the form, a sentence.
    pub problem: Option<String>,
    pub topics: Vec<TopicChoice>,
    /// One issue a week instead of every issue.
    pub weekly: bool,
    /// The time zone as it is stored or was typed; may be empty.
    pub timezone: String,
    /// The day on which the current pause ends.
    pub paused_until: Option<String>,
    /// Whether the subscription was paused after soft bounces.
    pub paused_after_bounces: bool,
    /// The day that was typed for a pause; may be empty.
    pub pause_typed: String,
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
