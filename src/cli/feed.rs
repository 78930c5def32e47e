//! `daywire feed`.

use serde_json::json;
use url::Url;

use super::{Context, find_newsletter, output};
use crate::domain::ids::FeedId;
use crate::ingest::poll::{Fetch, LONGEST_URL, fetch};
use crate::store::feeds::Feed;

/// What to do with feeds.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Let a newsletter read a feed.
    Add {
        /// Where the feed is.
        url: String,
        /// The newsletter's slug.
        #[arg(long, value_name = "SLUG")]
        newsletter: String,
    },
    /// List feeds, and what is wrong with those that fail.
    List,
    /// Fetch feeds now, due or not.
    Fetch {
        /// Only this one.
        #[arg(long, value_name = "ID")]
        feed: Option<FeedId>,
    },
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add { url, newsletter } => add(context, &url, &newsletter).await,
        Command::List => list(context).await,
        Command::Fetch { feed } => fetch_now(context, feed).await,
    }
}

async fn add(context: &Context, url: &str, slug: &str) -> anyhow::Result<()> {
    let parsed = Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(parsed) = parsed else {
        anyhow::bail!("“{url}” is no address of a feed; write https://…")
    };
    let app = context.app().await?;
    anyhow::ensure!(
        parsed.as_str().len() <= LONGEST_URL,
        "an address has at most {LONGEST_URL} octets"
    );
    if let Err(refusal) = app.fetcher.guard().check_url(&parsed) {
        // It may be allowed later; what was refused is read then.
        eprintln!("note: {refusal}");
    }
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let newsletter = find_newsletter(&mut tx, slug).await?;
    let (feed, new) = tx
        .ensure_feed(FeedId(app.chance.uuid(now)), parsed.as_str(), now)
        .await?;
    tx.link_feed(newsletter.id, feed.id, now).await?;
    tx.commit().await?;
    if context.json {
        return output::json(&json!({ "id": feed.id, "url": feed.url, "newsletter": slug, "new": new }));
    }
    output::text(&format!(
        "{} {} for {slug}; it will be read within a moment by a running service",
        feed.id, feed.url
    ))
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let feeds = context.app().await?.store.read().await?.feeds().await?;
    if context.json {
        return output::json(&feeds.iter().map(document).collect::<Vec<_>>());
    }
    let rows = feeds.into_iter().map(|feed| {
        let state = match (&feed.last_error, feed.failing_since) {
            _ if feed.gone => "gone".to_owned(),
            (Some(error), Some(since)) => format!("failing since {}: {error}", output::time(since)),
            _ => feed
                .last_fetched_at
                .map_or_else(|| "not read yet".into(), |at| format!("read {}", output::time(at))),
        };
        vec![feed.id.to_string(), feed.url, feed.title, state]
    });
    let nothing = "no feed yet; `daywire feed add URL --newsletter SLUG` adds one";
    output::table(&["id", "url", "title", "state"], rows.collect(), nothing)
}

fn document(feed: &Feed) -> serde_json::Value {
    json!({
        "id": feed.id,
        "url": feed.url,
        "title": feed.title,
        "last_fetched_at": feed.last_fetched_at,
        "next_fetch_at": feed.next_fetch_at,
        "last_error": feed.last_error,
        "failing_since": feed.failing_since,
        "gone": feed.gone,
    })
}

async fn fetch_now(context: &Context, only: Option<FeedId>) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let feeds = match only {
        Some(id) => vec![
            tx.feed(id)
                .await?
                .ok_or_else(|| anyhow::anyhow!("there is no feed {id}; `daywire feed list` shows them"))?,
        ],
        None => tx.feeds().await?.into_iter().filter(|feed| !feed.gone).collect(),
    };
    drop(tx);
    let (mut rows, mut documents, mut failed) = (Vec::new(), Vec::new(), 0);
    let total = feeds.len();
    for feed in feeds {
        let (id, url) = (feed.id, feed.url.clone());
        let result = match fetch(&app, feed).await? {
            Fetch::Read(tally) => {
                documents.push(json!({ "id": id, "url": url, "new": tally.new, "known": tally.known }));
                format!("{} new, {} known", tally.new, tally.known)
            }
            Fetch::Unchanged => {
                documents.push(json!({ "id": id, "url": url, "new": 0, "unchanged": true }));
                "unchanged".into()
            }
            Fetch::Failed(reason) => {
                failed += 1;
                documents.push(json!({ "id": id, "url": url, "error": reason }));
                format!("failed: {reason}")
            }
        };
        rows.push(vec![url, result]);
    }
    if context.json {
        output::json(&documents)?;
    } else {
        output::table(
            &["url", "result"],
            rows,
            "no feed yet; `daywire feed add URL --newsletter SLUG` adds one",
        )?;
    }
    anyhow::ensure!(failed == 0, "{failed} of {total} feeds could not be read");
    Ok(())
}
