//! Signing in at an identity provider. It replaces the password; the code of an authenticator app is still asked for.
//!
//! The provider signs in only operators whom an owner has added: the first time by an address that the provider has verified, later by the
//! account, which keeps its id if the address changes.

use std::net::IpAddr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::challenges::{answered, ask};
use super::error::OperatorError;
use super::managing::find;
use super::provider_client::{Person, ProviderClient, ProviderFault, Secrets};
use super::sessions::{Browser, NewSession, actor_in_console, begin};
use super::sign_in::next_stage;
use super::throttle;
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::sign_in::ChallengePurpose;
use crate::domain::tokens::token_hash;
use crate::store::operators::Operator;
use crate::store::{StoreError, Tx};

/// The longest subject that is accepted, in bytes ([OpenID Connect Core 1.0 §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)).
const MAX_SUBJECT_BYTES: usize = 255;

/// Why the provider signed nobody in.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There were too many attempts from the network.
    #[error("there were too many attempts; try again in a few minutes")]
    TooMany,
    /// The sign-in was answered before, is too old, or began in another browser.
    #[error("the sign-in was answered before, took too long, or began in another browser")]
    Expired,
    /// The provider or the person there refused.
    #[error("the provider signed nobody in")]
    Denied,
    /// The provider cannot be reached, or it and the settings disagree.
    #[error("the provider cannot be reached, or its settings are wrong")]
    Unavailable,
    /// The answer of the provider must not be accepted.
    #[error("the answer of the provider is not valid")]
    Invalid,
    /// The provider does not say that the person has an address.
    #[error("the provider has not verified an address")]
    Unverified,
    /// No operator has the address.
    #[error("no operator has the address")]
    NotInvited,
    /// The operator with the address signs in with another account at the provider.
    #[error("the operator with this address has another account at the provider")]
    OtherAccount,
}

/// The authorization request: a sign-in that the browser continues at the provider.
pub struct AuthorizationRequest {
    /// The page of the provider.
    pub url: String,
    /// The value of the cookie by which the browser is known when it comes back.
    pub cookie: String,
}

impl std::fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthorizationRequest")
    }
}

/// The authorization response, which the browser brings from the provider. A field that it lacks is empty.
pub struct AuthorizationResponse<'a> {
    /// The token of the sign-in.
    pub state: &'a str,
    /// What the provider changes into tokens.
    pub code: &'a str,
    /// The issuer that the provider names, if it does ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207)).
    pub issuer: &'a str,
    /// The cookie of the browser.
    pub cookie: &'a str,
}

impl std::fmt::Debug for AuthorizationResponse<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthorizationResponse")
    }
}

/// A sign-in that has begun: the response is checked with it.
#[derive(Serialize, Deserialize)]
struct PendingSignIn {
    cookie_hash: Vec<u8>,
    nonce: String,
    verifier: String,
    next: String,
}

/// The identity provider of the site. Each process keeps the endpoints and keys of the provider for ten minutes.
#[derive(Debug)]
pub struct IdentityProvider(ProviderClient);

impl IdentityProvider {
    /// The provider in the settings; `None` if there is none.
    #[must_use]
    pub fn new(app: &App) -> Option<Self> {
        ProviderClient::new(app).map(Self)
    }

    /// The name of the provider for people.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Begins a sign-in, after which the browser is redirected to `next`.
    ///
    /// # Errors
    /// [`ProviderError::TooMany`], [`ProviderError::Unavailable`].
    pub async fn begin(&self, app: &App, network: IpAddr, next: &str) -> Result<AuthorizationRequest, ProviderError> {
        if !throttle::take_challenge(app, network).await? {
            return Err(ProviderError::TooMany);
        }
        let cookie = HEXLOWER.encode(&app.rng.bytes::<32>());
        let pending = PendingSignIn {
            cookie_hash: token_hash(&cookie).to_vec(),
            nonce: BASE64URL_NOPAD.encode(&app.rng.bytes::<32>()),
            verifier: BASE64URL_NOPAD.encode(&app.rng.bytes::<32>()),
            next: next.to_owned(),
        };
        let state = ask(app, ChallengePurpose::IdentityProvider, None, &pending).await?;
        let page = self.0.sign_in_page(app.clock.now(), &state, pending.secrets()).await;
        let url = page.map_err(error_of)?.into();
        Ok(AuthorizationRequest { url, cookie })
    }

