//! Signing in at the identity provider: the browser is sent there, and comes back with a code.

use askama::Template;
use axum::extract::{RawForm, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::console::{Console, MessagePage};
use super::forms::{destination, field};
use super::session;
use super::sign_in::{self, SignInState};
use crate::operators::{AuthorizationResponse, IdentityProvider, ProviderError};
use crate::web::client::Client;
use crate::web::error::{WebError, page};
use crate::web::state::{Shared, Web};

/// The longest address to which a sign-in redirects, in bytes.
const MAX_NEXT_BYTES: usize = 2_000;

/// The page that sends the browser to the provider. It is not a redirect, because the content security policy of the console forbids that a
/// form is redirected to another site.
#[derive(Debug, Template)]
#[template(path = "admin/provider.html")]
struct ProviderPage {
    console: Console,
    provider: String,
    url: String,
}

fn provider(web: &Web) -> Result<&IdentityProvider, WebError> {
    web.identity_provider.as_ref().ok_or(WebError::NotFound)
}

/// POST `/admin/login/provider`: begins a sign-in.
pub(super) async fn start(
    State(web): Shared,
    console: Console,
    Client(network): Client,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let provider = provider(&web)?;
    let next = field(&body, "next");
    let next = if next.len() > MAX_NEXT_BYTES {
        "/admin"
    } else {
        destination(&next)
    };
    match provider.begin(&web.app, network, next).await {
        Ok(request) => {
            let shown = page(&ProviderPage {
                console,
                provider: provider.name().to_owned(),
                url: request.url,
            })?;
            let mut response = shown.into_response();
            session::set_provider_cookie(&web, &mut response, &request.cookie);
            Ok(response)
        }
        Err(ProviderError::TooMany) => {
            sign_in::show(&web, console, SignInState::TooMany, String::new(), next.to_owned())
        }
        Err(error) => refused(console, provider.name(), error),
    }
}

/// GET `/admin/login/provider/callback`: completes a sign-in. The provider leads the browser here, so it cannot be a form. A request
/// without the cookie and the token of a sign-in changes nothing.
pub(super) async fn callback(
    State(web): Shared,
    console: Console,
    client: Client,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let provider = provider(&web)?;
    let query = query.unwrap_or_default();
    let [state, code, issuer] = ["state", "code", "iss"].map(|name| field(query.as_bytes(), name));
    let answer = AuthorizationResponse {
        state: &state,
        code: &code,
        issuer: &issuer,
        cookie: session::provider_cookie(&web, &headers),
    };
    let browser = session::browser(&headers, client);
    let mut response = match provider.sign_in(&web.app, &answer, &browser).await {
        Ok((new, next)) => {
            let mut response = if new.needs_code {
                sign_in::to_code(&next)
            } else {
                Redirect::to(destination(&next)).into_response()
            };
            session::set_cookies(&web, &mut response, &new);
            response
        }
        Err(error) => refused(console, provider.name(), error)?,
    };
    session::remove_provider_cookie(&web, &mut response);
    Ok(response)
}

/// The page that says why nobody was signed in, and what to do.
fn refused(console: Console, provider: &str, error: ProviderError) -> Result<Response, WebError> {
    let words = &console.words;
    let (status, happened, next) = match error {
        ProviderError::Store(error) => return Err(error.into()),
        ProviderError::TooMany => (
            StatusCode::TOO_MANY_REQUESTS,
            words.sign_in_too_many(),
            words.provider_again(),
        ),
        ProviderError::Expired => (
            StatusCode::UNAUTHORIZED,
            words.provider_expired(),
            words.provider_again(),
        ),
        ProviderError::Denied => (
            StatusCode::UNAUTHORIZED,
            words.provider_denied(provider),
            words.provider_again(),
        ),
        ProviderError::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            words.provider_unavailable(provider),
            words.provider_later(),
        ),
        ProviderError::Invalid => (
            StatusCode::UNAUTHORIZED,
            words.provider_invalid(provider),
            words.provider_later(),
        ),
        ProviderError::Unverified => (
            StatusCode::FORBIDDEN,
            words.provider_unverified(provider),
            words.provider_verify(),
        ),
        ProviderError::NotInvited => (
            StatusCode::FORBIDDEN,
            words.provider_not_invited(provider),
            words.provider_ask_owner(),
        ),
        ProviderError::OtherAccount => (
            StatusCode::FORBIDDEN,
            words.provider_other_account(provider),
            words.provider_ask_unlink(),
        ),
    };
    let shown = page(&MessagePage {
        title: words.provider_refused(),
        happened,
        next,
        console,
    })?;
    Ok((status, shown).into_response())
}
