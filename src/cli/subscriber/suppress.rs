//! `daywire subscriber suppress`: adds to the list of addresses that are never mailed.

use anyhow::Context as _;
use serde_json::json;

use crate::cli::acting_operator::RecordedReason;
use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::domain::states::SuppressionReason;
use crate::store::{StoreError, retry_on_conflict};

/// `daywire subscriber suppress`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The address. It need not belong to a subscriber.
    address: String,
    #[command(flatten)]
    recorded: RecordedReason,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let address = EmailAddress::parse(&args.address)?;
    let shown = address.as_typed();
    let hash = app.keys.address_hash(address.key());
    let note = args.recorded.note("by");
    let (before, changed, after) = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        let before = tx.suppression(&hash).await?;
        let changed = tx
            .suppress(&hash, SuppressionReason::Operator, &note, app.clock.now())
            .await?;
        let after = tx.suppression(&hash).await?;
        tx.commit().await?;
        Ok::<_, StoreError>((before, changed, after))
    })
    .await?;
    let after = after.context("the suppression was not stored")?;
    if context.json {
        return output::json(&json!({
            "changed": changed,
            "address": shown,
            "reason": after.reason,
            "since": after.created_at,
            "evidence": after.evidence,
        }));
    }
    let since = output::time(after.created_at);
    output::text(&match before {
        _ if !changed => format!(
            "{shown} is suppressed since {since} ({after}); nothing was changed, and your reason was not stored. To give another \
             reason, lift the suppression first: daywire suppression lift {shown} --reason TEXT"
        ),
        None => format!("{shown} is suppressed: {}", after.evidence),
        Some(before) => format!(
            "{shown} is suppressed: {}. This replaces the suppression since {} ({before})",
            after.evidence,
            output::time(before.created_at)
        ),
    })
}
