//! The fields of a form that say how a feed is requested. A password and the values of header fields are never shown. The form that
//! follows a page with several feeds has them encrypted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

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

/// The change that a form asks for.
pub(super) fn change(body: &[u8]) -> RequestChange {
    RequestChange {
        user_agent: Some(field(body, "user_agent")),
        login_name: Some(field(body, "login_name")),
        login_password: Some(field(body, "login_password").into()),
        fields: Some(secret_lines(&field(body, "headers"))),
    }
}

/// What a form of this session keeps. Only the session in which it was typed can use it.
const fn kept_for(signed_in: &SignedIn) -> SealedFor<'_> {
    SealedFor {
        purpose: "feed form",
        owner: signed_in.session_id.0.as_bytes(),
    }
}

/// What was typed, encrypted for the field `request` of the next form; `None` if nothing was.
pub(super) fn to_keep(app: &App, signed_in: &SignedIn, change: &RequestChange) -> Option<String> {
    if !is_given(change) {
        return None;
    }
    let exposed = |secret: &SecretString| secret.expose_secret().to_owned();
    let fields = change.fields.iter().flatten().map(exposed);
    let typed = Kept {
        user_agent: change.user_agent.clone().unwrap_or_default(),
        login_name: change.login_name.clone().unwrap_or_default(),
        login_password: change.login_password.as_ref().map(exposed).unwrap_or_default(),
        fields: fields.collect(),
    };
    let typed = serde_json::to_vec(&typed).ok()?;
    let sealed = app.keys.seal(kept_for(signed_in), app.rng.bytes(), &typed);
    Some(URL_SAFE_NO_PAD.encode(sealed))
}

/// What the form before this one kept; `None` if it kept nothing, or another session typed it.
pub(super) fn kept(app: &App, signed_in: &SignedIn, body: &[u8]) -> Option<RequestChange> {
    let sealed = URL_SAFE_NO_PAD.decode(field(body, "request")).ok()?;
    let typed = app.keys.open_sealed(kept_for(signed_in), &sealed)?;
    let typed: Kept = serde_json::from_slice(&typed).ok()?;
    Some(RequestChange {
        user_agent: Some(typed.user_agent),
        login_name: Some(typed.login_name),
        login_password: Some(typed.login_password.into()),
        fields: Some(typed.fields.into_iter().map(SecretString::from).collect()),
    })
}

/// The values of the fields, as they were typed.
#[derive(Serialize, Deserialize)]
struct Kept {
    user_agent: String,
    login_name: String,
    login_password: String,
    fields: Vec<String>,
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
