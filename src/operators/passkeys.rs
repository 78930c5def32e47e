//! Passkeys ([WebAuthn](https://www.w3.org/TR/webauthn-3/)): an operator signs in with a key that a device keeps and uses only for a person
//! whom it has verified. So a passkey counts as both factors.

use std::net::IpAddr;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::challenges::{answered, ask};
use super::error::{MAX_PASSKEY_NAME_CHARS, OperatorError};
use super::managing::{check_own_password, find};
use super::sessions::{Browser, NewSession, SignedIn, actor_in_console, begin};
use super::sign_in::SignInError;
use super::throttle;
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::PasskeyId;
use crate::domain::sign_in::{ChallengePurpose, SessionStage};
use crate::store::StoreError;
use crate::store::operators::Operator;
use crate::store::passkeys::StoredPasskey;
use crate::text::plain::plain_line;

/// The longest answer of a browser that is read, in bytes. A device may add a certificate of its maker, although none is asked for.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// A WebAuthn challenge for the browser.
pub struct PasskeyChallenge {
    /// The browser sends it back with the answer.
    pub token: String,
    /// The options for `navigator.credentials`, with base64url in the place of bytes.
    pub options: Value,
}

impl std::fmt::Debug for PasskeyChallenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasskeyChallenge")
    }
}

/// The WebAuthn relying party: a passkey belongs to the host of `site.url`, and answers come from its pages only. `None` if the site has no
/// host name, because browsers make passkeys for host names only.
fn relying_party(app: &App) -> Option<Webauthn> {
    let site = &app.config.site;
    // webauthn-rs logs an IP address as an error.
    site.url.as_url().domain()?;
    let builder = WebauthnBuilder::new(site.url.host(), site.url.as_url()).ok()?;
    builder.rp_name(&site.name).build().ok()
}

/// Whether operators of this site can have passkeys: it has a host name.
#[must_use]
pub fn can_have_passkeys(app: &App) -> bool {
    relying_party(app).is_some()
}

/// What a browser sent; `None` if it is too long or no such answer.
fn parse_answer<T: DeserializeOwned>(text: &str) -> Option<T> {
    (text.len() <= MAX_ANSWER_BYTES).then(|| serde_json::from_str(text).ok())?
}

/// Asks the browser of an operator who has typed the password to make a passkey.
///
/// # Errors
/// [`OperatorError::PasskeyName`], [`OperatorError::WrongPassword`], [`OperatorError::TooMany`], or [`OperatorError::Passkey`] if the site
/// has no host name.
pub async fn ask_for_new_passkey(
    app: &App,
    signed_in: &SignedIn,
    name: &str,
    password: &str,
) -> Result<PasskeyChallenge, OperatorError> {
    parse_name(name)?;
    check_own_password(app, signed_in, password).await?;
    let known = app.store.read().await?.passkeys(signed_in.operator_id).await?;
    let known = known.into_iter().map(|passkey| passkey.credential_id);
    let webauthn = relying_party(app).ok_or(OperatorError::Passkey)?;
    let (options, state) = webauthn
        .start_passkey_registration(
            signed_in.operator_id.0,
            &signed_in.name,
            &signed_in.name,
            Some(known.collect()),
        )
        .map_err(|error| refused(&error))?;
    let mut options = json!(options);
    // The device must be able to list the passkey, because the sign-in asks for no name.
    let selection = &mut options["publicKey"]["authenticatorSelection"];
    selection["residentKey"] = json!("required");
    selection["requireResidentKey"] = json!(true);
    let purpose = ChallengePurpose::PasskeyRegistration;
    let token = ask(app, purpose, Some(signed_in.operator_id), &state).await?;
    Ok(PasskeyChallenge { token, options })
}

fn refused(error: &WebauthnError) -> OperatorError {
    tracing::warn!(reason = %error, "passkey refused");
    OperatorError::Passkey
}

/// Adds the passkey that a browser made.
///
/// # Errors
/// [`OperatorError::PasskeyName`], or [`OperatorError::Passkey`] if the answer does not fit the challenge.
pub async fn add_passkey(
    app: &App,
    signed_in: &SignedIn,
    name: &str,
    token: &str,
    answer: &str,
) -> Result<(), OperatorError> {
    let name = parse_name(name)?;
    let purpose = ChallengePurpose::PasskeyRegistration;
    let state: Option<PasskeyRegistration> = answered(app, purpose, Some(signed_in.operator_id), token).await?;
    let answer: Option<RegisterPublicKeyCredential> = parse_answer(answer);
    let (state, answer) = state.zip(answer).ok_or(OperatorError::Passkey)?;
    let webauthn = relying_party(app).ok_or(OperatorError::Passkey)?;
    let passkey = webauthn
        .finish_passkey_registration(&answer, &state)
        .map_err(|error| refused(&error))?;
    let now = app.clock.now();
    let stored = StoredPasskey {
        id: PasskeyId(app.rng.uuid(now)),
        operator_id: signed_in.operator_id,
        credential_id: passkey.cred_id().clone(),
        credential: as_json(&passkey),
        name,
        created_at: now,
        last_used_at: None,
    };
    let mut tx = app.store.write().await?;
    // An operator who is removed at the same time must not keep a passkey.
    tx.lock_operators().await?;
    let operator = find(&mut tx, &signed_in.name).await?;
    if !tx.add_passkey(&stored).await? {
        return Err(OperatorError::Passkey);
    }
    let change = Change::of(AuditAction::OperatorPasskeyAdded, &operator.name).to(json!({ "passkey": stored.name }));
    audit::record(&mut tx, app, &signed_in.actor(), change).await?;
    tx.commit().await?;
    Ok(())
}

