//! `daywire feed import` and `export`: lists of feeds as OPML.

use std::path::Path;

use serde_json::json;

use super::readers;
use crate::cli::{Context, find_newsletter, output, read_file};
use crate::domain::ids::FeedId;
use crate::feeds::opml::{self, Folder, Listed};
use crate::ingest::adding_feeds::add_feed;
use crate::ingest::feed_url::parse_feed_url;
use crate::store::Tx;
use crate::store::feeds::Feed;
use crate::store::newsletters::Newsletter;

/// Feeds that are added in one transaction: a list of a hundred thousand must not hold up who signs up.
const AT_ONCE: usize = 500;

pub async fn import(context: &Context, file: &Path, slug: Option<&str>) -> anyhow::Result<()> {
    let bytes = read_file(file)?;
    let listed = opml::parse(&bytes).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let newsletter = match slug {
        Some(slug) => find_newsletter(&mut tx, slug).await?,
        None => only_newsletter(&mut tx).await?,
    };
    drop(tx);
    let (mut wanted, mut refused) = (Vec::new(), Vec::new());
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
            Ok(url) => wanted.push((url, feed.title, feed.full_text)),
            Err(reason) => refused.push((feed.title, reason)),
        }
    }
    // Always in the same order: two who import lists with the same feeds then never wait for each other's.
    wanted.sort_by(|one, other| one.0.cmp(&other.0));
    let (mut added, mut known) = (0, 0);
    for part in wanted.chunks(AT_ONCE) {
        let mut tx = app.store.write().await?;
        for (url, title, full_text) in part {
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
        let refused: Vec<_> = refused
            .iter()
            .map(|(title, reason)| json!({ "title": title, "reason": reason }))
            .collect();
        return output::json(&json!({
            "newsletter": newsletter.slug, "added": added, "known": known, "refused": refused
        }));
    }
    for (title, reason) in &refused {
        eprintln!("“{title}”: {reason}");
    }
    output::text(&format!(
        "{added} added, {known} known, {} refused for {}",
        refused.len(),
        newsletter.slug
    ))
}

async fn only_newsletter(tx: &mut Tx) -> anyhow::Result<Newsletter> {
    let mut all = tx.newsletters().await?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => anyhow::bail!("there is no newsletter yet; `daywire newsletter apply FILE` makes one"),
        _ => anyhow::bail!("there are several newsletters; say which one with --newsletter SLUG"),
    }
}

pub async fn export(context: &Context, slug: Option<&str>) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    if let Some(slug) = slug {
        find_newsletter(&mut tx, slug).await?;
    }
    let feeds = tx.feeds().await?;
    let readers = readers(&mut tx).await?;
    let line = |feed: &Feed| Listed {
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
        let its: Vec<_> = feeds.iter().filter(|feed| reads(&feed.id)).map(line).collect();
        if !its.is_empty() {
            folders.push(Folder {
                name: newsletter.name,
                feeds: its,
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
