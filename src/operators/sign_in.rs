//! Signing in to the console with name and password.

use super::passwords::{self, Requester};
use super::sessions::{Browser, NewSession, begin};
use super::throttle::{self, Guess};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::sign_in::SessionStage;
use crate::store::operators::Operator;
use crate::store::{StoreError, Tx};

/// The longest name that is looked up, in bytes.
const MAX_NAME_BYTES: usize = 320;

/// An attempt to sign in.
#[derive(Clone)]
pub struct Attempt<'a> {
    /// The name or the address that was typed.
    pub name: &'a str,
    /// The password that was typed.
    pub password: &'a str,
    /// The browser from which it came.
    pub browser: Browser<'a>,
    /// The cookie by which the browser is known to the account; may be empty.
    pub device: &'a str,
}

impl std::fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attempt")
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// A statement of the database failed, or too many passwords are hashed at the moment.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The name is unknown, or the password or code is wrong. The error does not reveal which.
    #[error("the name or the password is wrong")]
    Wrong,
    /// The password was typed too long ago, or never, and has to be typed again.
    #[error("the sign-in took too long")]
    Expired,
    /// There were too many attempts for the account or from the network.
    #[error("there were too many attempts; try again in a few minutes")]
    TooMany,
}

/// Signs an operator in. Unknown names take the same time as wrong passwords.
///
/// # Errors
/// [`SignInError`].
pub async fn sign_in(app: &App, attempt: &Attempt<'_>) -> Result<NewSession, SignInError> {
    let name = attempt.name.trim().to_lowercase();
    let operator = if name.len() <= MAX_NAME_BYTES {
        look_up(&mut app.store.read().await?, &name).await?
    } else {
        None
    };
    let guess = Guess {
        name: &name,
        operator: operator.as_ref(),
        network: attempt.browser.network,
        device: attempt.device,
    };
    if !throttle::take(app, &guess).await? {
        tracing::warn!("sign-in refused: too many attempts");
        return Err(SignInError::TooMany);
    }
    let hash = operator.as_ref().and_then(|operator| operator.password_hash.as_deref());
    let requester = if guess.is_known_device(app) {
        Requester::Known
    } else {
        Requester::Stranger
    };
    let is_right = passwords::verify(app, requester, attempt.password, hash).await?;
    let Some(operator) = operator.as_ref().filter(|_| is_right) else {
        tracing::warn!("sign-in refused: wrong name or password");
        return Err(SignInError::Wrong);
    };
    let stage = next_stage(operator);
    // Only the last step may forget the guesses. Otherwise typing the password again would permit any number of guesses at the code.
    if stage == SessionStage::Open {
        throttle::forget(app, &guess).await?;
    }
    let mut tx = app.store.write().await?;
    // The password may have been changed, or the operator removed, while this one was hashed.
    tx.lock_operators().await?;
    let current = tx.operator(operator.id).await?;
    if current.is_none_or(|current| current.password_hash != operator.password_hash) {
        return Err(SignInError::Wrong);
    }
    let session = begin(&mut tx, app, operator, &attempt.browser, stage).await?;
    tx.commit().await?;
    Ok(session)
}

/// How far a session is when the first step of the sign-in was right.
pub(super) fn next_stage(operator: &Operator) -> SessionStage {
    if operator.totp_secret.is_some() {
        SessionStage::Code
    } else {
        SessionStage::Open
    }
}

/// The operator with this name or address.
pub(super) async fn look_up(tx: &mut Tx, name: &str) -> Result<Option<Operator>, StoreError> {
    if let Some(operator) = tx.operator_by_name(name).await? {
        return Ok(Some(operator));
    }
    match EmailAddress::parse(name) {
        Ok(address) => tx.operator_by_email(&address).await,
        Err(_) => Ok(None),
    }
}
