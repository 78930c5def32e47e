//! `daywire suppression lift`: allows mail to an address again, and puts on record who did it and why.

use serde_json::json;

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::names::{self, IssueName};
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::store::suppressions::Lifted;
use crate::store::{StoreError, retry_on_conflict};
use crate::text::html::clean_line;
use crate::text::plain::counted;

/// The addresses that one transaction lifts.
const PAGE: i64 = 500;

/// `daywire suppression lift`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The address to lift.
    #[arg(required_unless_present = "refused_in")]
    address: Option<String>,
    /// Lift the addresses that are suppressed because the relay refused them in this issue, such as `daily/12`, or in its editions.
    #[arg(long, value_name = "ISSUE", conflicts_with = "address")]
    refused_in: Option<IssueName>,
    /// The reason, which goes on record.
    #[arg(long, default_value = "no reason given")]
    reason: String,
    /// Who lifts it, which goes on record too. Without it, the login name of this session.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl Args {
    /// The arguments with an address only.
    pub(crate) fn of(address: String) -> Self {
        Self {
            address: Some(address),
            refused_in: None,
            reason: "no reason given".to_owned(),
            by: None,
        }
    }
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let by = args.by.clone().or_else(login_name);
    let by = by.unwrap_or_else(|| "somebody at the command line".to_owned());
    let note = clean_line(&format!("lifted by {by}: {}", args.reason));
    if let Some(issue) = &args.refused_in {
        return lift_refused(context, &app, issue, &note).await;
    }
    let address = EmailAddress::parse(args.address.as_deref().unwrap_or_default())?;
    let hash = app.keys.address_hash(address.key()).to_vec();
    let lifted = lift(&app, &[hash], &note).await?;
    match lifted.first().copied().unwrap_or(Lifted::WasNotSuppressed) {
        Lifted::IsComplaint => anyhow::bail!(
            "the reader complained about a mail, and only the reader can lift this suppression, by signing up again and using the link in \
             the confirmation mail; nothing was changed"
        ),
        lifted if context.json => output::json(&json!({
            "changed": lifted != Lifted::WasNotSuppressed,
            "suppressed": lifted == Lifted::ComplaintRemains,
        })),
        Lifted::Lifted => output::text("no longer suppressed"),
        Lifted::WasNotSuppressed => output::text("was not suppressed"),
        Lifted::ComplaintRemains => output::text(
            "the operator's suppression is lifted. The reader had complained too, so the address stays suppressed until the reader \
             signs up again and confirms",
        ),
    }
}

/// Lifts suppressions in one transaction, and returns the result for each address.
async fn lift(app: &App, hashes: &[Vec<u8>], note: &str) -> Result<Vec<Lifted>, StoreError> {
    retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        let mut lifted = Vec::new();
        for hash in hashes {
            lifted.push(tx.lift_suppression(hash, note, app.clock.now()).await?);
        }
        tx.commit().await?;
        Ok(lifted)
    })
    .await
}

async fn lift_refused(context: &Context, app: &App, name: &IssueName, note: &str) -> anyhow::Result<()> {
    let issue = names::issue(&mut app.store.read().await?, name).await?;
    let mut count = 0;
    loop {
        let page = app.store.read().await?.refused_addresses(issue, PAGE).await?;
        if page.is_empty() {
            break;
        }
        count += lift(app, &page, note).await?.len();
    }
    if context.json {
        return output::json(&json!({ "lifted": count }));
    }
    output::text(&format!(
        "{} no longer suppressed",
        counted(i64::try_from(count).unwrap_or(i64::MAX), "address is", "addresses are")
    ))
}

/// The person who is logged in, also behind `sudo`.
fn login_name() -> Option<String> {
    let names = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    names
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.trim().is_empty())
}
