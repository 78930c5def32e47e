//! Adding, removing and changing webhook endpoints.

use chrono::TimeDelta;
use serde_json::json;
use url::Url;

use super::error::{MAX_ENDPOINTS, MAX_NAME_CHARS, WebhookError, refusal_text};
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::WebhookEndpointId;
use crate::domain::sealed::SealedFor;
use crate::domain::seen::Seen;
use crate::domain::webhook::EventSelection;
use crate::domain::webhook_secret::{SECRET_LENGTH, WebhookSecret};
use crate::feeds::guard::Guard;
use crate::store::Tx;
use crate::store::webhook_endpoints::{EndpointVersion, WebhookEndpoint};

/// How long messages are also signed with the previous secret after a rotation.
const PREVIOUS_SECRET_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// An endpoint to add.
#[derive(Clone, Debug)]
pub struct NewEndpoint<'a> {
    /// The address that gets the events.
    pub url: &'a str,
    /// The name; empty for the host of the address.
    pub name: &'a str,
    /// The events that it gets.
    pub events: EventSelection,
}

/// What a secret of an endpoint is sealed for.
pub(super) fn sealed_for(owner: &[u8]) -> SealedFor<'_> {
    SealedFor {
        purpose: "webhook",
        owner,
    }
}

/// Makes a secret. Returns it as text, and encrypted.
fn new_secret(app: &App, id: WebhookEndpointId) -> (String, Vec<u8>) {
    let bytes = app.rng.bytes::<SECRET_LENGTH>();
    let sealed = app.keys.seal(sealed_for(id.0.as_bytes()), app.rng.bytes(), &bytes);
    (WebhookSecret::new(bytes.to_vec()).text(), sealed)
}

/// Adds an endpoint. Returns it, and its secret, which is not shown again.
///
/// # Errors
/// [`WebhookError`].
pub async fn add(app: &App, actor: &Actor, new: &NewEndpoint<'_>) -> Result<(WebhookEndpoint, String), WebhookError> {
    let url = check_address(app, new.url).await?;
    let name = if new.name.is_empty() {
        url.host_str().unwrap_or_default()
    } else {
        new.name
    };
    let now = app.clock.now();
    let id = WebhookEndpointId(app.rng.uuid(now));
    let (secret, sealed) = new_secret(app, id);
    let endpoint = WebhookEndpoint {
        id,
        name: parse_name(name)?,
        url: url.to_string(),
        events: new.events.clone(),
        secret: sealed,
        previous_secret: None,
        previous_secret_until: None,
        failures: 0,
        failing_since: None,
        next_attempt_at: None,
        notified_at: None,
        disabled_at: None,
        disabled_reason: None,
        created_at: now,
    };
    let mut tx = app.store.write().await?;
    if tx.webhook_endpoints().await?.len() >= MAX_ENDPOINTS {
        return Err(WebhookError::TooMany);
    }
    if !tx.add_webhook_endpoint(&endpoint).await? {
        return Err(WebhookError::Taken(endpoint.name));
    }
    let change = Change::of(AuditAction::WebhookAdded, &endpoint.name).to(audited_fields(&endpoint));
    audit::record(&mut tx, app, actor, change).await?;
    tx.commit().await?;
    Ok((endpoint, secret))
}

/// What is changed of an endpoint; `None` leaves a field unchanged.
#[derive(Clone, Debug, Default)]
pub struct EndpointChange<'a> {
    /// The address that gets the events.
    pub url: Option<&'a str>,
    /// The events that it gets.
    pub events: Option<EventSelection>,
    /// Whether it gets events. `true` also lets one that fails be tried at once. With `false` it gets none until it is enabled, and what
    /// waits for it is not sent.
    pub enabled: Option<bool>,
    /// The version that the operator saw.
    pub seen: Seen<EndpointVersion>,
}

