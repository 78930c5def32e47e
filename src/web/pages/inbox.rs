//! The pages of the inbox, which shows captured mail while no relay is set.

use askama::Template;

use super::site::{Site, Stamp};

/// The page of GET `/inbox`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/inbox.html")]
pub struct InboxPage {
    pub site: Site,
    /// The latest message first.
    pub messages: Vec<InboxLine>,
}

/// A captured message in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxLine {
    /// The id in `/inbox/{id}`.
    pub id: String,
    pub subject: String,
    /// The sender in the From header.
    pub from: String,
    /// The recipient of the envelope.
    pub to: String,
    /// When it was captured.
    pub time: Stamp,
    /// The size of the message as received.
    pub bytes: usize,
}

/// The part of a message that is shown: `?show=text` and `?show=source` choose, and HTML is the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxView {
    /// The HTML part, in a sandboxed iframe that loads `/inbox/{id}/html`.
    Html,
    /// The plain-text part, decoded.
    Text(String),
    /// The message as received.
    Source(String),
}

/// The page of GET `/inbox/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/inbox_message.html")]
pub struct InboxMessagePage {
    pub site: Site,
    pub message: InboxLine,
    pub view: InboxView,
    /// The message's `http` and `https` links in order. The sandboxed iframe opens no links, so the page lists them.
    pub links: Vec<String>,
}
