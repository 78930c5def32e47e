//! The fields of a form that say how a feed is requested. A password and the values of header fields are never shown.

use secrecy::ExposeSecret;

use super::super::field_texts::Problem;
use super::super::forms::field;
use crate::feeds::request_settings::RequestChange;
use crate::ingest::requesting_feeds::{RequestChangeError, header_lines, secret_lines};
use crate::store::feeds::Feed;
use crate::words::Words;

/// What the fields show.
#[derive(Debug, Default)]
pub(super) struct RequestForm {
    pub(super) user_agent: String,
    pub(super) login_name: String,
    /// Whether a password is set.
    pub(super) has_password: bool,
    /// The header fields, a line each, without their values.
    pub(super) headers: String,
    pub(super) is_open: bool,
}

impl RequestForm {
    /// The fields for a feed.
    pub(super) fn of(feed: &Feed) -> Self {
        Self {
            user_agent: feed.user_agent.clone().unwrap_or_default(),
            login_name: feed.login_name.clone().unwrap_or_default(),
            has_password: feed.login_name.is_some(),
            headers: header_lines(feed).join("\n"),
            is_open: true,
        }
    }

    /// The fields as they were sent, without what may be secret.
    pub(super) fn typed(self, body: &[u8]) -> Self {
        let change = change(body);
        Self {
            is_open: self.is_open || is_given(&change),
            user_agent: change.user_agent.unwrap_or_default(),
            login_name: change.login_name.unwrap_or_default(),
            ..self
        }
    }
}

/// The change that a form asks for.
pub(super) fn change(body: &[u8]) -> RequestChange {
    RequestChange {
        user_agent: Some(field(body, "user_agent")),
        login_name: Some(field(body, "login_name")),
        login_password: Some(field(body, "login_password").into()),
        fields: Some(secret_lines(&field(body, "headers"))),
    }
}

/// Whether one of the fields was filled in.
pub(super) fn is_given(change: &RequestChange) -> bool {
    let is_filled = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    let password = change.login_password.as_ref();
    is_filled(change.user_agent.as_deref())
        || is_filled(change.login_name.as_deref())
        || password.is_some_and(|password| !password.expose_secret().is_empty())
        || change.fields.as_ref().is_some_and(|lines| !lines.is_empty())
}

/// The problem that a page shows beside a field.
pub(super) fn problem(words: &Words, error: &RequestChangeError) -> Problem {
    Problem {
        field: error.field(),
        text: words.feed_request_refused(error.to_string()),
    }
}
