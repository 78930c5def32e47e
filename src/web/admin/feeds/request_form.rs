//! The fields of a form that say how a feed is requested. A password and the values of header fields are never shown. The form that
//! follows a page with several feeds has them encrypted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use url::form_urlencoded;

use super::super::field_texts::Problem;
use super::super::forms::field;
use crate::app::App;
use crate::domain::sealed::SealedFor;
use crate::feeds::request_settings::RequestChange;
use crate::ingest::requesting_feeds::{RequestChangeError, header_lines, secret_lines};
use crate::operators::SignedIn;
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
    /// What was typed, encrypted for the next form.
    pub(super) kept: Option<String>,
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
            kept: None,
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

/// The names of the fields.
const FIELDS: [&str; 4] = ["user_agent", "login_name", "login_password", "headers"];

/// The change that a form asks for.
pub(super) fn change(body: &[u8]) -> RequestChange {
    let [user_agent, login_name, login_password, headers] = FIELDS.map(|name| field(body, name));
    RequestChange {
        user_agent: Some(user_agent),
        login_name: Some(login_name),
        login_password: Some(login_password.into()),
        fields: Some(secret_lines(&headers)),
    }
}

/// What a form of this session keeps. Only the session in which it was typed can use it.
const fn kept_for(signed_in: &SignedIn) -> SealedFor<'_> {
    SealedFor {
        purpose: "feed form",
        owner: signed_in.session_id.0.as_bytes(),
    }
}

/// The fields of a form, encrypted for the field `request` of the next form; `None` if none was filled in.
pub(super) fn to_keep(app: &App, signed_in: &SignedIn, body: &[u8]) -> Option<String> {
    if !is_given(&change(body)) {
        return None;
    }
    let fields = FIELDS.map(|name| (name, field(body, name)));
    let fields = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let sealed = app.keys.seal(kept_for(signed_in), app.rng.bytes(), fields.as_bytes());
    Some(URL_SAFE_NO_PAD.encode(sealed))
}

/// The fields that the form before this one kept; `None` if it kept nothing, or another session typed it.
pub(super) fn kept(app: &App, signed_in: &SignedIn, body: &[u8]) -> Option<Vec<u8>> {
    let sealed = URL_SAFE_NO_PAD.decode(field(body, "request")).ok()?;
    app.keys.open_sealed(kept_for(signed_in), &sealed)
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