fn as_json(passkey: &Passkey) -> String {
    serde_json::to_string(passkey).expect("a passkey has no map with keys other than text")
}

fn parse_name(text: &str) -> Result<String, OperatorError> {
    let name = plain_line(text.trim());
    let is_valid = !name.is_empty() && name.chars().count() <= usize::from(MAX_PASSKEY_NAME_CHARS);
    is_valid.then_some(name).ok_or(OperatorError::PasskeyName)
}

/// Removes a passkey of the operator; returns false if it was removed before.
///
/// # Errors
/// If the database fails.
pub async fn remove_passkey(app: &App, signed_in: &SignedIn, id: PasskeyId) -> Result<bool, StoreError> {
    let mut tx = app.store.write().await?;
    let Some(name) = tx.remove_passkey(signed_in.operator_id, id).await? else {
        return Ok(false);
    };
    let change = Change::of(AuditAction::OperatorPasskeyRemoved, &signed_in.name).from(json!({ "passkey": name }));
    audit::record(&mut tx, app, &signed_in.actor(), change).await?;
    tx.commit().await?;
    Ok(true)
}

/// Removes all passkeys of an operator who has lost a device, as a person at the command line does.
///
/// # Errors
/// [`OperatorError::UnknownOperator`].
pub async fn remove_passkeys(app: &App, actor: &Actor, name: &str) -> Result<Operator, OperatorError> {
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    let operator = find(&mut tx, name).await?;
    let removed = tx.remove_passkeys(operator.id).await?;
    if removed > 0 {
        let change =
            Change::of(AuditAction::OperatorPasskeyRemoved, &operator.name).from(json!({ "passkeys": removed }));
        audit::record(&mut tx, app, actor, change).await?;
        tx.commit().await?;
    }
    Ok(operator)
}

/// Asks a browser to sign with any passkey for this site.
///
/// # Errors
/// [`SignInError::TooMany`], or [`SignInError::Wrong`] if the site has no host name.
pub async fn ask_for_passkey(app: &App, network: IpAddr) -> Result<PasskeyChallenge, SignInError> {
    let webauthn = relying_party(app).ok_or(SignInError::Wrong)?;
    if !throttle::take_challenge(app, network).await? {
        return Err(SignInError::TooMany);
    }
    let (options, state) = webauthn
        .start_discoverable_authentication()
        .map_err(|error| wrong(&error))?;
    let mut options = json!(options);
    // `mediation: conditional` would only offer passkeys in the autofill of the name field. The button must open the dialog at once.
    if let Some(options) = options.as_object_mut() {
        options.remove("mediation");
    }
    let token = ask(app, ChallengePurpose::PasskeySignIn, None, &state).await?;
    Ok(PasskeyChallenge { token, options })
}

fn wrong(error: &WebauthnError) -> SignInError {
    tracing::warn!(reason = %error, "sign-in refused: passkey");
    SignInError::Wrong
}

/// Signs in with the answer of a browser. No code is asked for.
///
/// # Errors
/// [`SignInError`]. `Expired` if the challenge was answered before or is too old.
pub async fn sign_in_with_passkey(
    app: &App,
    token: &str,
    answer: &str,
    browser: &Browser<'_>,
) -> Result<NewSession, SignInError> {
    let state: Option<DiscoverableAuthentication> = answered(app, ChallengePurpose::PasskeySignIn, None, token).await?;
    let state = state.ok_or(SignInError::Expired)?;
    let answer: PublicKeyCredential = parse_answer(answer).ok_or(SignInError::Wrong)?;
    let webauthn = relying_party(app).ok_or(SignInError::Wrong)?;
    let (owner, credential_id) = webauthn
        .identify_discoverable_authentication(&answer)
        .map_err(|error| wrong(&error))?;
    let mut tx = app.store.read().await?;
    let stored = tx.passkey_by_credential(credential_id).await?;
    drop(tx);
    // The device names the operator too, and both must agree.
    let stored = stored.filter(|stored| stored.operator_id.0 == owner);
    let stored = stored.ok_or(SignInError::Wrong)?;
    let Ok(mut passkey) = serde_json::from_str::<Passkey>(&stored.credential) else {
        tracing::error!("a passkey is stored damaged; `daywire operator remove-passkeys` removes it");
        return Err(SignInError::Wrong);
    };
    let used = match webauthn.finish_discoverable_authentication_v2(&answer, state, &passkey) {
        Ok(used) => used,
        Err(WebauthnError::CredentialPossibleCompromise) => {
            record_copy(app, &stored).await?;
            return Err(SignInError::Wrong);
        }
        Err(error) => return Err(wrong(&error)),
    };
    passkey.update_credential(&used);
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    let operator = tx.operator(stored.operator_id).await?;
    let operator = operator.filter(|operator| operator.removed_at.is_none());
    let operator = operator.ok_or(SignInError::Wrong)?;
    if !tx.use_passkey(&stored, &as_json(&passkey), app.clock.now()).await? {
        return Err(SignInError::Wrong);
    }
    let session = begin(&mut tx, app, &operator, browser, SessionStage::Open).await?;
    tx.commit().await?;
    Ok(session)
}

/// Records that a passkey counted fewer signatures than before: there may be a copy of it.
async fn record_copy(app: &App, stored: &StoredPasskey) -> Result<(), StoreError> {
    tracing::warn!("sign-in refused: a passkey counted fewer signatures than before, so there may be a copy of it");
    let mut tx = app.store.write().await?;
    let Some(operator) = tx.operator(stored.operator_id).await? else {
        return Ok(());
    };
    let change = Change::of(AuditAction::OperatorPasskeyRefused, &operator.name).to(json!({ "passkey": stored.name }));
    audit::record(&mut tx, app, &actor_in_console(&operator), change).await?;
    tx.commit().await
}
