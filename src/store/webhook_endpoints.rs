//! Webhook endpoints, and whether they answer.

use chrono::{DateTime, Utc};
use const_format::concatcp;

use super::{Columns, Result, Tx, on, row};
use crate::domain::ids::WebhookEndpointId;
use crate::domain::webhook::EventSelection;

row! {
    /// An address to which events are sent.
    #[derive(Clone, Debug)]
    pub struct WebhookEndpoint {
        /// The internal id, which sorts by the time of creation.
        pub id: WebhookEndpointId,
        /// The name, by which commands know it.
        pub name: String,
        /// The address that gets the events.
        pub url: String,
        /// The events that it gets.
        pub events: EventSelection,
        /// The key that signs its messages, encrypted.
        pub(crate) secret: Vec<u8>,
        /// The key before the last rotation, encrypted.
        pub(crate) previous_secret: Option<Vec<u8>>,
        /// Until when messages are also signed with that key.
        pub previous_secret_until: Option<DateTime<Utc>>,
        /// Attempts that failed since the last success.
        pub failures: i64,
        /// Since when every attempt failed; `None` if the last one succeeded.
        pub failing_since: Option<DateTime<Utc>>,
        /// No attempt is made before this time.
        pub next_attempt_at: Option<DateTime<Utc>>,
        /// When the operators were notified that it fails.
        pub notified_at: Option<DateTime<Utc>>,
        /// Since when it gets no events; `None` if it is enabled.
        pub disabled_at: Option<DateTime<Utc>>,
        /// Why it is disabled.
        pub disabled_reason: Option<String>,
        /// When it was added.
        pub created_at: DateTime<Utc>,
    }
}

/// What operators set of an endpoint. The other fields change with every attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointVersion {
    id: WebhookEndpointId,
    url: String,
    events: EventSelection,
    disabled_at: Option<DateTime<Utc>>,
}

impl WebhookEndpoint {
    /// The version that a change is for.
    #[must_use]
    pub fn version(&self) -> EndpointVersion {
        EndpointVersion {
            id: self.id,
            url: self.url.clone(),
            events: self.events.clone(),
            disabled_at: self.disabled_at,
        }
    }
}

