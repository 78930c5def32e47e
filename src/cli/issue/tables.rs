//! Tables that several `daywire issue` commands print.

use serde_json::json;

use crate::cli::output;
use crate::delivery::expected_audience::PlannedEdition;
use crate::delivery::report::{BounceCounts, DeliveryReport};
use crate::digest::ranking::Terms;
use crate::domain::states::DeliveryState;
use crate::text::plain::{counted, percent};

/// An article that was considered for an issue, and the decision about its story.
pub(crate) struct DecisionRow {
    /// 1-based position of the story in the issue; `None` if it was left out.
    pub(crate) position: Option<i64>,
    /// The rule that decided.
    pub(crate) reason: Option<String>,
    pub(crate) public_id: String,
    pub(crate) title: String,
    /// Number of the story. Articles of one story follow each other.
    pub(crate) story: Option<i64>,
    /// The terms of the story's score.
    pub(crate) terms: Option<Terms>,
}

/// Prints the articles of an issue and those that were left out. The first article of a story has its position, reason and score.
pub(crate) fn decisions(rows: impl Iterator<Item = DecisionRow>) -> anyhow::Result<()> {
    let mut last_story = None;
    let rows = rows.map(|row| {
        let leads = std::mem::replace(&mut last_story, row.story) != row.story;
        if !leads {
            return vec![
                String::new(),
                row.public_id,
                row.title,
                "the same story".into(),
                String::new(),
            ];
        }
        let place = row
            .position
            .map_or_else(|| "out".into(), |position| position.to_string());
        let reason = row.reason.unwrap_or_else(|| "no reason is on record".into());
        let score = row.terms.map(|terms| terms.to_string()).unwrap_or_default();
        vec![place, row.public_id, row.title, reason, score]
    });
    output::table(&["place", "article", "title", "why", "score"], rows.collect(), "")
}

/// Prints the editions that an issue would have if it started now.
pub(crate) fn planned_editions(editions: &[PlannedEdition]) -> anyhow::Result<()> {
    if editions.is_empty() {
        return Ok(());
    }
    let rows = editions.iter().map(|edition| {
        let approval = match edition.is_approved {
            Some(false) => "not approved: not sent",
            Some(true) => "approved",
            None => "",
        };
        vec![
            edition.issue.edition.to_string(),
            edition.issue.edition_name.clone(),
            counted(edition.mailed, "reader", "readers"),
            edition.issue.subject.clone(),
            approval.to_owned(),
        ]
    });
    output::table(
        &["edition", "of", "would be mailed", "subject", "approval"],
        rows.collect(),
        "",
    )
}

/// A planned edition in JSON.
pub(crate) fn planned_edition(edition: &PlannedEdition) -> serde_json::Value {
    json!({
        "number": edition.issue.edition,
        "edition": edition.issue.edition_name,
        "subject": edition.issue.subject,
        "would_be_mailed": edition.mailed,
        "approved": edition.is_approved,
    })
}

/// Prints a delivery report: a line for each state and reason, a sum for each state with several reasons, and the sum of all.
pub(crate) fn delivery_report(report: &DeliveryReport) -> anyhow::Result<()> {
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
    let verb = if report.frozen == 1 { "was" } else { "were" };
    let frozen = format!("{} {verb} frozen", report.frozen);
    rows.push(vec!["recipients".into(), frozen, report.recipients.to_string()]);
    output::table(&["state", "reason", "count"], rows, "")?;
    let accepted = report.deliveries.get(&DeliveryState::Accepted).copied();
    came_back(report.bounces, report.complaints, accepted.unwrap_or(0))
}

/// Prints how many of the accepted messages came back, if any did.
pub(crate) fn came_back(bounces: BounceCounts, complaints: i64, accepted: i64) -> anyhow::Result<()> {
    let counts = [
        (bounces.hard, "hard bounce", "hard bounces"),
        (bounces.soft, "soft bounce", "soft bounces"),
        (bounces.other, "other bounce", "other bounces"),
        (complaints, "complaint", "complaints"),
    ];
    let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, one, many)| counted(count, one, many)).collect();
    if counts.is_empty() {
        return Ok(());
    }
    output::text(&format!(
        "returned after the relay accepted them: {}\nof {}, {} are hard bounces and {} complaints",
        counts.join(", "),
        counted(accepted, "accepted message", "accepted messages"),
        percent(bounces.hard, accepted),
        percent(complaints, accepted)
    ))
}
