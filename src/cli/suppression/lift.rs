//! `daywire suppression lift`: allows mail to addresses again, and puts on record who did it and why.

use serde_json::json;

use super::list::ended_document;
use crate::app::App;
use crate::cli::acting_operator::RecordedReason;
use crate::cli::context::Context;
use crate::cli::names::{self, IssueName};
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::domain::seen::Seen;
use crate::domain::states::{SuppressionEnd, SuppressionReason};
use crate::readers;
use crate::store::suppressions::Lifted;
use crate::text::plain::counted;

/// The addresses that one transaction lifts.
const PAGE: i64 = 500;

/// `daywire suppression lift`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The address that may get mail again.
    #[arg(required_unless_present = "refused_in")]
    address: Option<String>,
    /// Lift the addresses that are suppressed because the relay refused them in this issue, such as `daily/12`, or in its editions.
    #[arg(long, value_name = "ISSUE", conflicts_with = "address")]
    refused_in: Option<IssueName>,
    #[command(flatten)]
    recorded: RecordedReason,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    if let Some(issue) = &args.refused_in {
        return lift_refused(context, &app, issue, &args.recorded).await;
    }
    let address = EmailAddress::parse(args.address.as_deref().unwrap_or_default())?;
    lift_address(context, &app, &address, &args.recorded).await
}

async fn lift_address(
    context: &Context,
    app: &App,
    address: &EmailAddress,
    recorded: &RecordedReason,
) -> anyhow::Result<()> {
    let shown = address.as_typed();
    let hash = app.keys.address_hash(address.key()).to_vec();
    let lifted = readers::lift_address(app, &recorded.actor(), address, recorded.reason()).await?;
    if lifted == Lifted::IsComplaint {
        anyhow::bail!(
            "the reader {shown} complained about a mail, and only the reader can lift this suppression, by signing up again and using \
             the link in the confirmation mail; nothing was changed"
        );
    }
    let ended = app.store.read().await?.ended_suppressions_of(&hash).await?;
    let mut latest = ended.iter().rev();
    let lifted_entry = latest.next().filter(|_| lifted != Lifted::WasNotSuppressed);
    // What the lifted one had replaced is not in force again. The operator may have had no idea of it.
    let replaced = latest.next().filter(|before| {
        lifted == Lifted::Lifted
            && before.ended_by == SuppressionEnd::Replaced
            && before.reason == SuppressionReason::HardBounce
    });
    if context.json {
        return output::json(&json!({
            "changed": lifted_entry.is_some(),
            "suppressed": lifted == Lifted::ComplaintRemains,
            "address": shown,
            "lifted": lifted_entry.map(ended_document),
            "hard_bounce_before": replaced.map(ended_document),
        }));
    }
    let Some(entry) = lifted_entry else {
        return output::text(&format!("{shown} is not suppressed; nothing was changed"));
    };
    let was = format!("{}: {}", entry.reason, entry.evidence);
    if lifted == Lifted::ComplaintRemains {
        return output::text(&format!(
            "the operator's suppression of {shown} is lifted ({was}). The reader had complained too, so the address stays suppressed \
             until the reader signs up again and confirms"
        ));
    }
    output::text(&format!(
        "{shown} is no longer suppressed. It was: {was}. On record: {}",
        entry.note
    ))?;
    match replaced {
        None => Ok(()),
        Some(bounce) => output::text(&format!(
            "Its mailbox did not exist on {}, before an operator suppressed it: {}. If it still does not, the next issue bounces; then \
             suppress it again.",
            output::time(bounce.created_at),
            bounce.evidence
        )),
    }
}

async fn lift_refused(context: &Context, app: &App, name: &IssueName, recorded: &RecordedReason) -> anyhow::Result<()> {
    let issue = names::issue(&mut app.store.read().await?, name).await?;
    let mut count = 0;
    loop {
        let page = app.store.read().await?.refused_addresses(issue, PAGE).await?;
        if page.is_empty() {
            break;
        }
        count += readers::lift(app, &recorded.actor(), &page, recorded.reason(), &Seen::Any)
            .await?
            .len();
    }
    if context.json {
        return output::json(&json!({ "lifted": count }));
    }
    output::text(&format!(
        "{} no longer suppressed",
        counted(i64::try_from(count).unwrap_or(i64::MAX), "address is", "addresses are")
    ))
}
