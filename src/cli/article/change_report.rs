//! How commands report changes of an article: which fields changed, and which issues are concerned.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::cli::output;
use crate::domain::correction_note::field_names;
use crate::domain::ids::IssueId;
use crate::ingest::change::ArticleChange;
use crate::store::Tx;

/// What a change did, as JSON.
pub(crate) fn document(public_id: &str, change: &ArticleChange) -> serde_json::Value {
    json!({
        "id": public_id,
        "changed": change.fields,
        "sent": change.sent,
        "drafts": change.drafts,
    })
}

/// What a change did, as text.
pub(crate) async fn text(tx: &mut Tx, public_id: &str, change: &ArticleChange) -> anyhow::Result<String> {
    if change.fields.is_empty() {
        return Ok(format!("{public_id}: unchanged"));
    }
    let mut lines = vec![format!("{public_id} changed: {}", field_names(&change.fields))];
    if !change.drafts.is_empty() {
        lines.push(format!(
            "{} was not sent yet and is compiled again with it.",
            issue_names(tx, &change.drafts).await?
        ));
    }
    lines.extend(withdrawn_approvals(tx, &change.unapproved).await?);
    if change.sent > 0 {
        lines.push("Readers have the former text; the next issue lists the correction.".to_owned());
    }
    Ok(lines.join("\n"))
}

/// The issues that have to be approved again; `None` if no approval was withdrawn.
pub(crate) async fn withdrawn_approvals(tx: &mut Tx, issues: &[IssueId]) -> anyhow::Result<Option<String>> {
    let what_next =
        "The approval was withdrawn, because the text changed: read it and `daywire issue approve` it again.";
    if issues.is_empty() {
        return Ok(None);
    }
    Ok(Some(format!("{}: {what_next}", issue_names(tx, issues).await?)))
}

/// `issue morning/7, issue morning/8`.
pub(crate) async fn issue_names(tx: &mut Tx, issues: &[IssueId]) -> anyhow::Result<String> {
    let mut names = Vec::new();
    for id in issues {
        names.push(format!("issue {}", tx.issue_name(*id).await?));
    }
    Ok(names.join(", "))
}

/// `retracted 2026-11-25 10:00:00 UTC: It never happened.`
pub(crate) fn retraction_line(at: DateTime<Utc>, note: Option<&str>) -> String {
    let reason = note.filter(|note| !note.is_empty()).unwrap_or("no reason was given");
    format!("retracted {}: {reason}", output::time(at))
}
