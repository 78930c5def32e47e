//! `daywire subscriber suppress` and `unsuppress`: the list of addresses that are never mailed.

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::domain::states::SuppressionReason;

/// Puts an address on the list. It need not belong to a subscriber.
pub(crate) async fn suppress(context: &Context, address: &str, reason: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let address = EmailAddress::parse(address)?;
    let mut tx = app.store.write().await?;
    let hash = app.keys.address_hash(address.key());
    let added = tx
        .suppress(&hash, SuppressionReason::Operator, reason, app.clock.now())
        .await?;
    tx.commit().await?;
    print(context, added, "suppressed", "was suppressed before")
}

/// Takes an address off the list.
pub(crate) async fn unsuppress(context: &Context, address: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let address = EmailAddress::parse(address)?;
    let mut tx = app.store.write().await?;
    let removed = tx.unsuppress(&app.keys.address_hash(address.key())).await?;
    tx.commit().await?;
    print(context, removed, "no longer suppressed", "was not suppressed")
}

fn print(context: &Context, changed: bool, if_changed: &str, if_unchanged: &str) -> anyhow::Result<()> {
    if context.json {
        return output::json(&json!({ "changed": changed }));
    }
    output::text(if changed { if_changed } else { if_unchanged })
}
