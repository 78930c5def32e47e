//! The signed token of the sign-up form, and what it shows about the sender.

use chrono::{DateTime, Utc};

use super::request::SentForm;
use crate::app::App;
use crate::domain::form_token::FormPurpose;
use crate::domain::states::SignupOutcome;
use crate::domain::time::time_delta;
use crate::store::rate_limits::LimitKey;
use crate::store::spent_tokens::SpentKey;

/// The token of a form that is made now.
pub(crate) fn new_form_token(app: &App) -> String {
    app.keys
        .form_token(FormPurpose::SignUp, app.clock.now(), app.rng.bytes())
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
    let network = network.unwrap_or_default();
    Ok(Some((
        app.keys.limit_key("form", &[&opened.nonce, &network]),
        expires_at,
    )))
}
