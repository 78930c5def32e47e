//! Access tokens of OAuth 2.0, which log in to a relay instead of a password: fetched with a refresh token or as the program itself, kept in
//! memory, and renewed before they expire.

use std::fmt;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;
use url::form_urlencoded::Serializer;

use super::post::Poster;

/// The most bytes of an answer of the token endpoint.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// A token is renewed this long before it expires, or a tenth of its lifetime if that is less.
const MAX_MARGIN: Duration = Duration::from_mins(5);
/// The lifetime of a token whose answer names none ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)).
const DEFAULT_LIFETIME: Duration = Duration::from_mins(5);
/// The longest lifetime that is believed.
const MAX_LIFETIME: Duration = Duration::from_hours(24);
/// After a failure the endpoint is asked again after this time at the earliest, however many connections need a token.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);
/// After this time without another request, a failure says nothing about the endpoint any more.
const FAILURE_LIFETIME: Duration = Duration::from_mins(10);

/// By what a token is fetched.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// The address of the token endpoint.
    pub url: Url,
    /// The id of this program at the provider.
    pub client_id: String,
    /// Its secret; `None` for a public client.
    pub client_secret: Option<SecretString>,
    /// The refresh token ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)); `None` fetches a token of the program itself
    /// ([RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)).
    pub refresh_token: Option<SecretString>,
    /// The scope to ask for.
    pub scope: Option<String>,
}

/// Why there is no access token. The texts contain no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The endpoint cannot be reached, or asks to try again later.
    #[error("the token endpoint {host} is unavailable: {reason}; trying again")]
    Unavailable {
        /// The host of the endpoint.
        host: String,
        /// Why it gives no token, in words.
        reason: String,
    },
    /// The endpoint refused. Only an operator can change that.
    #[error(
        "the token endpoint {host} refuses with {reason}; check [relay.oauth], and get a new refresh token if the old one was revoked"
    )]
    Refused {
        /// The host of the endpoint.
        host: String,
        /// The status and the error code of the answer.
        reason: String,
    },
}

/// A token that was fetched.
struct Held {
    token: SecretString,
    renew_at: Instant,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The provider may replace the refresh token ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)).
    refresh_token: Option<SecretString>,
    failure: Option<(Instant, TokenError)>,
}

/// The access tokens of one relay. All connections share them.
pub struct AccessTokens {
    request: TokenRequest,
    poster: Poster,
    state: Mutex<State>,
}

/// A successful answer ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)).
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    expires_in: Option<Seconds>,
    #[serde(default)]
    refresh_token: Option<String>,
}

/// A number of seconds. Some providers write it as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(f64),
    Text(String),
}

