//! `daywire subscriber suppress`: adds to the list of addresses that are never mailed.

use anyhow::Context as _;
use serde_json::json;

use crate::cli::acting_operator::RecordedReason;
use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::readers::{self, Suppressed};

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
    let (actor, reason) = (args.recorded.actor(), args.recorded.reason());
    let Suppressed { before, changed, after } = readers::suppress(&app, &actor, &address, reason).await?;
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
            "{shown} has been suppressed since {since} ({after}); nothing was changed, and your reason was not stored. To give another \
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
