//! `daywire feed`.

mod adding;
mod fetching;
mod lists;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::names::{self, FeedName};
use super::{Context, find_newsletter, output};
use crate::domain::ids::FeedId;
use crate::domain::redact::without_secrets;
use crate::store::feeds::Feed;
use crate::store::{StoreError, Tx};

/// What tables say when there is nothing to show.
const NO_FEED: &str = "no feed yet; `daywire feed add URL --newsletter SLUG` adds one";

/// What to do with feeds.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Let a newsletter read a feed.
    Add {
        /// Where the feed is, or a page that links it.
        url: String,
        /// The newsletter's slug.
        #[arg(long, value_name = "SLUG")]
        newsletter: String,
        /// The site shows the feed's articles whole: it is yours, or its publisher agreed. Without this it shows an excerpt of
        /// each and links to the publisher.
        #[arg(long)]
        full_text: bool,
        /// Add the feed although it cannot be read now.
        #[arg(long)]
        anyway: bool,
    },
    /// Change how a feed's articles are shown.
    Edit {
        /// The feed: its address, its id, or the beginning of its id.
        #[arg(value_name = "FEED")]
        id: FeedName,
        /// `true`: the site shows its articles whole; `false`: an excerpt of each, with a link to the publisher.
        #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set)]
        full_text: bool,
    },
    /// List feeds, and what is wrong with those that fail.
    List {
        /// Also list feeds that no newsletter reads now.
        #[arg(long)]
        all: bool,
    },
    /// Fetch feeds now, due or not.
    Fetch {
        /// Only this one: its address, its id, or the beginning of its id.
        #[arg(long, value_name = "FEED")]
        feed: Option<FeedName>,
    },
    /// Let a newsletter read a feed no longer.
    Remove {
        /// The feed: its address, its id, or the beginning of its id.
        #[arg(value_name = "FEED")]
        id: FeedName,
        /// The newsletter's slug.
        #[arg(long, value_name = "SLUG")]
        newsletter: String,
    },
    /// Take up a feed that is gone or fails: it is read at once.
    Resume {
        /// The feed: its address, its id, or the beginning of its id.
        #[arg(value_name = "FEED")]
        id: FeedName,
    },
    /// Let a newsletter read all feeds of an OPML file.
    Import {
        /// The file.
        file: PathBuf,
        /// The newsletter's slug; it can be left out if there is only one newsletter.
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
    },
    /// Print all feeds as OPML, in a folder for each newsletter.
    Export {
        /// Only what this newsletter reads.
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
    },
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add {
            url,
            newsletter,
            full_text,
            anyway,
        } => Box::pin(adding::run(context, &url, &newsletter, full_text, anyway)).await,
        Command::Edit { id, full_text } => edit(context, &id, full_text).await,
        Command::List { all } => list(context, all).await,
        Command::Fetch { feed } => fetching::run(context, feed.as_ref()).await,
        Command::Remove { id, newsletter } => remove(context, &id, &newsletter).await,
        Command::Resume { id } => resume(context, &id).await,
        Command::Import { file, newsletter } => lists::import(context, &file, newsletter.as_deref()).await,
        Command::Export { newsletter } => lists::export(context, newsletter.as_deref()).await,
    }
}

/// The slugs of the newsletters that read each feed.
async fn readers(tx: &mut Tx) -> Result<BTreeMap<FeedId, Vec<String>>, StoreError> {
    let mut readers: BTreeMap<FeedId, Vec<String>> = BTreeMap::new();
    for (feed, slug) in tx.newsletters_by_feed().await? {
        readers.entry(feed).or_default().push(slug);
    }
    Ok(readers)
}

