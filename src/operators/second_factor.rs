//! The second step of a sign-in: a code of the authenticator app, or a recovery code.

use data_encoding::BASE32_NOPAD;
use qrcode::QrCode;
use qrcode::render::svg;
use serde_json::json;

use super::error::OperatorError;
use super::managing::{check_own_password, find};
use super::sessions::{Browser, NewSession, SignedIn, actor_in_console, begin, stored_session};
use super::sign_in::SignInError;
use super::throttle::{self, Guess};
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::sealed::SealedFor;
use crate::domain::sign_in::SessionStage;
use crate::domain::tokens::token_hash;
use crate::domain::totp::{TOTP_SECRET_LENGTH, app_address, in_letters, matching_step};
use crate::store::operators::Operator;
use crate::store::{StoreError, Tx};

/// How many recovery codes an operator gets.
const RECOVERY_CODES: usize = 10;
/// The bytes of a recovery code: 80 bits, which are 16 letters.
const RECOVERY_CODE_LENGTH: usize = 10;
/// The width of the QR code, in pixels.
const QR_WIDTH: u32 = 240;

/// A new secret for an authenticator app, which is not in use before the first code was typed.
pub struct NewSecret {
    /// The secret, encrypted for this operator: the form sends it back.
    pub sealed: String,
    /// The secret as people type it.
    pub letters: String,
    /// The QR code as an SVG picture.
    pub qr_code: String,
}

impl std::fmt::Debug for NewSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewSecret")
    }
}

fn stored_for(operator: &[u8]) -> SealedFor<'_> {
    SealedFor {
        purpose: "totp",
        owner: operator,
    }
}

fn offered_to(operator: &[u8]) -> SealedFor<'_> {
    SealedFor {
        purpose: "totp offer",
        owner: operator,
    }
}

/// Makes a secret for the authenticator app of an operator.
#[must_use]
pub fn new_secret(app: &App, signed_in: &SignedIn) -> NewSecret {
    offer(app, signed_in, &app.rng.bytes::<TOTP_SECRET_LENGTH>())
}

/// Offers the secret of a form again, after a wrong code; `None` if it was not made here for this operator.
#[must_use]
pub fn offered_again(app: &App, signed_in: &SignedIn, sealed: &str) -> Option<NewSecret> {
    let secret = open_offer(app, signed_in, sealed)?;
    Some(offer(app, signed_in, &secret))
}

fn offer(app: &App, signed_in: &SignedIn, secret: &[u8]) -> NewSecret {
    let sealed = app
        .keys
        .seal(offered_to(signed_in.operator_id.0.as_bytes()), app.rng.bytes(), secret);
    NewSecret {
        sealed: BASE32_NOPAD.encode(&sealed),
        letters: in_letters(secret),
        qr_code: qr_code(&app_address(secret, &app.config.site.name, &signed_in.name)),
    }
}

fn open_offer(app: &App, signed_in: &SignedIn, sealed: &str) -> Option<Vec<u8>> {
    let sealed = BASE32_NOPAD.decode(sealed.as_bytes()).ok()?;
    app.keys
        .open_sealed(offered_to(signed_in.operator_id.0.as_bytes()), &sealed)
}

/// An SVG picture; empty if the address is too long for one, which only a very long name of a site can cause.
fn qr_code(address: &str) -> String {
    QrCode::new(address.as_bytes()).map_or(String::new(), |code| {
        let picture = code
            .render::<svg::Color<'_>>()
            .min_dimensions(QR_WIDTH, QR_WIDTH)
            .dark_color(svg::Color("#000"))
            .light_color(svg::Color("#fff"))
            .build();
        // A document has the declaration, a part of a page does not.
        picture
            .split_once("?>")
            .map_or(picture.clone(), |(_, picture)| picture.to_owned())
    })
}

