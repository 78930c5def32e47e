//! Sends requests to the identity provider by [OpenID Connect](https://openid.net/specs/openid-connect-core-1_0.html).

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims,
    CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, AsyncHttpClient, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySet,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, SubjectIdentifier, TokenResponse as _,
};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::app::App;
use crate::config::{Issuer, Oidc, is_confidential};
use crate::domain::redact::without_addresses;
use crate::feeds::guard::Refusal;
use crate::feeds::post::{PostError, Poster};
use crate::text::plain::{one_line, shorten};

/// The path to which the provider sends the browser back.
pub(super) const CALLBACK_PATH: &str = "/admin/login/provider/callback";
/// For one request to the provider.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes of an answer of the provider.
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// How long the endpoints and keys of the provider are used before they are fetched again.
const MAX_AGE: TimeDelta = TimeDelta::minutes(10);
/// The shortest time between two fetches of the keys because one was unknown.
const MIN_REFETCH_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// The clock of the provider may be ahead by this, or this program's behind.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::minutes(1);
/// The most characters of a reason in the log.
const MAX_REASON_CHARS: usize = 300;

/// The accepted signatures: not `none`, and none with a shared secret, because the client secret must not be enough to make a token.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The client with the endpoints that the provider names.
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Why the provider has not identified a person. The texts are for the log.
#[derive(Debug)]
pub(super) enum ProviderFault {
    /// It cannot be reached, or it and the settings disagree.
    Unavailable(String),
    /// It answered with something that must not be accepted.
    Invalid(String),
}

/// What the provider says about the person who signed in there.
#[derive(Debug)]
pub(super) struct Person {
    /// The id of the account, which the provider never gives to another person.
    pub(super) subject: String,
    pub(super) email: Option<String>,
    pub(super) is_email_verified: bool,
}

/// The random values of one sign-in.
#[derive(Clone, Copy)]
pub(super) struct Secrets<'a> {
    /// The provider puts it into the token, so a token of another sign-in is refused.
    pub(super) nonce: &'a str,
    /// Only who has it can use the code ([RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)).
    pub(super) verifier: &'a str,
}

/// Why a request to the provider got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("the address cannot be read")]
    Address,
    #[error("{0} has no https")]
    NotConfidential(String),
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Post(PostError),
}

/// The endpoints and keys of the provider.
#[derive(Debug)]
struct Known {
    metadata: CoreProviderMetadata,
    fetched_at: DateTime<Utc>,
    refetched_at: Option<DateTime<Utc>>,
}

#[derive(Debug)]
pub(super) struct ProviderClient {
    issuer: Issuer,
    client_id: String,
    settings: Oidc,
    redirect_url: String,
    poster: Poster,
    known: Mutex<Option<Known>>,
    refetching: tokio::sync::Mutex<()>,
}

impl ProviderClient {
    /// `None` if no provider is set.
    pub(super) fn new(app: &App) -> Option<Self> {
        let settings = &*app.config.operators.oidc;
        Some(Self {
            issuer: settings.issuer.clone()?,
            client_id: settings.client_id.clone()?,
            settings: settings.clone(),
            redirect_url: app.link(CALLBACK_PATH),
            poster: Poster::new(&app.fetcher, settings.allow.clone(), TIMEOUT),
            known: Mutex::default(),
            refetching: tokio::sync::Mutex::default(),
        })
    }

    pub(super) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// The name of the provider for people.
    pub(super) fn name(&self) -> &str {
        self.settings.name.as_deref().unwrap_or_else(|| self.issuer.host())
    }