/// A refusal ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)). Its description is not shown: it may repeat the request.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl AccessTokens {
    #[must_use]
    pub(crate) fn new(request: TokenRequest, poster: Poster) -> Self {
        Self {
            request,
            poster,
            state: Mutex::default(),
        }
    }

    /// A token that is valid for a while. `refused` is a token that a relay refused: it is not returned again.
    ///
    /// # Errors
    /// [`TokenError`] if the endpoint gives none.
    pub async fn token(&self, refused: Option<&SecretString>) -> Result<SecretString, TokenError> {
        // The lock is held while the token is fetched, so connections that need one at the same time make one request.
        let mut state = self.state.lock().await;
        let now = Instant::now();
        let is_refused =
            |token: &SecretString| refused.is_some_and(|refused| refused.expose_secret() == token.expose_secret());
        if let Some(held) = &state.held
            && held.renew_at > now
            && !is_refused(&held.token)
        {
            return Ok(held.token.clone());
        }
        state.held = None;
        if let Some((at, error)) = &state.failure
            && now - *at < RETRY_INTERVAL
        {
            return Err(error.clone());
        }
        match self.fetch(state.refresh_token.as_ref()).await {
            Ok(answer) => {
                let lifetime = answer.expires_in.as_ref().map_or(DEFAULT_LIFETIME, Seconds::duration);
                let renew_at = now + lifetime.saturating_sub(MAX_MARGIN.min(lifetime / 10));
                let token = SecretString::from(answer.access_token);
                let refresh_token = answer.refresh_token.map(SecretString::from);
                state.refresh_token = refresh_token.or(state.refresh_token.take());
                state.failure = None;
                state.held = Some(Held {
                    token: token.clone(),
                    renew_at,
                });
                Ok(token)
            }
            Err(error) => {
                state.failure = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// Why the last request got no token; `None` if it got one, or was too long ago.
    pub(crate) async fn failure(&self) -> Option<TokenError> {
        let state = self.state.lock().await;
        let recent = state.failure.as_ref().filter(|(at, _)| at.elapsed() < FAILURE_LIFETIME);
        recent.map(|(_, error)| error.clone())
    }

    async fn fetch(&self, newer_refresh_token: Option<&SecretString>) -> Result<Answer, TokenError> {
        let host = || self.request.url.host_str().unwrap_or_default().to_owned();
        let unavailable = |reason: String| TokenError::Unavailable { host: host(), reason };
        let refused = |reason: String| TokenError::Refused { host: host(), reason };
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.request.url.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(self.form(newer_refresh_token).into_bytes())
            .map_err(|error| refused(error.to_string()))?;
        let answer = self.poster.exchange(request, MAX_ANSWER_BYTES).await;
        let answer = answer.map_err(|error| unavailable(error.to_string()))?;
        let status = answer.status();
        if status.is_success() {
            let answer: Option<Answer> = serde_json::from_slice(answer.body()).ok();
            let is_usable = |answer: &Answer| {
                let token = &answer.access_token;
                !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic())
            };
            return answer
                .filter(is_usable)
                .ok_or_else(|| unavailable("its answer contains no access token".to_owned()));
        }
        let code = serde_json::from_slice::<Refusal>(answer.body()).ok();
        let code = code.map(|refusal| refusal.error).filter(|code| is_code(code));
        let reason = match code {
            Some(code) => format!("{} {code}", status.as_u16()),
            None => status.as_u16().to_string(),
        };
        Err(
            if status.is_client_error() && !matches!(status.as_u16(), 408 | 425 | 429) {
                refused(reason)
            } else {
                unavailable(format!("it answered {reason}"))
            },
        )
    }

    fn form(&self, newer_refresh_token: Option<&SecretString>) -> String {
        let mut form = Serializer::new(String::new());
        let TokenRequest {
            client_id,
            client_secret,
            refresh_token,
            scope,
            ..
        } = &self.request;
        match newer_refresh_token.or(refresh_token.as_ref()) {
            Some(token) => {
                form.append_pair("grant_type", "refresh_token");
                form.append_pair("refresh_token", token.expose_secret());
            }
            None => {
                form.append_pair("grant_type", "client_credentials");
            }
        }
        form.append_pair("client_id", client_id);
        if let Some(secret) = client_secret {
            form.append_pair("client_secret", secret.expose_secret());
        }
        if let Some(scope) = scope {
            form.append_pair("scope", scope);
        }
        form.finish()
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens").finish_non_exhaustive()
    }
}

impl TokenError {
    /// Whether only an operator can end the failure.
    #[must_use]
    pub const fn needs_operator(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl Seconds {
    fn duration(&self) -> Duration {
        let seconds = match self {
            Self::Number(seconds) => Some(*seconds),
            Self::Text(text) => text.parse().ok(),
        };
        let seconds = seconds.filter(|seconds| *seconds >= 0.0);
        seconds.map_or(DEFAULT_LIFETIME, |seconds| {
            Duration::from_secs_f64(seconds.min(MAX_LIFETIME.as_secs_f64()))
        })
    }
}

/// Whether a text is like the error codes of RFC 6749, such as `invalid_grant`.
fn is_code(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_numbers_or_texts_and_never_too_long() {
        let seconds = |json: &str| {
            serde_json::from_str::<Seconds>(json)
                .expect("a lifetime")
                .duration()
                .as_secs()
        };
        assert_eq!(seconds("3599"), 3599);
        assert_eq!(seconds("\"3599\""), 3599);
        assert_eq!(seconds("0"), 0);
        for strange in ["-1", "\"soon\"", "\"NaN\""] {
            assert_eq!(seconds(strange), 300, "{strange}");
        }
        assert_eq!(seconds("1e300"), 86_400);
    }

    #[test]
    fn only_error_codes_are_shown() {
        assert!(is_code("invalid_grant"));
        for text in ["", "Bad token 1//0abc", "a".repeat(41).as_str(), "1//0g"] {
            assert!(!is_code(text), "{text}");
        }
    }
}
