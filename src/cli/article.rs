//! `daywire article`.

mod edit;
mod rate;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Context, cut_off, find_newsletter, names, output, read_file};
use crate::domain::ids::IssueId;
use crate::domain::scope::Scope;
use crate::domain::states::LeftOut;
use crate::feeds::parse::{Kind, detect, parse};
use crate::ingest::json_lines::{self, Imported};
use crate::ingest::{Origin, store_entries, view};
use crate::store::Tx;
use crate::store::arrivals::Arrival;
use crate::store::articles::Article;

/// At most this many refused lines of a file are listed on a terminal.
const MAX_LISTED: usize = 100;

/// What to do with articles.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add an article of your own from a Markdown file; the same file added again edits it.
    Add(edit::AddArgs),
    /// Change an article.
    Edit(edit::EditArgs),
    /// Import an RSS, Atom or JSON Feed file, or JSON lines.
    Import {
        /// The file.
        file: PathBuf,
        /// The newsletter it arrives for; none: every newsletter.
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
        /// The site shows these articles whole. Without this it shows an excerpt of each article that has an address elsewhere,
        /// with a link to it.
        #[arg(long)]
        full_text: bool,
        /// Exit with status 0 although lines were refused.
        #[arg(long)]
        partial: bool,
    },
    /// List the latest articles.
    List {
        /// How many.
        #[arg(long, default_value_t = 50)]
        count: i64,
        /// Also articles that each newsletter has from another feed.
        #[arg(long)]
        all: bool,
    },
    /// Show one article.
    Show {
        /// Its id, such as `TX_080089`, or the first digits of it.
        id: String,
    },
    /// Say what a waiting article is worth to a newsletter's next issue: first of all, or beside the others.
    Rate(rate::RateArgs),
    /// Take an article back: its page says so, and no issue that is not sent yet brings it.
    Retract(edit::RetractArgs),
    /// Undo a retraction: the article's page is back, and readers who were notified of the retraction are notified that it is undone.
    Restore(edit::RestoreArgs),
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add(args) => Box::pin(edit::add(context, &args)).await,
        Command::Edit(args) => edit::edit(context, &args).await,
        Command::Import {
            file,
            newsletter,
            full_text,
            partial,
        } => import(context, &file, newsletter.as_deref(), full_text, partial).await,
        Command::List { count, all } => {
            let app = context.app().await?;
            let mut tx = app.store.read().await?;
            let mut listed = Vec::new();
            for article in tx.last_arrived_articles(count).await? {
                let arrivals = tx.arrivals_of_article(article.id).await?;
                let note = match article.retracted_at {
                    Some(_) => tx.retraction_note(article.id).await?,
                    None => None,
                };
                // The list already has the same article, from the feed that the newsletter takes it from.
                let is_copy = |arrival: &Arrival| arrival.left_out == Some(LeftOut::SameArticle);
                if all || arrivals.is_empty() || !arrivals.iter().all(is_copy) {
                    listed.push((article, arrivals, note));
                }
            }
            if context.json {
                let shown = listed.iter().map(|(article, arrivals, note)| {
                    let mut shown = json!(view::brief(&app, article));
                    shown["retraction_note"] = json!(note);
                    shown["newsletters"] = json!(view::newsletter_states(article, arrivals));
                    shown
                });
                return output::json(&shown.collect::<Vec<_>>());
            }
            let rows = listed.into_iter().map(|(article, arrivals, note)| {
                let remark = match article.retracted_at {
                    Some(at) => retracted(at, note.as_deref()),
                    None => left_out(&arrivals),
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
        Command::Show { id } => {
            let app = context.app().await?;
            let mut tx = app.store.read().await?;
            let article = names::article(&mut tx, &id).await?;
            let shown = json!(view::whole(&mut tx, &app, &article).await?);
            if context.json {
                return output::json(&shown);
            }
            output::text(&described(&mut tx, &article, &shown).await?)
        }
        Command::Rate(args) => rate::rate(context, &args).await,
        Command::Retract(args) => edit::retract(context, &args).await,
        Command::Restore(args) => edit::restore(context, &args).await,
    }
}

/// An article as text: its content, its corrections, and its state in each newsletter.
async fn described(tx: &mut Tx, article: &Article, shown: &serde_json::Value) -> anyhow::Result<String> {
    let mut lines = vec![format!("{}: {}", article.public_id, article.title)];
    let mut line = |what: &str, text: &str| {
        if !text.is_empty() {
            lines.push(format!("{what}: {text}"));
        }
    };
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let moment = |at: Option<DateTime<Utc>>| at.map(output::time).unwrap_or_default();
    line("source", &article.source_name);
    line("authors", &article.authors.replace('\n', ", "));
    line("address", article.url.as_deref().unwrap_or_default());
    line("topic", article.category.as_deref().unwrap_or_default());
    line("language", article.language.as_deref().unwrap_or_default());
    line("published", &moment(article.published_at));
    line("arrived", &moment(Some(article.arrived_at)));
    line("edited", &moment(article.edited_at));
    if let Some(at) = article.retracted_at {
        line("state", &retracted(at, shown["retraction_note"].as_str()));
    }
    line("summary", &article.summary);
    for correction in shown["corrections"].as_array().into_iter().flatten() {
        let (at, kind, note) = (
            text(&correction["at"]),
            text(&correction["kind"]),
            text(&correction["note"]),
        );
        line("correction", &format!("{at} {kind} {note}"));
    }
    for newsletter in shown["newsletters"].as_array().into_iter().flatten() {
        let standing = match (&newsletter["waiting"], newsletter["issue"].as_str()) {
            (serde_json::Value::Bool(true), _) => "waits for the next issue".to_owned(),
            (_, Some(issue)) => {
                let issue = tx.issue_name(IssueId(issue.parse()?)).await?;
                match newsletter["position"].as_i64() {
                    Some(place) => format!("at place {place} of issue {issue}"),
                    None => format!("left out of issue {issue}: {}", text(&newsletter["reason"])),
                }
            }
            _ => format!("left out: {}", text(&newsletter["reason"])),
        };
        line(&text(&newsletter["newsletter"]), &standing);
    }
    lines.push("The whole text is in the output of --json.".to_owned());
    Ok(lines.join("\n"))
}

/// `retracted 2026-11-25 10:00:00 UTC: It never happened.`
fn retracted(at: DateTime<Utc>, note: Option<&str>) -> String {
    let why = note.filter(|note| !note.is_empty()).unwrap_or("no reason was given");
    format!("retracted {}: {why}", output::time(at))
}

/// Why newsletters left an article out when it arrived.
fn left_out(arrivals: &[Arrival]) -> String {
    let left_out = arrivals.iter().filter(|arrival| arrival.left_out.is_some());
    let said = left_out.map(|arrival| format!("{}: {}", arrival.slug, arrival.reason.as_deref().unwrap_or_default()));
    said.collect::<Vec<_>>().join("; ")
}

async fn import(
    context: &Context,
    file: &std::path::Path,
    newsletter: Option<&str>,
    full_text: bool,
    partial: bool,
) -> anyhow::Result<()> {
    let bytes = read_file(file)?;
    let app = context.app_or_new().await?;
    let mut tx = app.store.read().await?;
    let newsletters = match newsletter {
        Some(slug) => vec![find_newsletter(&mut tx, slug).await?],
        None => tx.newsletters().await?,
    };
    drop(tx);
    let newsletters = newsletters.iter().map(|newsletter| newsletter.id).collect();
    let Imported { tally, refused } = if detect(&bytes) == Kind::JsonLines {
        json_lines::import_json_lines(&app, bytes, newsletters, full_text).await?
    } else {
        let feed = parse(&bytes, None).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
        if feed.ends_early {
            eprintln!("note: {}", cut_off(file, feed.entries.len()));
        }
        let scope = feed.site_url.clone().unwrap_or_else(|| feed.title.clone());
        let origin = Origin {
            scope: Scope::file(&scope),
            source_name: feed.title,
            newsletters,
            full_text,
        };
        Imported {
            tally: store_entries(&app, &origin, &feed.entries).await?,
            refused: Vec::new(),
        }
    };
    if context.json {
        output::json(&json!({ "new": tally.new, "known": tally.known, "refused": refused }))?;
    } else {
        for line in refused.iter().take(MAX_LISTED) {
            eprintln!("line {}: {}", line.line, line.reason);
        }
        if refused.len() > MAX_LISTED {
            eprintln!(
                "These are the first {MAX_LISTED} of {} refused lines. `daywire --json article import …` lists all.",
                refused.len()
            );
        }
        output::text(&format!(
            "{} new, {} known, {} refused",
            tally.new,
            tally.known,
            refused.len()
        ))?;
    }
    if !refused.is_empty() && !partial {
        anyhow::bail!(
            "{}: {} of {} refused and the others were imported; correct these lines and import the file again, which adds only \
             what is missing, or accept it with --partial",
            file.display(),
            refused.len(),
            match tally.new + tally.known + refused.len() {
                1 => "1 line was".to_owned(),
                lines => format!("{lines} lines were"),
            },
        );
    }
    Ok(())
}
