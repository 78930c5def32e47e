//! Connects to a relay and logs in, with an access token if the relay asks for one.

use secrecy::SecretString;

use crate::feeds::access_token::{AccessTokens, TokenError};
use crate::mail::relay::Relay;
use crate::mail::smtp::{SendError, Session, Timeouts};

/// Connects to a relay. If it refuses an access token for good, for example because the account's password was changed, another one is
/// fetched and tried once.
///
/// # Errors
/// [`SendError`]. No message was sent.
pub(crate) async fn connect(
    relay: &Relay,
    tokens: Option<&AccessTokens>,
    timeouts: &Timeouts,
    hello: &str,
) -> Result<Session, SendError> {
    let Some(tokens) = tokens else {
        return Session::connect(relay, timeouts, hello).await;
    };
    let token = fetch(relay, tokens, None).await?;
    match Session::connect(&relay.with_access_token(token.clone()), timeouts, hello).await {
        Err(SendError::TokenRefused { reply, .. }) if reply.code >= 500 => {
            let token = fetch(relay, tokens, Some(&token)).await?;
            Session::connect(&relay.with_access_token(token), timeouts, hello).await
        }
        connected => connected,
    }
}

async fn fetch(
    relay: &Relay,
    tokens: &AccessTokens,
    refused: Option<&SecretString>,
) -> Result<SecretString, SendError> {
    tokens
        .token(refused)
        .await
        .map_err(|error: TokenError| SendError::NoToken {
            relay: relay.to_string(),
            needs_operator: error.needs_operator(),
            reason: error.to_string(),
        })
}