impl Tx {
    /// Adds an endpoint. Returns false if there is one with the name.
    pub(crate) async fn add_webhook_endpoint(&mut self, new: &WebhookEndpoint) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO webhook_endpoints (id, name, url, events, secret, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (name) DO NOTHING",
            new.id,
            &new.name,
            &new.url,
            &new.events,
            &new.secret,
            new.created_at
        )?;
        Ok(added == 1)
    }

    /// All endpoints, by name.
    pub async fn webhook_endpoints(&mut self) -> Result<Vec<WebhookEndpoint>> {
        Ok(on!(
            self,
            all as WebhookEndpoint,
            concatcp!(
                "SELECT ",
                WebhookEndpoint::COLUMNS,
                " FROM webhook_endpoints ORDER BY name"
            )
        )?)
    }

    /// The endpoint with a name.
    pub async fn webhook_endpoint_by_name(&mut self, name: &str) -> Result<Option<WebhookEndpoint>> {
        Ok(on!(
            self,
            optional as WebhookEndpoint,
            concatcp!(
                "SELECT ",
                WebhookEndpoint::COLUMNS,
                " FROM webhook_endpoints WHERE name = $1"
            ),
            name
        )?)
    }

    /// Locks an endpoint until this transaction ends, and reads it.
    pub(crate) async fn lock_webhook_endpoint(&mut self, id: WebhookEndpointId) -> Result<Option<WebhookEndpoint>> {
        Ok(on!(
            self,
            optional as WebhookEndpoint,
            concatcp!(
                "UPDATE webhook_endpoints SET name = name WHERE id = $1 RETURNING ",
                WebhookEndpoint::COLUMNS
            ),
            id
        )?)
    }

    /// Deletes an endpoint with all its messages.
    pub(crate) async fn delete_webhook_endpoint(&mut self, id: WebhookEndpointId) -> Result<()> {
        on!(self, execute, "DELETE FROM webhook_messages WHERE endpoint_id = $1", id)?;
        on!(self, execute, "DELETE FROM webhook_endpoints WHERE id = $1", id)?;
        Ok(())
    }

    /// Gives an endpoint a new key. Until `previous_until`, messages are also signed with the previous one.
    pub(crate) async fn rotate_webhook_secret(
        &mut self,
        id: WebhookEndpointId,
        secret: &[u8],
        previous_until: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE webhook_endpoints SET previous_secret = secret, secret = $2, previous_secret_until = $3 WHERE id = $1",
            id,
            secret,
            previous_until
        )?;
        Ok(())
    }

    /// Disables an endpoint: it gets no events from now on.
    pub(crate) async fn disable_webhook_endpoint(
        &mut self,
        id: WebhookEndpointId,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let disabled = on!(
            self,
            execute,
            "UPDATE webhook_endpoints SET disabled_at = $2, disabled_reason = $3 WHERE id = $1 AND disabled_at IS NULL",
            id,
            now,
            reason
        )?;
        Ok(disabled == 1)
    }

    /// Enables an endpoint, which is tried at once.
    pub(crate) async fn enable_webhook_endpoint(&mut self, id: WebhookEndpointId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE webhook_endpoints SET disabled_at = NULL, disabled_reason = NULL, failures = 0, failing_since = NULL, \
             next_attempt_at = NULL, notified_at = NULL WHERE id = $1",
            id
        )?;
        Ok(())
    }

    /// Changes the address of an endpoint, and the events that it gets.
    pub(crate) async fn change_webhook_endpoint(&mut self, changed: &WebhookEndpoint) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE webhook_endpoints SET url = $2, events = $3 WHERE id = $1",
            changed.id,
            &changed.url,
            &changed.events
        )?;
        Ok(())
    }

    /// Clears the failed attempts of an endpoint, because one succeeded or it has another address. Writes nothing if there was none.
    pub(crate) async fn forget_webhook_failures(&mut self, id: WebhookEndpointId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, next_attempt_at = NULL, notified_at = NULL \
             WHERE id = $1 AND failures > 0",
            id
        )?;
        Ok(())
    }

    /// Notes a failed attempt, and until when no other is made. Returns the endpoint as it is now.
    pub(crate) async fn note_webhook_failure(
        &mut self,
        id: WebhookEndpointId,
        next_attempt_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Option<WebhookEndpoint>> {
        Ok(on!(
            self,
            optional as WebhookEndpoint,
            concatcp!(
                "UPDATE webhook_endpoints SET failures = failures + 1, failing_since = COALESCE(failing_since, $2), \
             next_attempt_at = $3 WHERE id = $1 RETURNING ",
                WebhookEndpoint::COLUMNS
            ),
            id,
            now,
            next_attempt_at
        )?)
    }

    /// Notes that the operators get a notice about an endpoint. Returns false if they got it before.
    pub(crate) async fn note_webhook_notice(&mut self, id: WebhookEndpointId, now: DateTime<Utc>) -> Result<bool> {
        let noted = on!(
            self,
            execute,
            "UPDATE webhook_endpoints SET notified_at = $2 WHERE id = $1 AND notified_at IS NULL",
            id,
            now
        )?;
        Ok(noted == 1)
    }

    /// The enabled endpoints for which a message is due. The query is cheap if there are none.
    pub(crate) async fn webhook_endpoints_due(&mut self, now: DateTime<Utc>) -> Result<Vec<WebhookEndpoint>> {
        Ok(on!(
            self,
            all as WebhookEndpoint,
            concatcp!(
                "SELECT ",
                WebhookEndpoint::COLUMNS,
                " FROM webhook_endpoints e WHERE e.disabled_at IS NULL \
             AND (e.next_attempt_at IS NULL OR e.next_attempt_at <= $1) \
             AND EXISTS (SELECT 1 FROM webhook_messages m WHERE m.endpoint_id = e.id AND m.state = 'waiting' \
             AND m.next_attempt_at <= $1) ORDER BY e.id"
            ),
            now
        )?)
    }
}