async fn list(context: &Context, all: bool) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let mut feeds = tx.feeds().await?;
    let readers = readers(&mut tx).await?;
    feeds.retain(|feed| all || readers.contains_key(&feed.id));
    let readers = |feed: &Feed| readers.get(&feed.id).cloned().unwrap_or_default();
    if context.json {
        return output::json(
            &feeds
                .iter()
                .map(|feed| document(feed, &readers(feed)))
                .collect::<Vec<_>>(),
        );
    }
    let rows = feeds.iter().map(|feed| {
        let readers = readers(feed);
        let state = state(feed, readers.is_empty());
        vec![
            feed.id.to_string(),
            feed.url.clone(),
            feed.title.clone(),
            readers.join(", "),
            if feed.full_text { "full text" } else { "excerpt" }.to_owned(),
            state,
        ]
    });
    output::table(
        &["id", "url", "title", "newsletters", "on the site", "state"],
        rows.collect(),
        NO_FEED,
    )
}

/// The state of a feed: whether and when it was read, or why it fails.
fn state(feed: &Feed, idle: bool) -> String {
    let read = feed
        .last_read_at
        .map_or_else(|| "never read".to_owned(), |at| format!("read {}", output::time(at)));
    let since = || feed.failing_since.map(output::time).unwrap_or_default();
    match &feed.last_error {
        _ if idle => "read by no newsletter".to_owned(),
        None => format!("{read}{}", overflow(feed)),
        Some(error) if feed.gone => format!("gone since {}: {error}; {read}", since()),
        Some(error) if feed.failing_since.is_some() => format!("failing since {}: {error}; {read}", since()),
        Some(error) => format!("to be tried again, failed before: {error}; {read}"),
    }
}

/// How many entries of a feed's last limited fetch were left out.
fn overflow(feed: &Feed) -> String {
    feed.overflow_at.map_or_else(String::new, |at| {
        format!(
            "; {} new entries left out {} (feeds.max_new_per_fetch, feeds.max_new_per_day)",
            feed.overflow_entries,
            output::time(at)
        )
    })
}

fn document(feed: &Feed, newsletters: &[String]) -> serde_json::Value {
    json!({
        "id": feed.id,
        "url": feed.url,
        "title": feed.title,
        "newsletters": newsletters,
        "last_fetched_at": feed.last_fetched_at,
        "last_read_at": feed.last_read_at,
        "next_fetch_at": feed.next_fetch_at,
        "interval_seconds": feed.interval_seconds,
        "last_error": feed.last_error,
        "failing_since": feed.failing_since,
        "failures": feed.failures,
        "gone": feed.gone,
        "full_text": feed.full_text,
        "entries_left_out": feed.overflow_entries,
        "entries_left_out_at": feed.overflow_at,
    })
}

async fn edit(context: &Context, name: &FeedName, full_text: bool) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.write().await?;
    let Feed { id, url, .. } = names::feed(&mut tx, name).await?;
    tx.set_feed_full_text(id, full_text).await?;
    tx.commit().await?;
    if context.json {
        return output::json(&json!({ "id": id, "full_text": full_text }));
    }
    let how = if full_text {
        "whole"
    } else {
        "as excerpts with a link to the publisher"
    };
    output::text(&format!(
        "the site shows the articles of {} {how}",
        without_secrets(&url)
    ))
}

async fn remove(context: &Context, name: &FeedName, slug: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.write().await?;
    let newsletter = find_newsletter(&mut tx, slug).await?;
    let feed = names::feed(&mut tx, name).await?;
    let id = feed.id;
    anyhow::ensure!(
        tx.unlink_feed(newsletter.id, id).await?,
        "{slug} does not read {}; `daywire feed list` shows who does",
        feed.url
    );
    tx.commit().await?;
    if context.json {
        return output::json(&json!({ "id": id, "url": feed.url, "newsletter": slug, "removed": true }));
    }
    output::text(&format!(
        "{} is not read for {slug} any more; what has arrived stays",
        feed.url
    ))
}

async fn resume(context: &Context, name: &FeedName) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.write().await?;
    let Feed { id, url, .. } = names::feed(&mut tx, name).await?;
    anyhow::ensure!(
        tx.resume_feed(id, app.clock.now()).await?,
        "there is no feed {id}; `daywire feed list` shows them"
    );
    tx.commit().await?;
    if context.json {
        return output::json(&json!({ "id": id, "resumed": true }));
    }
    output::text(&format!(
        "{} will be read within a moment by a running service",
        without_secrets(&url)
    ))
}
