//! `daywire issue preview`: what the next issue would contain and why, without storing anything.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::tables::{self, DecisionRow};
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::{names, output};
use crate::delivery::expected_audience::ExpectedAudience;
use crate::delivery::preflight;
use crate::digest::build;
use crate::digest::{Compiled, Decision, with_links_of};
use crate::store::issues::Issue;
use crate::text::plain::counted;

/// Compiles the next issue and prints it. Writes its parts into the folder `out`, if given.
pub(crate) async fn run(context: &Context, app: &App, slug: &str, out: Option<&Path>) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let newsletter = names::newsletter(&mut tx, slug).await?;
    let latest = tx.latest_number_and_window_end(newsletter.id).await?;
    let since = latest.map_or(newsletter.created_at, |(_, window_to)| window_to);
    let left_out = tx.count_left_out_arrivals(newsletter.id, since).await?;
    drop(tx);
    let draft = match build::preview(app, newsletter.id, app.clock.now(), None).await? {
        Compiled::Nothing(nothing) if context.json => {
            return output::json(&json!({
                "reason": nothing.reason,
                "articles": nothing.decisions,
                "left_out_on_arrival": left_out,
            }));
        }
        Compiled::Nothing(nothing) => {
            output::text(&format!("nothing to send: {}", nothing.reason))?;
            print_decisions(nothing.decisions)?;
            return print_left_out(&left_out);
        }
        Compiled::Issue(draft) => draft,
    };
    let findings = preflight::check(app, &newsletter, &draft.issue);
    let beyond = draft.decisions.iter().filter(|decision| decision.is_beyond_max_stories);
    let not_carried_over = beyond.map(|decision| decision.story).collect::<BTreeSet<_>>().len();
    let non_candidates = draft.non_candidates.len();
    let sample = |issue: &Issue| {
        let filled = |part: &str| with_links_of(app, issue, part, "TOKEN");
        (filled(&issue.html), filled(&issue.text))
    };
    let (html, text) = sample(&draft.issue);
    let inputs = Some(draft.inputs.clone());
    let (_, editions) = ExpectedAudience::read(app, &newsletter, &draft.issue, inputs).await?;
    if let Some(folder) = out {
        write_parts(folder, "issue", &html, &text)?;
        for edition in &editions {
            let name = format!("edition-{}", edition.issue.edition);
            let (html, text) = sample(&edition.issue);
            write_parts(folder, &name, &html, &text)?;
        }
    }
    if context.json {
        return output::json(&json!({
            "number": draft.issue.number,
            "subject": draft.issue.subject,
            "html": html,
            "text": text,
            "articles": draft.decisions,
            "not_carried_over": not_carried_over,
            "beyond_candidates": non_candidates,
            "planned_editions": editions.iter().map(tables::planned_edition).collect::<Vec<_>>(),
            "left_out_on_arrival": left_out,
            "findings": findings,
        }));
    }
    output::text(&format!("Subject: {}\n\n{text}", draft.issue.subject))?;
    print_decisions(draft.decisions)?;
    print_left_out(&left_out)?;
    tables::planned_editions(&editions)?;
    if non_candidates > 0 {
        let max = app.config.digest.max_candidates;
        output::text(&format!(
            "An issue that is built now leaves out {}, because it is compiled from the newest {max} that the rules let in \
             (digest.max_candidates).",
            counted(non_candidates, "older article", "older articles")
        ))?;
    }
    if not_carried_over > 0 {
        let max = draft.inputs.rules.max_stories;
        let stories = if not_carried_over == 1 {
            "1 story is"
        } else {
            &format!("{not_carried_over} stories are")
        };
        output::text(&format!(
            "{stories} beyond max_stories ({max}). An issue that is built now leaves them out for good: no later issue has them. \
             To bring them now, pin them with `daywire article rate` or raise max_stories."
        ))?;
    }
    output::findings(&findings)
}

/// Writes `NAME.html` and `NAME.txt`.
fn write_parts(folder: &Path, name: &str, html: &str, text: &str) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(folder.join(format!("{name}.html")), html))
        .and_then(|()| std::fs::write(folder.join(format!("{name}.txt")), text))
        .map_err(|error| anyhow::anyhow!("cannot write into {}: {error}; name another folder", folder.display()))
}

fn print_decisions(decisions: Vec<Decision>) -> anyhow::Result<()> {
    if decisions.is_empty() {
        return Ok(());
    }
    let rows = decisions.into_iter().map(|decision| DecisionRow {
        position: decision.position,
        reason: Some(decision.reason),
        public_id: decision.id,
        title: decision.title,
        story: Some(decision.story),
        terms: Some(decision.terms),
    });
    tables::decisions(rows)
}

/// The articles that the newsletter left out when they arrived: each reason with their number.
fn print_left_out(left_out: &[(String, i64)]) -> anyhow::Result<()> {
    if left_out.is_empty() {
        return Ok(());
    }
    let rows = left_out
        .iter()
        .map(|(reason, count)| vec![count.to_string(), reason.clone()]);
    output::table(&["left out", "when they arrived, because"], rows.collect(), "")
}
