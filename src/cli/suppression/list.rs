//! `daywire suppression list`: the addresses that are never mailed, or the suppressions that ended.

use data_encoding::HEXLOWER;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::domain::states::SuppressionReason;
use crate::store::suppressions::{EndedSuppression, ListedSuppression};
use crate::store::{Result, Tx};

/// How many suppressions are read at once.
const PAGE_SIZE: i64 = 1_000;
/// The digits of a hash that a table shows.
const SHOWN_DIGITS: usize = 12;

/// `daywire suppression list`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only for this reason: `hard_bounce`, `complaint`, `operator` or `import`; may be given more than once.
    #[arg(long, value_name = "REASON")]
    reason: Vec<SuppressionReason>,
    /// List those that ended instead: who lifted them and why.
    #[arg(long)]
    ended: bool,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let is_listed = |reason: SuppressionReason| args.reason.is_empty() || args.reason.contains(&reason);
    if args.ended {
        let mut ended = all_ended(&mut tx).await?;
        ended.retain(|suppression| is_listed(suppression.reason));
        return print_ended(context, ended);
    }
    let mut suppressions = all(&mut tx).await?;
    suppressions.retain(|suppression| is_listed(suppression.reason));
    print(context, suppressions)
}

/// All suppressions, the oldest first.
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<ListedSuppression>> {
    let mut all: Vec<ListedSuppression> = Vec::new();
    loop {
        let after = all.last().map(|last| (last.created_at, last.address_hash.clone()));
        let after = after.as_ref().map(|(time, hash)| (*time, hash.as_slice()));
        let page = tx.suppressions_after(after, PAGE_SIZE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn all_ended(tx: &mut Tx) -> Result<Vec<EndedSuppression>> {
    let mut all: Vec<EndedSuppression> = Vec::new();
    loop {
        let after = all
            .last()
            .map(|last| (last.ended_at, last.address_hash.clone(), last.number));
        let after = after
            .as_ref()
            .map(|(time, hash, number)| (*time, hash.as_slice(), *number));
        let page = tx.ended_suppressions_after(after, PAGE_SIZE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// The address, or the beginning of its hash if no subscriber with it is on record.
fn shown(address: Option<&EmailAddress>, hash: &[u8]) -> String {
    match address {
        Some(address) => address.as_typed().to_owned(),
        None => format!(
            "#{}",
            HEXLOWER.encode(hash).chars().take(SHOWN_DIGITS).collect::<String>()
        ),
    }
}

fn print(context: &Context, suppressions: Vec<ListedSuppression>) -> anyhow::Result<()> {
    if context.json {
        let documents = suppressions.iter().map(|suppression| {
            json!({
                "address": suppression.address.as_ref().map(EmailAddress::as_typed),
                "address_hash": HEXLOWER.encode(&suppression.address_hash),
                "reason": suppression.reason,
                "since": suppression.created_at,
                "evidence": suppression.evidence,
                "complaint": suppression.complaint,
            })
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let has_hash = suppressions.iter().any(|suppression| suppression.address.is_none());
    let rows = suppressions.into_iter().map(|suppression| {
        let complaint = suppression
            .complaint
            .map(|complaint| format!("; also complained: {complaint}"));
        vec![
            shown(suppression.address.as_ref(), &suppression.address_hash),
            suppression.reason.to_string(),
            output::time(suppression.created_at),
            format!("{}{}", suppression.evidence, complaint.unwrap_or_default()),
        ]
    });
    output::table(
        &["address", "reason", "since", "evidence"],
        rows.collect(),
        "no address is suppressed",
    )?;
    if has_hash {
        output::text(
            "\nAn address that begins with # is shown by its keyed hash, because no address is stored: its subscriber was erased, or it \
             never subscribed. \
             `daywire subscriber show ADDRESS` says whether an address is suppressed.",
        )?;
    }
    Ok(())
}

fn print_ended(context: &Context, ended: Vec<EndedSuppression>) -> anyhow::Result<()> {
    if context.json {
        return output::json(&ended.iter().map(ended_document).collect::<Vec<_>>());
    }
    let rows = ended.into_iter().map(|suppression| {
        vec![
            shown(suppression.address.as_ref(), &suppression.address_hash),
            suppression.reason.to_string(),
            output::time(suppression.created_at),
            output::time(suppression.ended_at),
            suppression.ended_by.to_string(),
            suppression.note,
            suppression.evidence,
        ]
    });
    output::table(
        &["address", "reason", "since", "until", "ended by", "note", "evidence"],
        rows.collect(),
        "no suppression has ended",
    )
}

/// An ended suppression as JSON.
pub(crate) fn ended_document(suppression: &EndedSuppression) -> serde_json::Value {
    json!({
        "address": suppression.address.as_ref().map(EmailAddress::as_typed),
        "address_hash": HEXLOWER.encode(&suppression.address_hash),
        "reason": suppression.reason,
        "since": suppression.created_at,
        "evidence": suppression.evidence,
        "until": suppression.ended_at,
        "ended_by": suppression.ended_by,
        "note": suppression.note,
    })
}