    /// The page of the provider at which a person signs in.
    pub(super) async fn sign_in_page(
        &self,
        now: DateTime<Utc>,
        state: &str,
        secrets: Secrets<'_>,
    ) -> Result<Url, ProviderFault> {
        let metadata = self.metadata(now).await?;
        let endpoint = metadata.authorization_endpoint().url();
        if !is_confidential(endpoint) {
            return Err(ProviderFault::Unavailable(
                "its page for signing in has no https".to_owned(),
            ));
        }
        let verifier = PkceCodeVerifier::new(secrets.verifier.to_owned());
        let (state, nonce) = (state.to_owned(), secrets.nonce.to_owned());
        let client = self.client(metadata)?;
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        );
        let (url, ..) = request
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// Changes a code into what the provider says about the person.
    pub(super) async fn identify(
        &self,
        now: DateTime<Utc>,
        code: &str,
        secrets: Secrets<'_>,
    ) -> Result<Person, ProviderFault> {
        let metadata = self.metadata(now).await?;
        let client = self.client(metadata.clone())?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| ProviderFault::Unavailable(reason(&error)))?
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.to_owned()))
            .request_async(self)
            .await
            .map_err(fault_of_exchange)?;
        let token = tokens
            .id_token()
            .ok_or_else(|| ProviderFault::Invalid("it sent no ID token".to_owned()))?;
        let claims = match self.check(&metadata, token, secrets.nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let metadata = self.metadata_with_new_keys(now).await?;
                self.check(&metadata, token, secrets.nonce, now)
            }
            checked => checked,
        };
        let claims = claims.map_err(|error| ProviderFault::Invalid(reason(&error)))?;
        let authorized = claims.authorized_party();
        if authorized.is_some_and(|party| party.as_str() != self.client_id) {
            return Err(ProviderFault::Invalid(
                "the token was made for another client".to_owned(),
            ));
        }
        let subject = claims.subject().clone();
        let (email, is_verified) = match claims.email() {
            Some(email) => (Some(email.to_string()), claims.email_verified()),
            None if metadata.userinfo_endpoint().is_some() => {
                self.email_of(&client, tokens.access_token().clone(), &subject).await?
            }
            None => (None, None),
        };
        Ok(Person {
            subject: subject.to_string(),
            email,
            is_email_verified: is_verified == Some(true),
        })
    }

    /// Checks the signature of a token, and that it was made for this site and this sign-in and has not expired.
    fn check<'a>(
        &self,
        metadata: &CoreProviderMetadata,
        token: &'a CoreIdToken,
        nonce: &str,
        now: DateTime<Utc>,
    ) -> Result<&'a CoreIdTokenClaims, ClaimsVerificationError> {
        let offered = metadata.id_token_signing_alg_values_supported();
        let allowed = ALGORITHMS.into_iter().filter(|algorithm| offered.contains(algorithm));
        // A public client knows no secret, so no signature with a shared secret can be right.
        let verifier = CoreIdTokenVerifier::new_public_client(
            ClientId::new(self.client_id.clone()),
            metadata.issuer().clone(),
            metadata.jwks().clone(),
        );
        let verifier = verifier
            .set_allowed_algs(allowed)
            .set_time_fn(move || now - MAX_CLOCK_SKEW);
        token.claims(&verifier, &Nonce::new(nonce.to_owned()))
    }

    /// The address of an account for which the token has none. The answer must be about the same account.
    async fn email_of(
        &self,
        client: &Client,
        access_token: AccessToken,
        subject: &SubjectIdentifier,
    ) -> Result<(Option<String>, Option<bool>), ProviderFault> {
        let request = client
            .user_info(access_token, Some(subject.clone()))
            .map_err(|error| ProviderFault::Unavailable(reason(&error)))?;
        let claims: Result<CoreUserInfoClaims, _> = request.request_async(self).await;
        let claims = claims.map_err(|error| ProviderFault::Invalid(reason(&error)))?;
        Ok((claims.email().map(|email| email.to_string()), claims.email_verified()))
    }

    fn client(&self, metadata: CoreProviderMetadata) -> Result<Client, ProviderFault> {
        let secret = self.settings.secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        // Without a list, HTTP Basic is the default (OpenID Connect Discovery 1.0 §3).
        let takes_basic = metadata
            .token_endpoint_auth_methods_supported()
            .is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let auth_type = if takes_basic {
            AuthType::BasicAuth
        } else {
            AuthType::RequestBody
        };
        let redirect_url =
            RedirectUrl::new(self.redirect_url.clone()).map_err(|error| ProviderFault::Unavailable(reason(&error)))?;
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(self.client_id.clone()), secret);
        Ok(client.set_redirect_uri(redirect_url).set_auth_type(auth_type))
    }

    /// The endpoints and keys of the provider, at most [`MAX_AGE`] old.
    async fn metadata(&self, now: DateTime<Utc>) -> Result<CoreProviderMetadata, ProviderFault> {
        let known = self
            .known()
            .as_ref()
            .filter(|known| now < known.fetched_at + MAX_AGE)
            .map(|known| known.metadata.clone());
        if let Some(metadata) = known {
            return Ok(metadata);
        }
        let issuer = IssuerUrl::new(self.issuer().to_owned());
        let issuer = issuer.map_err(|error| ProviderFault::Unavailable(reason(&error)))?;
        let metadata = CoreProviderMetadata::discover_async(issuer, self)
            .await
            .map_err(|error| ProviderFault::Unavailable(reason(&error)))?;
        *self.known() = Some(Known {
            metadata: metadata.clone(),
            fetched_at: now,
            refetched_at: None,
        });
        Ok(metadata)
    }

    /// Fetches the keys again, because a token names one that is unknown: the provider has changed its keys. Tokens with made-up names of keys
    /// must not cause many requests, so keys that were fetched again just now are used as they are.
    async fn metadata_with_new_keys(&self, now: DateTime<Utc>) -> Result<CoreProviderMetadata, ProviderFault> {
        let _one_at_a_time = self.refetching.lock().await;
        let metadata = self.metadata(now).await?;
        let refetched_at = self.known().as_ref().and_then(|known| known.refetched_at);
        if refetched_at.is_some_and(|at| now < at + MIN_REFETCH_INTERVAL) {
            return Ok(metadata);
        }
        let keys: CoreJsonWebKeySet = JsonWebKeySet::fetch_async(metadata.jwks_uri(), self)
            .await
            .map_err(|error| ProviderFault::Unavailable(reason(&error)))?;
        let metadata = metadata.set_jwks(keys);
        if let Some(known) = self.known().as_mut() {
            known.metadata = metadata.clone();
            known.refetched_at = Some(now);
        }
        Ok(metadata)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request to an address that the provider names. The secret and the codes must not be readable on the way.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| HttpError::Address)?;
        if !is_confidential(&url) {
            return Err(HttpError::NotConfidential(
                url.host_str().unwrap_or_default().to_owned(),
            ));
        }
        self.poster
            .exchange(request, MAX_ANSWER_BYTES)
            .await
            .map_err(|error| match error {
                PostError::Refused(refusal) => HttpError::Refused(refusal_text(&refusal)),
                error => HttpError::Post(error),
            })
    }
}

