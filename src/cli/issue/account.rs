//! `daywire issue proof`: the account of an issue, on the screen and as a file.

use std::path::Path;

use serde_json::json;

use super::super::{Context, output};
use crate::app::App;
use crate::delivery::{proof, record};
use crate::domain::ids::IssueId;

/// Draws the account up; fails if it does not balance.
pub async fn prove(context: &Context, app: &App, id: IssueId, out: Option<&Path>) -> anyhow::Result<()> {
    let (proof, digest) = match out {
        Some(file) => {
            let (proof, digest) = proof::prove_into(app, id, file).await?;
            (proof, Some(digest))
        }
        None => (proof::prove(app, id).await?, None),
    };
    if context.json {
        let mut document = serde_json::to_value(&proof)?;
        if let (Some(digest), Some(fields)) = (&digest, document.as_object_mut()) {
            fields.insert("sha256".into(), json!(digest));
        }
        output::json(&document)?;
    } else {
        table(&proof)?;
        let word = if proof.balanced {
            "the account balances"
        } else {
            "THE ACCOUNT DOES NOT BALANCE"
        };
        output::text(&format!("issue {id} is {}; {word}", proof.state))?;
        if let (Some(digest), Some(file)) = (digest, out) {
            output::text(&format!("written to {}, SHA-256 {digest}", file.display()))?;
        }
    }
    anyhow::ensure!(
        proof.balanced,
        "the account of issue {id} does not balance: {}",
        proof.faults().join(", ")
    );
    Ok(())
}

/// A line for each state and reason, a sum for each state with several, and the sum of all.
pub fn table(proof: &proof::Proof) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for (state, count) in proof.deliveries.iter().filter(|(_, count)| **count > 0) {
        let mut reasons: Vec<_> = proof.reasons.iter().filter(|reason| reason.state == *state).collect();
        reasons.sort_by_key(|reason| (-reason.count, reason.reason.clone()));
        for reason in &reasons {
            rows.push(vec![state.to_string(), reason.reason.clone(), reason.count.to_string()]);
        }
        if reasons.len() > 1 {
            rows.push(vec![state.to_string(), "all".into(), count.to_string()]);
        }
    }
    let frozen = format!("{} were frozen", proof.frozen);
    rows.push(vec!["recipients".into(), frozen, proof.recipients.to_string()]);
    output::table(&["state", "reason", "count"], rows, "")
}

/// Checks a file that `--out` wrote, without a database.
pub fn check(context: &Context, file: &Path) -> anyhow::Result<()> {
    let (header, sums, digest) = record::check(file)?;
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
        "{} no. {} ({}), {}: {} recipients, each in one state; SHA-256 {digest}",
        header.newsletter, header.number, header.issue, header.state, sums.recipients
    ))
}
