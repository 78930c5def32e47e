//! `daywire feed edit`, `remove` and `resume`.

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::names::{self, FeedName};
use crate::cli::output;
use crate::domain::redact::without_secrets;
use crate::store::feeds::Feed;

/// Sets whether the site shows the feed's articles whole.
pub(crate) async fn edit(context: &Context, name: &FeedName, full_text: bool) -> anyhow::Result<()> {
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

/// Stops a newsletter from reading the feed. Articles that have arrived stay.
pub(crate) async fn remove(context: &Context, name: &FeedName, slug: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.write().await?;
    let newsletter = names::newsletter(&mut tx, slug).await?;
    let feed = names::feed(&mut tx, name).await?;
    let id = feed.id;
    anyhow::ensure!(
        tx.unlink_feed(newsletter.id, id).await?,
        "{slug} does not read {}; `daywire feed list` shows which newsletters do",
        without_secrets(&feed.url)
    );
    tx.commit().await?;
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
