//! `daywire article show`: one article with its corrections, and what each newsletter did with it.

use chrono::{DateTime, Utc};

use super::change_report::retraction_line;
use crate::cli::context::Context;
use crate::cli::{names, output};
use crate::ingest::view;
use crate::store::Tx;
use crate::store::arrivals::Arrival;
use crate::store::articles::Article;

pub(crate) async fn run(context: &Context, id: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let article = names::article(&mut tx, id).await?;
    if context.json {
        return output::json(&view::whole(&mut tx, &app, &article).await?);
    }
    output::text(&as_text(&mut tx, &article).await?)
}

async fn as_text(tx: &mut Tx, article: &Article) -> anyhow::Result<String> {
    let mut lines = vec![format!("{}: {}", article.public_id, article.title)];
    let mut line = |label: &str, text: &str| {
        if !text.is_empty() {
            lines.push(format!("{label}: {text}"));
        }
    };
    let time = |at: Option<DateTime<Utc>>| at.map(output::time).unwrap_or_default();
    line("source", &article.source_name);
    line("authors", &article.authors.replace('\n', ", "));
    line("address", article.url.as_deref().unwrap_or_default());
    line("topic", article.category.as_deref().unwrap_or_default());
    line("language", article.language.as_deref().unwrap_or_default());
    line("published", &time(article.published_at));
    line("arrived", &output::time(article.arrived_at));
    line("edited", &time(article.edited_at));
    if let Some(at) = article.retracted_at {
        line(
            "state",
            &retraction_line(at, tx.retraction_note(article.id).await?.as_deref()),
        );
    }
    line("summary", &article.summary);
    for correction in tx.corrections_of_article(article.id).await? {
        let (at, kind) = (output::time(correction.at), correction.kind.as_str());
        let note = if correction.note.is_empty() {
            "without a note"
        } else {
            &correction.note
        };
        line("correction", &format!("{kind} {at}: {note}"));
    }
    for arrival in tx.arrivals_of_article(article.id).await? {
        let state = state_in_newsletter(tx, article, &arrival).await?;
        line(&arrival.slug, &state);
    }
    lines.push("The whole text is in the output of --json.".to_owned());
    Ok(lines.join("\n"))
}

/// Whether the article waits for an issue of the newsletter, is in one, or was left out and why.
async fn state_in_newsletter(tx: &mut Tx, article: &Article, arrival: &Arrival) -> anyhow::Result<String> {
    let reason = arrival.reason.as_deref();
    let issue = match arrival.issue_id {
        Some(issue) => tx.issue_name(issue).await?,
        None => {
            return Ok(match reason {
                Some(reason) => format!("left out: {reason}"),
                // A retracted article does not wait, though no rule of the newsletter left it out.
                None if article.retracted_at.is_some() => "left out: the article is retracted".to_owned(),
                None => "waits for the next issue".to_owned(),
            });
        }
    };
    Ok(match arrival.position {
        Some(position) => format!("at place {position} of issue {issue}"),
        None => format!(
            "left out of issue {issue}: {}",
            reason.unwrap_or("no reason is on record")
        ),
    })
}
