//! The inbox of captured mail, for running without a relay.

use askama::Template;

use super::{Site, Stamp};

/// GET `/inbox`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/inbox.html")]
pub struct InboxPage {
    /// The site.
    pub site: Site,
    /// The messages, newest first.
    pub messages: Vec<InboxLine>,
}

/// One captured message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxLine {
    /// Its id in `/inbox/{id}`.
    pub id: String,
    /// The subject.
    pub subject: String,
    /// The sender in the From header.
    pub from: String,
    /// The recipient of the envelope.
    pub to: String,
    /// When it was captured.
    pub time: Stamp,
    /// Bytes as received.
    pub bytes: usize,
}

/// What of a message is shown; chosen by `?show=text` or `?show=source`, else [`InboxView::Html`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxView {
    /// The HTML part, in a sandboxed frame that loads `/inbox/{id}/html`.
    Html,
    /// The text part.
    Text(String),
    /// The message as received.
    Source(String),
}

/// GET `/inbox/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/inbox_message.html")]
pub struct InboxMessagePage {
    /// The site.
    pub site: Site,
    /// The message.
    pub message: InboxLine,
    /// What of it is shown.
    pub view: InboxView,
    /// Its `http` and `https` links in order, to open outside the frame, which opens none.
    pub links: Vec<String>,
}