/// Changes an endpoint, and returns it. Messages that wait go to the new address, which is tried at once.
///
/// # Errors
/// [`WebhookError`].
pub async fn change(
    app: &App,
    actor: &Actor,
    name: &str,
    change: &EndpointChange<'_>,
) -> Result<WebhookEndpoint, WebhookError> {
    let url = match change.url {
        Some(url) => Some(check_address(app, url).await?),
        None => None,
    };
    let mut tx = app.store.write().await?;
    let before = locked(&mut tx, name, &change.seen).await?;
    let mut endpoint = before.clone();
    if let Some(url) = url {
        endpoint.url = url.into();
    }
    if let Some(events) = &change.events {
        endpoint.events.clone_from(events);
    }
    if (&endpoint.url, &endpoint.events) != (&before.url, &before.events) {
        tx.change_webhook_endpoint(&endpoint).await?;
        if endpoint.url != before.url {
            tx.forget_webhook_failures(endpoint.id).await?;
        }
        let [old, new] = [&before, &endpoint].map(audited_fields);
        let change = Change::of(AuditAction::WebhookChanged, name).from(old).to(new);
        audit::record(&mut tx, app, actor, change).await?;
    }
    match change.enabled {
        Some(true) => {
            tx.enable_webhook_endpoint(endpoint.id).await?;
            let reason = json!({ "reason": before.disabled_reason });
            let change = Change::of(AuditAction::WebhookEnabled, name).from(reason);
            audit::record(&mut tx, app, actor, change).await?;
        }
        Some(false) => {
            let reason = format!("disabled by {}", actor.name);
            let now = app.clock.now();
            if tx.disable_webhook_endpoint(endpoint.id, &reason, now).await? {
                audit::record(&mut tx, app, actor, Change::of(AuditAction::WebhookDisabled, name)).await?;
            }
        }
        None => {}
    }
    let endpoint = locked(&mut tx, name, &Seen::Any).await?;
    tx.commit().await?;
    Ok(endpoint)
}

/// What the audit log shows of an endpoint. The rest of the address may have a secret.
fn audited_fields(endpoint: &WebhookEndpoint) -> serde_json::Value {
    let url = Url::parse(&endpoint.url).ok();
    let host = url.as_ref().and_then(Url::host_str);
    json!({ "host": host, "events": endpoint.events.to_string() })
}

/// Removes an endpoint with its messages, also those that wait.
///
/// # Errors
/// [`WebhookError`].
pub async fn remove(app: &App, actor: &Actor, name: &str, seen: &Seen<EndpointVersion>) -> Result<(), WebhookError> {
    let mut tx = app.store.write().await?;
    let endpoint = locked(&mut tx, name, seen).await?;
    tx.delete_webhook_endpoint(endpoint.id).await?;
    let change = Change::of(AuditAction::WebhookRemoved, name).from(json!({ "events": endpoint.events.to_string() }));
    audit::record(&mut tx, app, actor, change).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives an endpoint a new secret, and returns it. For a day, messages are signed with both.
///
/// # Errors
/// [`WebhookError`].
pub async fn rotate(app: &App, actor: &Actor, name: &str) -> Result<String, WebhookError> {
    let mut tx = app.store.write().await?;
    let endpoint = locked(&mut tx, name, &Seen::Any).await?;
    let (secret, sealed) = new_secret(app, endpoint.id);
    let previous_until = app.clock.now() + PREVIOUS_SECRET_LIFETIME;
    tx.rotate_webhook_secret(endpoint.id, &sealed, previous_until).await?;
    audit::record(&mut tx, app, actor, Change::of(AuditAction::WebhookSecretRotated, name)).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Reads and locks the endpoint with a name. Fails if it is not in the version that the operator saw.
pub(super) async fn locked(
    tx: &mut Tx,
    name: &str,
    seen: &Seen<EndpointVersion>,
) -> Result<WebhookEndpoint, WebhookError> {
    let unknown = || WebhookError::Unknown(name.to_owned());
    let found = tx.webhook_endpoint_by_name(name).await?.ok_or_else(unknown)?;
    let endpoint = tx.lock_webhook_endpoint(found.id).await?.ok_or_else(unknown)?;
    if !seen.is(&endpoint.version()) {
        return Err(WebhookError::Outdated(endpoint.name));
    }
    Ok(endpoint)
}

/// Checks that events may be sent to an address. Messages contain addresses of readers, so it must be https, unless the setting allows
/// the host.
/// Why an address or a name is refused. Whether the name is free, only [`add`] knows.
pub(crate) async fn field_errors(app: &App, url: Option<&str>, name: Option<&str>) -> Vec<WebhookError> {
    let url = match url {
        Some(url) => check_address(app, url).await.err(),
        None => None,
    };
    let name = name.filter(|name| !name.is_empty());
    url.into_iter()
        .chain(name.and_then(|name| parse_name(name).err()))
        .collect()
}

async fn check_address(app: &App, text: &str) -> Result<Url, WebhookError> {
    let refused = |refusal| WebhookError::Address(refusal_text(&refusal));
    let unreadable = |error: url::ParseError| refused(crate::feeds::guard::Refusal::Unreadable(error.to_string()));
    let url = Url::parse(text.trim()).map_err(unreadable)?;
    app.poster.guard().check(&url).await.map_err(refused)?;
    if url.scheme() != "https" && Guard::default().check(&url).await.is_ok() {
        return Err(WebhookError::Address(
            "events contain addresses of readers, so a public address must begin with https://".to_owned(),
        ));
    }
    Ok(url)
}

fn parse_name(name: &str) -> Result<String, WebhookError> {
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || !name.chars().all(is_allowed) {
        return Err(WebhookError::Name(name.to_owned()));
    }
    Ok(name.to_owned())
}