impl<'c> AsyncHttpClient<'c> for ProviderClient {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// Why the provider is not asked at an address, with what to do about it.
fn refusal_text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Address(address, kind) => {
            format!("{address} is {kind}; add it to operators.oidc.allow if the provider is there")
        }
        Refusal::Name(name) => {
            format!(
                "{name:?} is not the name of a public host; add it to operators.oidc.allow if the provider is there"
            )
        }
        Refusal::Port(port) => {
            format!("port {port} is not used; add the host and port to operators.oidc.allow if the provider is there")
        }
        refusal => refusal.to_string(),
    }
}

/// Why the code was not changed into tokens. An answer that cannot be read is left out of the text, because it may contain tokens.
fn fault_of_exchange(
    error: RequestTokenError<HttpError, openidconnect::StandardErrorResponse<CoreErrorResponseType>>,
) -> ProviderFault {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            let text = clean(&format!("it refused the code: {}", answer.error()));
            match answer.error() {
                CoreErrorResponseType::InvalidGrant => ProviderFault::Invalid(text),
                _ => ProviderFault::Unavailable(text),
            }
        }
        RequestTokenError::Request(error) => ProviderFault::Unavailable(reason(&error)),
        RequestTokenError::Parse(..) => ProviderFault::Invalid("its answer to the code cannot be read".to_owned()),
        RequestTokenError::Other(_) => ProviderFault::Unavailable("it gave no usable answer to the code".to_owned()),
    }
}

fn reason(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    clean(&text)
}

/// Text that contains what the provider wrote, for the log.
fn clean(text: &str) -> String {
    shorten(&without_addresses(&one_line(text)), MAX_REASON_CHARS).0
}
