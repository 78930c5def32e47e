//! `daywire article list`: the articles that arrived last.

use serde_json::json;

use super::change_report::retraction_line;
use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::states::LeftOut;
use crate::ingest::view;
use crate::store::arrivals::Arrival;

/// Lists up to `count` articles. Without `all`, those that every newsletter takes from another feed are left out.
pub(crate) async fn run(context: &Context, count: i64, all: bool) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let mut listed = Vec::new();
    for article in tx.last_arrived_articles(count).await? {
        let arrivals = tx.arrivals_of_article(article.id).await?;
        let note = match article.retracted_at {
            Some(_) => tx.retraction_note(article.id).await?,
            None => None,
        };
        // The list also has the article that the newsletters take instead.
        let is_copy = |arrival: &Arrival| arrival.left_out == Some(LeftOut::SameArticle);
        if all || arrivals.is_empty() || !arrivals.iter().all(is_copy) {
            listed.push((article, arrivals, note));
        }
    }
    if context.json {
        let documents = listed.iter().map(|(article, arrivals, note)| {
            let mut document = json!(view::brief(&app, article));
            document["retraction_note"] = json!(note);
            document["newsletters"] = json!(view::newsletter_states(article, arrivals));
            document
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = listed.into_iter().map(|(article, arrivals, note)| {
        let remark = match article.retracted_at {
            Some(at) => retraction_line(at, note.as_deref()),
            None => left_out_remark(&arrivals),
        };
        vec![
            article.public_id,
            output::time(article.arrived_at),
            article.source_name,
            article.title,
            remark,
        ]
    });
    let nothing = "no article yet; `daywire feed add` or `daywire article import` brings some";
    output::table(&["id", "arrived", "source", "title", "remark"], rows.collect(), nothing)
}

/// Which newsletters left an article out when it arrived, and why.
fn left_out_remark(arrivals: &[Arrival]) -> String {
    let left_out = arrivals.iter().filter(|arrival| arrival.left_out.is_some());
    let remarks = left_out.map(|arrival| {
        let reason = arrival.reason.as_deref().unwrap_or("no reason is on record");
        format!("{}: {reason}", arrival.slug)
    });
    remarks.collect::<Vec<_>>().join("; ")
}