    /// Completes a sign-in. Returns the session and the page to which the browser is redirected.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn sign_in(
        &self,
        app: &App,
        answer: &AuthorizationResponse<'_>,
        browser: &Browser<'_>,
    ) -> Result<(NewSession, String), ProviderError> {
        let stored: Option<PendingSignIn> =
            answered(app, ChallengePurpose::IdentityProvider, None, answer.state).await?;
        // The cookie binds the code to the browser: a stolen code is useless elsewhere, and nobody can sign another person's browser in
        // to their own account (login CSRF).
        let pending = stored.filter(|stored| stored.cookie_hash == token_hash(answer.cookie));
        let pending = pending.ok_or(ProviderError::Expired)?;
        if !answer.issuer.is_empty() && answer.issuer != self.0.issuer() {
            return Err(error_of(ProviderFault::Invalid("another issuer answered".to_owned())));
        }
        if answer.code.is_empty() {
            tracing::warn!("sign-in refused: the identity provider gave no code");
            return Err(ProviderError::Denied);
        }
        let identified = self.0.identify(app.clock.now(), answer.code, pending.secrets()).await;
        let person = identified.map_err(error_of)?;
        if person.subject.is_empty() || person.subject.len() > MAX_SUBJECT_BYTES {
            return Err(error_of(ProviderFault::Invalid(
                "the subject is empty or too long".to_owned(),
            )));
        }
        let mut tx = app.store.write().await?;
        tx.lock_operators().await?;
        let operator = self.operator_of(&mut tx, app, &person).await?;
        let session = begin(&mut tx, app, &operator, browser, next_stage(&operator)).await?;
        tx.commit().await?;
        Ok((session, pending.next))
    }

    /// The operator to whom an account belongs. An account that is new belongs to the operator with its address.
    async fn operator_of(&self, tx: &mut Tx, app: &App, person: &Person) -> Result<Operator, ProviderError> {
        let (now, issuer) = (app.clock.now(), self.0.issuer());
        if let Some(id) = tx.use_identity(issuer, &person.subject, now).await? {
            let operator = tx.operator(id).await?.filter(|operator| operator.removed_at.is_none());
            return operator.ok_or_else(|| refused(ProviderError::NotInvited));
        }
        let email = person.email.as_deref().filter(|_| person.is_email_verified);
        let email = email.and_then(|email| EmailAddress::parse(email).ok());
        let email = email.ok_or_else(|| refused(ProviderError::Unverified))?;
        let operator = tx.operator_by_email(&email).await?;
        let operator = operator.ok_or_else(|| refused(ProviderError::NotInvited))?;
        // The address may belong to another person now.
        if !tx.add_identity(issuer, &person.subject, operator.id, now).await? {
            return Err(refused(ProviderError::OtherAccount));
        }
        let change = Change::of(AuditAction::OperatorIdentityLinked, &operator.name).to(json!({ "issuer": issuer }));
        audit::record(tx, app, &actor_in_console(&operator), change).await?;
        Ok(operator)
    }
}

impl PendingSignIn {
    fn secrets(&self) -> Secrets<'_> {
        Secrets {
            nonce: &self.nonce,
            verifier: &self.verifier,
        }
    }
}

fn refused(error: ProviderError) -> ProviderError {
    tracing::warn!(reason = %error, "sign-in refused: identity provider");
    error
}

fn error_of(fault: ProviderFault) -> ProviderError {
    match fault {
        ProviderFault::Unavailable(reason) => {
            tracing::error!(reason, "identity provider not usable; check operators.oidc");
            ProviderError::Unavailable
        }
        ProviderFault::Invalid(reason) => {
            tracing::warn!(reason, "sign-in refused: identity provider");
            ProviderError::Invalid
        }
    }
}

/// Unlinks an operator from all accounts at identity providers, as a person at the command line does. The next sign-in with the operator's
/// address links the account that it comes from.
///
/// # Errors
/// [`OperatorError::UnknownOperator`].
pub async fn unlink(app: &App, actor: &Actor, name: &str) -> Result<Operator, OperatorError> {
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    let operator = find(&mut tx, name).await?;
    let removed = tx.remove_identities(operator.id).await?;
    if removed > 0 {
        let change =
            Change::of(AuditAction::OperatorIdentityUnlinked, &operator.name).from(json!({ "accounts": removed }));
        audit::record(&mut tx, app, actor, change).await?;
        tx.commit().await?;
    }
    Ok(operator)
}
