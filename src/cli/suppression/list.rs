//! `daywire suppression list`: the addresses that are never mailed, or the suppressions that ended.

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::domain::states::SuppressionReason;
use crate::store::suppression_lists::{EndedSuppression, ListedSuppression};
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
        let nothing = format!("no suppression{} has ended", for_reasons(&args.reason));
        return print_ended(context, ended, &nothing);
    }
    let mut suppressions = all(&mut tx).await?;
    // A complaint beside an operator's suppression is a reason too.
    let complained =
        |suppression: &ListedSuppression| suppression.complaint.is_some() && is_listed(SuppressionReason::Complaint);
    suppressions.retain(|suppression| is_listed(suppression.reason) || complained(suppression));
    let nothing = format!("no address is suppressed{}", for_reasons(&args.reason));
    print(context, suppressions, &nothing)
}

/// The filter, as a part of the sentence that nothing was found.
fn for_reasons(reasons: &[SuppressionReason]) -> String {
    let names: Vec<_> = reasons.iter().map(|reason| reason.as_str()).collect();
    match names.as_slice() {
        [] => String::new(),
        [name] => format!(" for this reason ({name})"),
        names => format!(" for these reasons ({})", names.join(", ")),
    }
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
pub(crate) fn shown_address(address: Option<&EmailAddress>, hash: &[u8]) -> String {
    match address {
        Some(address) => address.as_typed().to_owned(),
        None => format!(
            "#{}",
            HEXLOWER.encode(hash).chars().take(SHOWN_DIGITS).collect::<String>()
        ),
    }
}

/// The complaint beside an operator's suppression, in words.
pub(crate) fn complaint_words(evidence: Option<&str>, at: Option<DateTime<Utc>>) -> Option<String> {
    let since = at.map(|at| format!(" on {}", output::time(at))).unwrap_or_default();
    Some(format!("the reader also complained{since}: {}", evidence?))
}

fn print(context: &Context, suppressions: Vec<ListedSuppression>, nothing: &str) -> anyhow::Result<()> {
    if context.json {
        let documents = suppressions.iter().map(|suppression| {
            json!({
                "address": suppression.address.as_ref().map(EmailAddress::as_typed),
                "address_hash": HEXLOWER.encode(&suppression.address_hash),
                "reason": suppression.reason,
                "since": suppression.created_at,
                "evidence": suppression.evidence,
                "complaint": suppression.complaint,
                "complained_at": suppression.complained_at,
            })
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let has_hash = suppressions.iter().any(|suppression| suppression.address.is_none());
    let rows = suppressions.into_iter().map(|suppression| {
        let complaint = complaint_words(suppression.complaint.as_deref(), suppression.complained_at);
        let complaint = complaint.map(|complaint| format!("; {complaint}"));
        vec![
            shown_address(suppression.address.as_ref(), &suppression.address_hash),
            suppression.reason.to_string(),
            output::time(suppression.created_at),
            format!("{}{}", suppression.evidence, complaint.unwrap_or_default()),
        ]
    });
    output::table(&["address", "reason", "since", "evidence"], rows.collect(), nothing)?;
    if has_hash {
        output::text(
            "\nAn address that begins with # is shown by its keyed hash, because no address is stored: its subscriber was erased, or it \
             never subscribed. \
             `daywire subscriber show ADDRESS` says whether an address is suppressed.",
        )?;
    }
    Ok(())
}

fn print_ended(context: &Context, ended: Vec<EndedSuppression>, nothing: &str) -> anyhow::Result<()> {
    if context.json {
        return output::json(&ended.iter().map(ended_document).collect::<Vec<_>>());
    }
    let rows = ended.into_iter().map(|suppression| {
        vec![
            shown_address(suppression.address.as_ref(), &suppression.address_hash),
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
        nothing,
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