/// Sets up the authenticator app: the operator has typed the password and the first code. Returns the recovery codes, which are shown only
/// now.
///
/// # Errors
/// [`OperatorError::WrongPassword`] or [`OperatorError::WrongCode`].
pub async fn enable_authenticator(
    app: &App,
    signed_in: &SignedIn,
    sealed: &str,
    code: &str,
    password: &str,
) -> Result<Vec<String>, OperatorError> {
    let secret = open_offer(app, signed_in, sealed).ok_or(OperatorError::WrongCode)?;
    check_own_password(app, signed_in, password).await?;
    let step = matching_step(&secret, code, app.clock.now(), 0).ok_or(OperatorError::WrongCode)?;
    let owner = signed_in.operator_id.0;
    let stored = app.keys.seal(stored_for(owner.as_bytes()), app.rng.bytes(), &secret);
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    tx.set_totp(signed_in.operator_id, Some(&stored), step).await?;
    let codes = replace_recovery_codes(&mut tx, app, signed_in).await?;
    let change = Change::of(AuditAction::OperatorTotpEnabled, &signed_in.name);
    audit::record(&mut tx, app, &signed_in.actor(), change).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Makes new recovery codes. The old ones no longer work.
///
/// # Errors
/// [`OperatorError::WrongPassword`].
pub async fn new_recovery_codes(app: &App, signed_in: &SignedIn, password: &str) -> Result<Vec<String>, OperatorError> {
    check_own_password(app, signed_in, password).await?;
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    let codes = replace_recovery_codes(&mut tx, app, signed_in).await?;
    let change = Change::of(AuditAction::OperatorRecoveryCodesMade, &signed_in.name);
    audit::record(&mut tx, app, &signed_in.actor(), change).await?;
    tx.commit().await?;
    Ok(codes)
}

async fn replace_recovery_codes(tx: &mut Tx, app: &App, signed_in: &SignedIn) -> Result<Vec<String>, StoreError> {
    let codes: Vec<String> = (0..RECOVERY_CODES)
        .map(|_| {
            BASE32_NOPAD
                .encode(&app.rng.bytes::<RECOVERY_CODE_LENGTH>())
                .to_lowercase()
        })
        .collect();
    let hashes: Vec<_> = codes.iter().map(token_hash).collect();
    tx.replace_recovery_codes(signed_in.operator_id, &hashes).await?;
    let groups = |code: &String| format!("{}-{}-{}-{}", &code[..4], &code[4..8], &code[8..12], &code[12..]);
    Ok(codes.iter().map(groups).collect())
}

/// Removes the authenticator app of an operator who has typed the password.
///
/// # Errors
/// [`OperatorError::WrongPassword`].
pub async fn disable_authenticator(app: &App, signed_in: &SignedIn, password: &str) -> Result<(), OperatorError> {
    check_own_password(app, signed_in, password).await?;
    let operator = app.store.read().await?.operator(signed_in.operator_id).await?;
    let operator = operator.ok_or_else(|| OperatorError::UnknownOperator(signed_in.name.clone()))?;
    Ok(remove(app, &signed_in.actor(), &operator).await?)
}

/// Removes the authenticator app of an operator who has lost it, as a person at the command line does.
///
/// # Errors
/// [`OperatorError`].
pub async fn reset_authenticator(app: &App, actor: &Actor, name: &str) -> Result<Operator, OperatorError> {
    let operator = find(&mut app.store.read().await?, name).await?;
    remove(app, actor, &operator).await?;
    Ok(operator)
}

async fn remove(app: &App, actor: &Actor, operator: &Operator) -> Result<(), StoreError> {
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    tx.set_totp(operator.id, None, 0).await?;
    tx.replace_recovery_codes(operator.id, &[]).await?;
    let change = Change::of(AuditAction::OperatorTotpDisabled, &operator.name);
    audit::record(&mut tx, app, actor, change).await?;
    tx.commit().await
}

/// How many recovery codes an operator has left; `None` if no authenticator app is set up.
///
/// # Errors
/// If the database fails.
pub async fn authenticator_state(app: &App, signed_in: &SignedIn) -> Result<Option<i64>, StoreError> {
    let mut tx = app.store.read().await?;
    let operator = tx.operator(signed_in.operator_id).await?;
    if operator.is_none_or(|operator| operator.totp_secret.is_none()) {
        return Ok(None);
    }
    Ok(Some(tx.count_recovery_codes(signed_in.operator_id).await?))
}

/// Whether the session of a cookie waits for a code.
///
/// # Errors
/// If the database fails.
pub async fn awaits_code(app: &App, cookie: &str) -> Result<bool, StoreError> {
    let found = stored_session(app, cookie).await?;
    Ok(found.is_some_and(|(session, ..)| session.stage == SessionStage::Code))
}

/// What was typed in the second step of a sign-in.
pub struct CodeAttempt<'a> {
    /// The cookie of the session that waits for the code.
    pub cookie: &'a str,
    /// A code of the app, or a recovery code.
    pub code: &'a str,
    /// The browser from which it came.
    pub browser: Browser<'a>,
    /// The cookie by which the browser is known to the account; may be empty.
    pub device: &'a str,
}

