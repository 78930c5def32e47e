//! `daywire subscriber suppress`: adds to the list of addresses that are never mailed.

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
    let changed = tx
        .suppress(&hash, SuppressionReason::Operator, reason, app.clock.now())
        .await?;
    tx.commit().await?;
    if context.json {
        return output::json(&json!({ "changed": changed }));
    }
    output::text(if changed { "suppressed" } else { "was suppressed before" })
}
