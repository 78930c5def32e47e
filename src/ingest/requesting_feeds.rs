//! How each feed is requested: the settings of its row, and a change of them. The password and the header fields are stored encrypted.

use secrecy::SecretString;
use serde_json::json;

use crate::app::App;
use crate::domain::ids::FeedId;
use crate::domain::sealed::SealedFor;
use crate::feeds::request_settings::{
    Login, RequestChange, RequestField, RequestSettings, RequestSettingsError, UserAgent,
};
use crate::store::feeds::Feed;

/// The password and the header fields cannot be decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its login and header fields were encrypted with another secrets.key; set them again")]
pub(crate) struct SecretsLost;

/// Why the settings of a feed's requests were not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestChangeError {
    #[error(transparent)]
    Settings(#[from] RequestSettingsError),
    #[error(transparent)]
    Lost(#[from] SecretsLost),
}

impl RequestChangeError {
    /// The field that it is about, as the API and the console name it.
    pub(crate) const fn field(&self) -> &'static str {
        match self {
            Self::Settings(RequestSettingsError::UserAgent) => "user_agent",
            Self::Settings(RequestSettingsError::LoginName | RequestSettingsError::NoLoginName) => "login_name",
            Self::Lost(_) | Self::Settings(RequestSettingsError::NoPassword | RequestSettingsError::Password) => {
                "login_password"
            }
            Self::Settings(_) => "headers",
        }
    }
}

fn sealed_for(id: &FeedId) -> SealedFor<'_> {
    SealedFor {
        purpose: "feed",
        owner: id.0.as_bytes(),
    }
}

/// How a feed is requested, without its login and its header fields.
fn without_secrets(feed: &Feed) -> RequestSettings {
    RequestSettings {
        user_agent: feed.user_agent.as_deref().and_then(UserAgent::parse),
        ..RequestSettings::default()
    }
}

/// How a feed is requested.
pub(super) fn settings_of(app: &App, feed: &Feed) -> Result<RequestSettings, SecretsLost> {
    let without_secrets = without_secrets(feed);
    let Some(sealed) = &feed.request_secrets else {
        return Ok(without_secrets);
    };
    let opened = app.keys.open_sealed(sealed_for(&feed.id), sealed).ok_or(SecretsLost)?;
    let opened = String::from_utf8(opened).map_err(|_| SecretsLost)?;
    let mut lines = opened.lines().map(SecretString::from);
    // The password is on the first line, which is empty without a login.
    let change = RequestChange {
        user_agent: None,
        login_name: feed.login_name.clone(),
        login_password: lines.next(),
        fields: Some(lines.collect()),
    };
    without_secrets.changed(&change).map_err(|_| SecretsLost)
}

/// Puts settings into the row of a feed.
pub(super) fn put_into(app: &App, feed: &mut Feed, settings: &RequestSettings) {
    feed.user_agent = settings.user_agent.as_ref().map(|own| own.as_str().to_owned());
    feed.login_name = settings.login.as_ref().map(|login| login.name().to_owned());
    let names: Vec<_> = settings.fields.iter().map(RequestField::name).collect();
    feed.header_names = names.join(" ");
    feed.request_secrets = settings.has_secrets().then(|| {
        let mut lines = settings.login.as_ref().map_or("", Login::password).to_owned();
        for field in &settings.fields {
            lines.extend(["\n", &field.line()]);
        }
        app.keys.seal(sealed_for(&feed.id), app.rng.bytes(), lines.as_bytes())
    });
}

/// The settings of a feed's requests after a change; `None` if it changes nothing.
///
/// # Errors
/// [`RequestChangeError`]. After a loss of the key only a change of login and fields together is possible.
pub(crate) fn changed(
    app: &App,
    feed: &Feed,
    change: &RequestChange,
) -> Result<Option<RequestSettings>, RequestChangeError> {
    if change.is_empty() {
        return Ok(None);
    }
    let settings = match settings_of(app, feed) {
        Err(_) if change.login_name.is_some() && change.fields.is_some() => without_secrets(feed),
        settings => settings?,
    };
    Ok(Some(settings.changed(change)?))
}

/// The further header fields of a feed, a line each, without their values.
pub(crate) fn header_lines(feed: &Feed) -> Vec<String> {
    let names = feed.header_names.split_whitespace();
    names.map(|name| format!("{name}:")).collect()
}

/// What the audit log shows: no value that may be secret.
pub(super) fn audited(feed: &Feed) -> serde_json::Value {
    json!({
        "user_agent": feed.user_agent,
        "login": feed.login_name.is_some(),
        "headers": feed.header_names,
    })
}

/// The lines of a text, each of which may have a secret.
pub(crate) fn secret_lines(text: &str) -> Vec<SecretString> {
    text.lines().map(SecretString::from).collect()
}
