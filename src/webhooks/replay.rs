//! Sends messages again that were sent or failed.

use serde_json::json;

use super::endpoints::locked;
use super::error::WebhookError;
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::seen::Seen;
use crate::store::webhook_messages::ReplaySelection;

/// Makes the selected messages of an endpoint wait again, with their ids, and returns how many. Receivers that have seen an id can ignore
/// it.
///
/// # Errors
/// [`WebhookError`].
pub async fn replay(app: &App, actor: &Actor, name: &str, selection: &ReplaySelection) -> Result<u64, WebhookError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let endpoint = locked(&mut tx, name, &Seen::Any).await?;
    let replayed = tx.replay_webhook_messages(endpoint.id, selection, now).await?;
    if replayed == 0 {
        return Err(WebhookError::NothingToReplay(name.to_owned()));
    }
    let fields = json!({
        "messages": replayed,
        "event": selection.event_id,
        "since": selection.since,
        "until": selection.until,
        "failed": selection.failed,
    });
    let change = Change::of(AuditAction::WebhookReplayed, name).to(fields);
    audit::record(&mut tx, app, actor, change).await?;
    tx.commit().await?;
    Ok(replayed)
}
