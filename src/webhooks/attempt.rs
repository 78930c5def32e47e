//! One request to an endpoint, with its signature.

use serde_json::Map;
use url::Url;

use super::endpoints::sealed_for;
use super::error::{WebhookError, refusal_text};
use crate::app::App;
use crate::domain::webhook::WebhookEvent;
use crate::domain::webhook_secret::WebhookSecret;
use crate::feeds::post::{PostAnswer, PostError};
use crate::store::webhook_endpoints::WebhookEndpoint;
use crate::store::webhook_events::EventDocument;

/// The answer to an operator's test.
#[derive(Clone, Debug)]
pub struct TestAnswer {
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Why it is not a success; `None` if it is.
    pub error: Option<String>,
}

/// Sends an event of the type `webhook.test`, once and at once. It is not in the log of the endpoint.
///
/// # Errors
/// [`WebhookError`] if nothing could be sent.
pub async fn test(app: &App, name: &str) -> Result<TestAnswer, WebhookError> {
    let endpoint = app.store.read().await?.webhook_endpoint_by_name(name).await?;
    let endpoint = endpoint.ok_or_else(|| WebhookError::Unknown(name.to_owned()))?;
    let now = app.clock.now();
    let id = format!("evt_{}", app.rng.uuid(now).simple());
    let document = EventDocument::new(WebhookEvent::WebhookTest, &id, now, Map::new());
    let body = serde_json::to_string(&document).unwrap_or_default();
    let answer = attempt(app, &endpoint, &id, body).await;
    if let Err(AttemptError::Secret) = answer {
        return Err(WebhookError::Secret(endpoint.name));
    }
    Ok(TestAnswer {
        status: answer.as_ref().ok().map(|answer| answer.status),
        error: failure_text(&answer),
    })
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum AttemptError {
    /// The secret cannot be decrypted.
    Secret,
    /// The stored address cannot be read.
    Address,
    Post(PostError),
}

/// Signs a message and posts it.
pub(super) async fn attempt(
    app: &App,
    endpoint: &WebhookEndpoint,
    id: &str,
    body: String,
) -> Result<PostAnswer, AttemptError> {
    let url = Url::parse(&endpoint.url).map_err(|_| AttemptError::Address)?;
    let now = app.clock.now();
    let timestamp = now.timestamp();
    let mut secrets = vec![&endpoint.secret];
    // While the receiver changes to the new secret, it can check either signature.
    secrets.extend(
        endpoint
            .previous_secret
            .as_ref()
            .filter(|_| endpoint.previous_secret_until.is_some_and(|until| until > now)),
    );
    let mut signatures = Vec::new();
    for sealed in secrets {
        let opened = app.keys.open_sealed(sealed_for(endpoint.id.0.as_bytes()), sealed);
        let secret = WebhookSecret::new(opened.ok_or(AttemptError::Secret)?);
        signatures.push(secret.sign(id, timestamp, &body));
    }
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ];
    app.poster
        .post_json(&url, &headers, body)
        .await
        .map_err(AttemptError::Post)
}

/// Why an attempt failed, in words; `None` if it succeeded. Only a status from 200 to 299 is a success.
pub(super) fn failure_text(answer: &Result<PostAnswer, AttemptError>) -> Option<String> {
    match answer {
        Ok(PostAnswer { status: 200..=299, .. }) => None,
        Ok(PostAnswer { status: 300..=399, .. }) => {
            Some("it redirects, and redirects are not followed; set the address that it leads to".to_owned())
        }
        Ok(PostAnswer { status, .. }) => Some(format!("it answered {status}")),
        Err(AttemptError::Secret) => Some("its secret was encrypted with another secrets.key".to_owned()),
        Err(AttemptError::Address) => Some("its address cannot be read".to_owned()),
        Err(AttemptError::Post(PostError::Refused(refusal))) => Some(refusal_text(refusal)),
        Err(AttemptError::Post(error)) => Some(error.to_string()),
    }
}
