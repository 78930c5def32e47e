//! `daywire feed edit`, `remove` and `resume`.

use serde_json::json;

use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::names::{self, FeedName};
use crate::cli::output;
use crate::domain::redact::without_secrets;
use crate::ingest::managing_feeds;
use crate::store::feeds::Feed;

/// Sets whether the site shows the feed's articles whole.
pub(crate) async fn edit(context: &Context, name: &FeedName, full_text: bool) -> anyhow::Result<()> {
    let app = context.app().await?;
    let feed = names::feed(&mut app.store.read().await?, name).await?;
    managing_feeds::set_full_text(&app, &command_actor(), &feed, full_text).await?;
    let Feed { id, url, .. } = feed;
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