impl std::fmt::Debug for CodeAttempt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeAttempt")
    }
}

/// Completes a sign-in with a code. The session gets a new token.
///
/// # Errors
/// [`SignInError`]. `Expired` if the password has to be typed again.
pub async fn sign_in_with_code(app: &App, attempt: &CodeAttempt<'_>) -> Result<NewSession, SignInError> {
    let found = stored_session(app, attempt.cookie).await?;
    let Some((session, operator, ..)) = found.filter(|(session, ..)| session.stage == SessionStage::Code) else {
        return Err(SignInError::Expired);
    };
    let guess = Guess {
        name: &operator.name,
        operator: Some(&operator),
        network: attempt.browser.network,
        device: attempt.device,
    };
    if !throttle::take(app, &guess).await? {
        tracing::warn!("sign-in refused: too many attempts");
        return Err(SignInError::TooMany);
    }
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    if !use_code(&mut tx, app, &operator, attempt.code).await? {
        tracing::warn!("sign-in refused: wrong code");
        return Err(SignInError::Wrong);
    }
    // Another request may have used the session meanwhile, or the operator may have been removed.
    if !tx.end_session(operator.id, session.id).await? {
        return Err(SignInError::Expired);
    }
    let new = begin(&mut tx, app, &operator, &attempt.browser, SessionStage::Open).await?;
    tx.commit().await?;
    throttle::forget(app, &guess).await?;
    Ok(new)
}

/// Uses a code of the app or a recovery code; false if it is wrong or was used before.
async fn use_code(tx: &mut Tx, app: &App, operator: &Operator, typed: &str) -> Result<bool, StoreError> {
    let current = tx.operator(operator.id).await?;
    let Some(current) = current.filter(|current| current.removed_at.is_none()) else {
        return Ok(false);
    };
    let Some(sealed) = &current.totp_secret else {
        return Ok(false);
    };
    let Some(secret) = app.keys.open_sealed(stored_for(operator.id.0.as_bytes()), sealed) else {
        tracing::error!("the secret of an authenticator app cannot be read; `daywire operator reset-totp` removes it");
        return Ok(false);
    };
    if let Some(step) = matching_step(&secret, typed, app.clock.now(), current.totp_step) {
        return tx.use_totp_step(operator.id, step).await;
    }
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    if !tx
        .use_recovery_code(operator.id, &token_hash(plain.to_ascii_lowercase()), app.clock.now())
        .await?
    {
        return Ok(false);
    }
    let left = tx.count_recovery_codes(operator.id).await?;
    let change = Change::of(AuditAction::OperatorRecoveryCodeUsed, &operator.name).to(json!({ "left": left }));
    audit::record(tx, app, &actor_in_console(operator), change).await?;
    Ok(true)
}
