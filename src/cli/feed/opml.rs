//! `daywire feed import` and `export`: lists of feeds as OPML.

use std::path::PathBuf;

use anyhow::ensure;
use serde_json::json;

use super::list::readers;
use crate::cli::context::Context;
use crate::cli::output::note;
use crate::cli::{files, names, output};
use crate::domain::ids::FeedId;
use crate::feeds::opml::{self, Folder, Listed};
use crate::ingest::adding_feeds::add_feed;
use crate::ingest::feed_url::parse_feed_url;
use crate::store::Tx;
use crate::store::feeds::Feed;
use crate::store::newsletters::Newsletter;
use crate::text::plain::{beginning, counted};

/// How many feeds one transaction adds. SQLite has one writer, and a list of a hundred thousand feeds must not delay sign-ups.
const BATCH_SIZE: usize = 500;

/// `daywire feed import`
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// The file.
    file: PathBuf,
    /// The newsletter's slug; it can be left out if there is only one newsletter.
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// Exit with status 0 although feeds were refused.
    #[arg(long)]
    partial: bool,
}

/// Adds all feeds of a file to a newsletter. Prints each refused feed with the reason, and fails if a feed was refused, unless `--partial`
/// accepts that.
pub(crate) async fn import(context: &Context, args: &ImportArgs) -> anyhow::Result<()> {
    let ImportArgs { file, .. } = args;
    let bytes = files::read(file)?;
    let listed = opml::parse(&bytes).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let newsletter = match &args.newsletter {
        Some(slug) => names::newsletter(&mut tx, slug).await?,
        None => only_newsletter(&mut tx).await?,
    };
    drop(tx);
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for feed in listed {
        let url = match &feed.url {
            Some(url) => parse_feed_url(url.as_str(), app.fetcher.guard()).map_err(|error| error.to_string()),
            None => Err(feed.site_url.as_ref().map_or_else(
                || "it has no address that can be read over http or https".to_owned(),
                |site| {
                    format!(
                        "it has no xmlUrl; `daywire feed add {site} --newsletter {}` looks for one",
                        newsletter.slug
                    )
                },
            )),
        };
        match url {
            Ok(url) => accepted.push((url, feed.title, feed.full_text)),
            Err(reason) => refused.push((feed.title, reason)),
        }
    }
    // Two imports of the same feeds lock the rows in the same order, so they cannot deadlock.
    accepted.sort_by(|one, other| one.0.cmp(&other.0));
    let (mut added, mut known) = (0, 0);
    for batch in accepted.chunks(BATCH_SIZE) {
        let mut tx = app.store.write().await?;
        for (url, title, full_text) in batch {
            let (feed, new) = add_feed(&mut tx, &app, newsletter.id, url, title).await?;
            if *full_text {
                tx.set_feed_full_text(feed.id, true).await?;
            }
            if new {
                added += 1;
            } else {
                known += 1;
            }
        }
        tx.commit().await?;
    }
    if context.json {
        let refused = refused
            .iter()
            .map(|(title, reason)| json!({ "title": title, "reason": reason }));
        output::json(&json!({
            "newsletter": newsletter.slug, "added": added, "known": known, "refused": refused.collect::<Vec<_>>()
        }))?;
    } else {
        for (title, reason) in &refused {
            note!("“{}”: {reason}", beginning(title));
        }
        let full_text = match accepted.iter().filter(|(.., full_text)| *full_text).count() {
            0 => String::new(),
            feeds => format!(
                "; the site shows the articles of {} whole",
                counted(feeds, "feed", "feeds")
            ),
        };
        output::text(&format!(
            "{added} added, {known} known, {} refused for {}{full_text}",
            refused.len(),
            newsletter.slug
        ))?;
    }
    ensure!(
        refused.is_empty() || args.partial,
        "{}: {} of {} {} refused and the others were added; correct these entries and import the file again, which adds only \
         what is missing, or accept it with --partial",
        file.display(),
        refused.len(),
        counted(accepted.len() + refused.len(), "feed", "feeds"),
        if refused.len() == 1 { "was" } else { "were" }
    );
    Ok(())
}

/// The newsletter, if there is exactly one.
async fn only_newsletter(tx: &mut Tx) -> anyhow::Result<Newsletter> {
    let mut all = tx.newsletters().await?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => anyhow::bail!("there is no newsletter yet; `daywire newsletter apply FILE` makes one"),
        _ => anyhow::bail!("there are several newsletters; say which one with --newsletter SLUG"),
    }
}

/// Prints the feeds of one newsletter, or of each newsletter in a folder of its own.
pub(crate) async fn export(context: &Context, slug: Option<&str>) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    if let Some(slug) = slug {
        names::newsletter(&mut tx, slug).await?;
    }
    let feeds = tx.feeds().await?;
    let readers = readers(&mut tx).await?;
    let outline = |feed: &Feed| Listed {
        title: feed.title.clone(),
        url: feed.url.clone(),
        full_text: feed.full_text,
    };
    let mut folders = Vec::new();
    for newsletter in tx.newsletters().await? {
        if slug.is_some_and(|slug| slug != newsletter.slug) {
            continue;
        }
        let reads = |feed: &FeedId| readers.get(feed).is_some_and(|slugs| slugs.contains(&newsletter.slug));
        let read: Vec<_> = feeds.iter().filter(|feed| reads(&feed.id)).map(outline).collect();
        if !read.is_empty() {
            folders.push(Folder {
                name: newsletter.name,
                feeds: read,
            });
        }
    }
    if context.json {
        let mut documents = Vec::new();
        for folder in &folders {
            let feeds = folder.feeds.iter();
            documents.extend(feeds.map(|feed| {
                json!({
                    "newsletter": folder.name, "title": feed.title, "url": feed.url, "full_text": feed.full_text
                })
            }));
        }
        return output::json(&documents);
    }
    output::text(&opml::write(&app.config.site.name, &folders))
}
