//! `daywire issue proof`: the delivery report of an issue, on the screen and as a file.

use std::path::Path;

use serde_json::json;

use super::super::{Context, output};
use crate::app::App;
use crate::delivery::{control, report, report_file};
use crate::domain::ids::IssueId;
use crate::domain::states::DeliveryState;
use crate::store::delivery_lists::AddressedDelivery;
use crate::text::plain::counted;

/// The number of rows per page.
const PAGE: i64 = 10_000;

/// Prints the report; fails if it does not balance.
pub async fn prove(
    context: &Context,
    app: &App,
    id: IssueId,
    out: Option<&Path>,
    addresses: bool,
) -> anyhow::Result<()> {
    let name = app.store.read().await?.issue_name(id).await?;
    let (report, digest) = match out {
        Some(file) => {
            let (report, digest) = report::write_report(app, id, file, addresses).await?;
            (report, Some(digest))
        }
        None => (report::delivery_report(app, id).await?, None),
    };
    if context.json {
        let mut document = serde_json::to_value(&report)?;
        if let (Some(digest), Some(fields)) = (&digest, document.as_object_mut()) {
            fields.insert("sha256".into(), json!(digest));
        }
        output::json(&document)?;
    } else {
        table(&report)?;
        let word = if report.balanced {
            "the delivery report balances"
        } else {
            "THE DELIVERY REPORT DOES NOT BALANCE"
        };
        let with = match report.editions {
            0 => String::new(),
            1 => " with its edition".to_owned(),
            editions => format!(" with its {editions} editions"),
        };
        output::text(&format!("{name}{with} is {}; {word}", report.state))?;
        if let (Some(digest), Some(file)) = (digest, out) {
            let holds = if addresses {
                ", with addresses: keep it where they are safe"
            } else {
                ""
            };
            output::text(&format!("written to {}{holds}; SHA-256 {digest}", file.display()))?;
        }
    }
    anyhow::ensure!(
        report.balanced,
        "the delivery report of {name} does not balance: {}",
        report.faults().join(", ")
    );
    Ok(())
}

/// A line for each state and reason, a sum for each state with several, and the sum of all.
pub fn table(report: &report::DeliveryReport) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for (state, count) in report.deliveries.iter().filter(|(_, count)| **count > 0) {
        let mut reasons: Vec<_> = report.reasons.iter().filter(|reason| reason.state == *state).collect();
        reasons.sort_by_key(|reason| (-reason.count, reason.reason.clone()));
        for reason in &reasons {
            rows.push(vec![state.to_string(), reason.reason.clone(), reason.count.to_string()]);
        }
        if reasons.len() > 1 {
            rows.push(vec![state.to_string(), "all".into(), count.to_string()]);
        }
    }
    let frozen = format!("{} were frozen", report.frozen);
    rows.push(vec!["recipients".into(), frozen, report.recipients.to_string()]);
    output::table(&["state", "reason", "count"], rows, "")
}

/// Lists the recipients of an issue and its editions, all or those in some states.
pub async fn deliveries(context: &Context, app: &App, id: IssueId, states: &[DeliveryState]) -> anyhow::Result<()> {
    let mut tx = app.store.read_snapshot().await?;
    control::find(&mut tx, id).await?;
    let editions = tx.editions_of(id).await?.into_iter().map(|edition| edition.id);
    let (mut documents, mut rows) = (Vec::new(), Vec::new());
    for part in std::iter::once(id).chain(editions) {
        let name = tx.issue_name(part).await?;
        let mut after = None;
        loop {
            let page = tx.addressed_deliveries(part, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.subscription_id);
            let wanted = |line: &&AddressedDelivery| states.is_empty() || states.contains(&line.state);
            for line in page.iter().filter(wanted) {
                if context.json {
                    documents.push(json!({
                        "issue": name,
                        "subscription": line.subscription_id,
                        "address": line.address,
                        "state": line.state,
                        "attempts": line.attempts,
                        "reply": line.last_reply,
                        "at": line.updated_at,
                    }));
                } else {
                    rows.push(vec![
                        line.address.clone().unwrap_or_else(|| line.subscription_id.to_string()),
                        line.state.to_string(),
                        output::time(line.updated_at),
                        line.last_reply.clone().unwrap_or_default(),
                    ]);
                }
            }
        }
    }
    if context.json {
        return output::json(&documents);
    }
    let nothing = if states.is_empty() {
        "it was sent to nobody yet"
    } else {
        "no delivery is in this state"
    };
    output::table(&["address", "state", "since", "reply"], rows, nothing)
}

/// Checks a file that `--out` wrote, without a database.
pub fn check(context: &Context, file: &Path) -> anyhow::Result<()> {
    let (header, sums, digest) = report_file::check(file)?;
    if context.json {
        return output::json(&json!({
            "intact": true,
            "issue": header.issue,
            "newsletter": header.newsletter,
            "number": header.number,
            "state": header.state,
            "recipients": sums.recipients,
            "deliveries": sums.deliveries,
            "sha256": digest,
        }));
    }
    output::text(&format!(
        "{} no. {} ({}), {}: {}, each in one state; SHA-256 {digest}",
        header.newsletter,
        header.number,
        header.issue,
        header.state,
        counted(sums.recipients, "recipient", "recipients")
    ))
}
