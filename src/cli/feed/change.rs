//! `daywire feed edit`, `remove` and `resume`.

use serde_json::json;

use super::request::RequestArgs;
use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::names::{self, FeedName};
use crate::cli::output;
use crate::domain::redact::without_secrets;
use crate::domain::states::TextFrom;
use crate::ingest::managing_feeds::{self, FeedChange};
use crate::ingest::requesting_feeds::{self, header_lines};
use crate::store::feeds::Feed;

/// Changes how the feed is requested, whether the site shows its articles whole, and where their text comes from.
pub(crate) async fn edit(
    context: &Context,
    name: &FeedName,
    (full_text, text_from): (Option<bool>, Option<TextFrom>),
    request: &RequestArgs,
) -> anyhow::Result<()> {
    let app = context.app().await?;
    let feed = names::feed(&mut app.store.read().await?, name).await?;
    let change = FeedChange {
        full_text,
        text_from,
        request: requesting_feeds::changed(&app, &feed, &request.change()?)?,
        ..FeedChange::default()
    };
    managing_feeds::change(&app, &command_actor(), &feed, &change).await?;
    if context.json {
        let feed = app.store.read().await?.feed(feed.id).await?.unwrap_or(feed);
        return output::json(&json!({
            "id": feed.id,
            "full_text": feed.full_text,
            "text_from": feed.text_from,
            "user_agent": feed.user_agent,
            "login_name": feed.login_name,
            "headers": header_lines(&feed),
        }));
    }
    let shown = without_secrets(&feed.url);
    if change.request.is_some() {
        output::text(&format!(
            "{shown} is requested with the new settings; a running service reads it within a moment"
        ))?;
    }
    match full_text {
        Some(true) => output::text(&format!("the site shows the articles of {shown} whole"))?,
        Some(false) => output::text(&format!(
            "the site shows the articles of {shown} as excerpts with a link to the publisher"
        ))?,
        None => {}
    }
    match text_from {
        Some(TextFrom::Page) => output::text(&format!(
            "if a new entry of {shown} has only a few lines, the text is taken from the article's page"
        )),
        Some(TextFrom::Feed) => output::text(&format!("the texts of new articles are those of {shown} itself")),
        None => Ok(()),
    }
}

/// Stops a newsletter from reading the feed. Articles that have arrived stay.
pub(crate) async fn remove(context: &Context, name: &FeedName, slug: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let newsletter = names::newsletter(&mut tx, slug).await?;
    let feed = names::feed(&mut tx, name).await?;
    drop(tx);
    let id = feed.id;
    anyhow::ensure!(
        managing_feeds::remove(&app, &command_actor(), &newsletter, &feed).await?,
        "{slug} does not read {}; `daywire feed list` shows which newsletters do",
        without_secrets(&feed.url)
    );
    if context.json {
        return output::json(&json!({ "id": id, "url": feed.url, "newsletter": slug, "removed": true }));
    }
    output::text(&format!(
        "{} is no longer read for {slug}; articles that have arrived stay",
        without_secrets(&feed.url)
    ))
}

/// Makes a feed due that was gone or failing.
pub(crate) async fn resume(context: &Context, name: &FeedName) -> anyhow::Result<()> {
    let app = context.app().await?;
    let feed = names::feed(&mut app.store.read().await?, name).await?;
    managing_feeds::resume(&app, &command_actor(), &feed).await?;
    let Feed { id, url, .. } = feed;
    if context.json {
        return output::json(&json!({ "id": id, "resumed": true }));
    }
    output::text(&format!(
        "{} will be read within a moment by a running service",
        without_secrets(&url)
    ))
}
