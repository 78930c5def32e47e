//! The inputs of editions that combine several issues.

use std::collections::HashMap;

use crate::app::App;
use crate::digest::error::CompileError;
use crate::digest::gather::candidate;
use crate::digest::inputs::{Edits, Inputs};
use crate::digest::stored_inputs::read_inputs;
use crate::domain::ids::ArticleId;
use crate::store::Tx;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// The inputs of an edition that combines the issues from number `first` to this one. All their articles are candidates and ranked
/// together. Of the editors' changes those to single articles stay: headlines, weights, which articles are one story, and for the articles
/// of this issue the pins.
pub(super) async fn combined_inputs(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    issue: &Issue,
    inputs: &Inputs,
    first: i64,
) -> Result<Inputs, CompileError> {
    let mut edits = Edits::default();
    let mut weights: HashMap<ArticleId, f64> = HashMap::new();
    let mut issues = tx.started_issues_from(newsletter.id, first).await?;
    // This issue is still a draft, so it is not among those that have started.
    issues.push((issue.id, issue.number));
    issues.sort_by_key(|(_, number)| *number);
    for (id, _) in &issues {
        let Some(past) = read_inputs(tx, *id).await? else {
            continue;
        };
        edits.titles.extend(past.edits.titles);
        edits.regrouped.extend(past.edits.regrouped);
        weights.extend(past.candidates.iter().map(|known| (known.id, known.weight)));
    }
    let placed = tx.placed_articles(&issues).await?.into_iter();
    let candidates = placed.map(|(_, article)| {
        // An article of this issue stays as this issue shows it.
        let current = inputs.candidates.iter().find(|known| known.id == article.id);
        let weight = weights.get(&article.id).copied().unwrap_or(1.0);
        current
            .cloned()
            .unwrap_or_else(|| candidate(app, article, &inputs.rules, false, weight))
    });
    Ok(Inputs {
        candidates: candidates.collect(),
        // These subscribers have not received the earlier issues, so nothing is a copy of what they know.
        previous_coverage: Vec::new(),
        edits,
        ..inputs.clone()
    })
}
