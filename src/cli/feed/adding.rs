//! `daywire feed add`: fetches an address before it is added to a newsletter.

use serde_json::json;
use url::Url;

use super::state;
use crate::app::App;
use crate::cli::{Context, find_newsletter, output};
use crate::domain::redact::without_secrets;
use crate::ingest::adding_feeds::{Discovery, add_feed, discover};
use crate::ingest::feed_url::parse_feed_url;
use crate::text::html::FeedLink;

pub async fn run(context: &Context, url: &str, slug: &str, full_text: bool, anyway: bool) -> anyhow::Result<()> {
    let app = context.app().await?;
    let given = parse_feed_url(url, app.fetcher.guard())?;
    let mut tx = app.store.read().await?;
    let newsletter = find_newsletter(&mut tx, slug).await?;
    let known = tx.feed_of_newsletter(newsletter.id, given.as_str()).await?;
    drop(tx);
    let found = match known {
        // `feed list` already shows a feed of the newsletter, even if it cannot be read now.
        Some(_) => Found::at(given),
        None => find(&app, given, anyway).await?,
    };
    let mut tx = app.store.write().await?;
    let (feed, new) = add_feed(&mut tx, &app, newsletter.id, &found.url, &found.title).await?;
    if full_text {
        tx.set_feed_full_text(feed.id, true).await?;
    }
    tx.commit().await?;
    for note in &found.notes {
        eprintln!("note: {note}");
    }
    if feed.gone {
        eprintln!(
            "note: it is gone and not read any more; `daywire feed resume {}` tries it again",
            feed.id
        );
    }
    if context.json {
        return output::json(&json!({
            "id": feed.id,
            "url": feed.url,
            "title": feed.title,
            "newsletter": slug,
            "new": new,
            "full_text": full_text || feed.full_text,
            "found_on": found.page.map(String::from),
            "others": found.others.iter().map(Url::as_str).collect::<Vec<_>>(),
        }));
    }
    let shown = without_secrets(&feed.url);
    if new {
        return output::text(&format!(
            "{} {shown} added for {slug}; a running service reads it within a moment",
            feed.id
        ));
    }
    output::text(&format!(
        "{} {shown} is already one of {slug}'s feeds ({})",
        feed.id,
        state(&feed, false)
    ))
}

/// A feed to add, with notes for the operator.
struct Found {
    url: Url,
    title: String,
    page: Option<Url>,
    others: Vec<Url>,
    notes: Vec<String>,
}

impl Found {
    fn at(url: Url) -> Self {
        Self {
            url,
            title: String::new(),
            page: None,
            others: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// The feed at an address, or one that the page there links. Refuses an address that is not a feed or cannot be read now, unless
/// `anyway`.
async fn find(app: &App, given: Url, anyway: bool) -> anyhow::Result<Found> {
    let mut found = Found::at(given.clone());
    let shown = without_secrets(given.as_str());
    match discover(app, &given).await {
        Discovery::Feed(url, title) => (found.url, found.title) = (url, title),
        Discovery::Page(link, others) => {
            found.notes.push(format!(
                "{shown} is a web page; the feed that it links is taken: {}",
                link.url
            ));
            if !others.is_empty() {
                let others: Vec<_> = others.iter().map(named).collect();
                found.notes.push(format!(
                    "it links others, which `feed add` takes by their address: {}",
                    others.join(", ")
                ));
            }
            found.others = others.into_iter().map(|link| link.url).collect();
            (found.url, found.title, found.page) = (link.url, link.title, Some(given));
        }
        Discovery::Nothing(reason) | Discovery::Unreadable(reason) if anyway => {
            found.notes.push(format!(
                "added although it cannot be read now: {reason}; `daywire feed list` shows whether it is read later"
            ));
        }
        Discovery::Nothing(reason) | Discovery::Unreadable(reason) => {
            anyhow::bail!("{shown} was not added: {reason}; correct the address, or add it unread with --anyway")
        }
    }
    Ok(found)
}

fn named(link: &FeedLink) -> String {
    if link.title.is_empty() {
        link.url.to_string()
    } else {
        format!("{} ({})", link.url, link.title)
    }
}
