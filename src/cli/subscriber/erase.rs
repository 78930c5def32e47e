//! `daywire subscriber erase`: erases everything on record about one address, and waits until that is complete.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::privacy::{self, Completion, Erased};
use crate::readers;

/// How long to wait for messages that are being sent, and for readers of the database.
const MAX_WAIT: Duration = Duration::from_secs(30);
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// Options of `daywire subscriber erase`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The address.
    address: String,
    /// Write the whole database again, so that not even the unused parts of its files have the address. On PostgreSQL this locks each
    /// table for as long as it takes.
    #[arg(long)]
    rewrite: bool,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let address = EmailAddress::parse(&args.address)?;
    let erased = readers::erase(&app, &command_actor(), &address).await?;
    let deadline = Instant::now() + MAX_WAIT;
    let completion = loop {
        match privacy::complete_all(&app, args.rewrite).await? {
            Completion::Waiting | Completion::InUse if Instant::now() < deadline => sleep(RETRY_INTERVAL).await,
            completion => break completion,
        }
    };
    let now_at = match &erased {
        Erased::Subscriber => &[],
        Erased::Address { now_at } => &now_at[..],
    };
    if context.json {
        let now_at: Vec<_> = now_at.iter().map(EmailAddress::as_typed).collect();
        let was_known = erased == Erased::Subscriber;
        return output::json(&json!({ "known": was_known, "state": completion.as_str(), "now_at": now_at }));
    }
    let subject = match erased {
        Erased::Subscriber => "erased",
        Erased::Address { .. } => "no subscriber has this address; what else was on record about it is erased",
    };
    let others = now_at.iter().map(|other| {
        format!(
            "\nA subscriber who had it until recently stays, with the address {0}, and cannot undo that change any more. To erase the \
             subscriber, too: daywire subscriber erase {0}",
            other.as_typed()
        )
    });
    let others: String = others.collect();
    let rest = match completion {
        Completion::Done => "",
        Completion::QuotedElsewhere => {
            "\nThe address or the name also stands in other data, such as the text of an article or an issue, which was left as it is."
        }
        Completion::Waiting => {
            "\nA message to it is being sent, or returned mail about it waits. `daywire serve` erases the rest when that has ended."
        }
        Completion::InUse => {
            "\nAnother program reads the database for long, so its log still has old pages. `daywire serve` erases the rest afterwards."
        }
    };
    output::text(&format!("{subject}{others}{rest}"))
}
