//! The signed token of the sign-up form, and what it shows about the sender.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::request::SentForm;
use super::request_limits::network_permits;
use crate::app::App;
use crate::domain::form_token::{FormPurpose, FormToken};
use crate::domain::states::SignupOutcome;
use crate::domain::time::time_delta;
use crate::store::rate_limits::LimitKey;
use crate::store::spent_tokens::SpentKey;

/// The token of a form that is made now.
pub(crate) fn new_form_token(app: &App) -> String {
    app.keys
        .form_token(FormPurpose::SignUp, app.clock.now(), app.rng.bytes())
}

/// The token of a form that is shown again. It is as old as the one before, because a reader who corrects a letter is fast.
pub(crate) fn renewed_form_token(app: &App, previous: &str) -> String {
    let oldest = app.clock.now() - time_delta(app.config.signup.form_max_age) / 2;
    let opened = app.keys.open_form_token(FormPurpose::SignUp, previous);
    let made_at = opened.map(|opened| opened.made_at).filter(|made_at| *made_at > oldest);
    let made_at = made_at.unwrap_or_else(|| app.clock.now());
    app.keys.form_token(FormPurpose::SignUp, made_at, app.rng.bytes())
}

/// Checks the token of a form. Returns the key under which its use is recorded; `None` for a request without a form of ours.
///
/// A network can use a token once. Readers of other networks may have got the same page from a shared cache.
pub(super) fn check_form(
    app: &App,
    form: &SentForm,
    network: Option<LimitKey>,
) -> Result<Option<(SpentKey, DateTime<Utc>)>, SignupOutcome> {
    let SentForm::Token(token) = form else {
        return Ok(None);
    };
    if token.is_empty() {
        return Err(SignupOutcome::FormWithoutToken);
    }
    let settings = &app.config.signup;
    let now = app.clock.now();
    let opened = app.keys.open_form_token(FormPurpose::SignUp, token);
    let opened = opened.ok_or(SignupOutcome::FormForged)?;
    if now < opened.made_at + time_delta(settings.form_min_age) {
        return Err(SignupOutcome::FormTooFast);
    }
    let expires_at = opened.made_at + time_delta(settings.form_max_age);
    if now > expires_at {
        return Err(SignupOutcome::FormTooOld);
    }
    Ok(Some((spent_key(app, &opened, network), expires_at)))
}

/// The key under which the use of a form by a client's network is recorded. `None` if the client must get a new form: no key of ours made
/// the token, or half of the time has passed in which it can be sent. So a reader always has the other half to fill in the form.
pub(crate) fn key_of_shown_form(app: &App, token: &str, client: IpAddr) -> Option<SpentKey> {
    let opened = app.keys.open_form_token(FormPurpose::SignUp, token)?;
    let age = app.clock.now() - opened.made_at;
    let is_fresh = age >= TimeDelta::zero() && age < time_delta(app.config.signup.form_max_age) / 2;
    let network = network_permits(app, client).first().map(|permit| permit.key);
    is_fresh.then(|| spent_key(app, &opened, network))
}

fn spent_key(app: &App, form: &FormToken, network: Option<LimitKey>) -> SpentKey {
    app.keys.limit_key("form", &[&form.nonce, &network.unwrap_or_default()])
}
