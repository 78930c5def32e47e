//! Finds the webhook that a route names, and says whether it works.

use crate::domain::ids::WebhookEndpointId;
use crate::store::Tx;
use crate::store::webhook_endpoints::WebhookEndpoint;
use crate::web::error::WebError;
use crate::web::pages::Stamp;
use crate::webhooks::WebhookError;
use crate::words::Words;

/// The path of the list.
pub(super) const PATH: &str = "/admin/webhooks";

/// The address of a webhook's page. Its name may have letters that an address cannot have.
pub(super) fn webhook_path(id: WebhookEndpointId) -> String {
    format!("{PATH}/{id}")
}

/// The webhook that a route names.
pub(super) async fn find(tx: &mut Tx, id: &str) -> Result<WebhookEndpoint, WebError> {
    let id: WebhookEndpointId = id.parse().map_err(|_| WebError::NotFound)?;
    let mut all = tx.webhook_endpoints().await?.into_iter();
    all.find(|endpoint| endpoint.id == id).ok_or(WebError::NotFound)
}

/// Whether a webhook gets events, in words.
pub(super) fn health(words: &Words, endpoint: &WebhookEndpoint) -> String {
    match (endpoint.disabled_at, endpoint.failing_since) {
        (Some(at), _) => words.webhook_disabled_since(Stamp::utc(at).shown(words)),
        (None, Some(since)) => words.webhook_failing_since(Stamp::utc(since).shown(words)),
        (None, None) => words.webhook_enabled(),
    }
}

/// The error of an action whose form has no field for it.
pub(super) fn web_error(error: WebhookError) -> WebError {
    match error {
        WebhookError::Store(error) => error.into(),
        // Another operator removed it meanwhile.
        _ => WebError::NotFound,
    }
}
