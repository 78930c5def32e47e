//! `daywire suppression lift`: allows mail to an address again, and puts on record who did it and why.

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::store::suppressions::Lifted;
use crate::store::{StoreError, retry_on_conflict};
use crate::text::html::clean_line;

/// `daywire suppression lift`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The address.
    address: String,
    /// Why; goes on record.
    #[arg(long, default_value = "no reason given")]
    reason: String,
    /// Who lifts it; goes on record. Without it, the login name of this session.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl Args {
    /// The arguments with an address only.
    pub(crate) fn of(address: String) -> Self {
        Self {
            address,
            reason: "no reason given".to_owned(),
            by: None,
        }
    }
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let address = EmailAddress::parse(&args.address)?;
    let hash = app.keys.address_hash(address.key());
    let by = args.by.clone().or_else(login_name);
    let by = by.unwrap_or_else(|| "somebody at the command line".to_owned());
    let note = clean_line(&format!("lifted by {by}: {}", args.reason));
    let lifted = retry_on_conflict(StoreError::is_conflict, || async {
        let mut tx = app.store.write().await?;
        let lifted = tx.lift_suppression(&hash, &note, app.clock.now()).await?;
        tx.commit().await?;
        Ok::<_, StoreError>(lifted)
    })
    .await?;
    match lifted {
        Lifted::IsComplaint => anyhow::bail!(
            "the reader complained about a mail, and only the reader can lift that: by signing up again and using the link in \
             the confirmation mail. Nothing was changed"
        ),
        _ if context.json => output::json(&json!({
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

/// The person who is logged in, also behind `sudo`.
fn login_name() -> Option<String> {
    let names = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    names
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.trim().is_empty())
}
