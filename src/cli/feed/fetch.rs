//! `daywire feed fetch`: fetches feeds now, due or not, with the same limits for each server as the service.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;

use super::list::{NO_FEED, readers};
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::names::{self, FeedName};
use crate::cli::output;
use crate::domain::ids::FeedId;
use crate::ingest::Tally;
use crate::ingest::feed_fetch::{FetchOutcome, fetch};
use crate::store::StoreError;
use crate::store::feeds::Feed;

/// Fetches one feed, or all that newsletters read. Fails if one of them could not be read in full.
pub(crate) async fn run(context: &Context, only: Option<&FeedName>) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let feeds = if let Some(name) = only {
        vec![names::feed(&mut tx, name).await?]
    } else {
        let readers = readers(&mut tx).await?;
        let is_read = |feed: &Feed| !feed.gone && readers.contains_key(&feed.id);
        tx.feeds().await?.into_iter().filter(is_read).collect()
    };
    drop(tx);
    let fetched = fetch_all(&app, feeds).await?;
    let total = fetched.len();
    let failed = fetched
        .iter()
        .filter(|(_, _, fetch)| matches!(fetch, FetchOutcome::Failed(_) | FetchOutcome::Incomplete(..)))
        .count();
    if context.json {
        let documents = fetched.iter().map(|(id, url, fetch)| match fetch {
            FetchOutcome::Read(tally) => json!({
                "id": id, "url": url, "new": tally.new, "known": tally.known, "left_out": tally.left_out
            }),
            FetchOutcome::Incomplete(tally, reason) => json!({
                "id": id, "url": url, "new": tally.new, "known": tally.known, "left_out": tally.left_out, "error": reason
            }),
            FetchOutcome::Unchanged => json!({ "id": id, "url": url, "new": 0, "unchanged": true }),
            FetchOutcome::Failed(reason) => json!({ "id": id, "url": url, "error": reason }),
        });
        output::json(&documents.collect::<Vec<_>>())?;
    } else {
        let rows = fetched.into_iter().map(|(_, url, fetch)| vec![url, result_text(fetch)]);
        output::table(&["url", "result"], rows.collect(), NO_FEED)?;
    }
    anyhow::ensure!(failed == 0, "{failed} of {total} feeds could not be read in full");
    Ok(())
}

fn result_text(fetch: FetchOutcome) -> String {
    match fetch {
        FetchOutcome::Read(tally) => counts(tally),
        FetchOutcome::Incomplete(tally, reason) => format!("failed: {reason}; {}", counts(tally)),
        FetchOutcome::Unchanged => "unchanged".into(),
        FetchOutcome::Failed(reason) => format!("failed: {reason}"),
    }
}

fn counts(tally: Tally) -> String {
    let counts = format!("{} new, {} known", tally.new, tally.known);
    if tally.left_out > 0 {
        return format!(
            "{counts}; {} left out (`daywire article list` says why)",
            tally.left_out
        );
    }
    counts
}

/// Fetches from several servers at once, and from each server one feed after the other, with a pause. Returns the results in the order
/// of `feeds`.
async fn fetch_all(app: &App, feeds: Vec<Feed>) -> Result<Vec<(FeedId, String, FetchOutcome)>, StoreError> {
    let mut hosts: BTreeMap<String, Vec<(usize, Feed)>> = BTreeMap::new();
    for (at, feed) in feeds.into_iter().enumerate() {
        hosts.entry(feed.host.clone()).or_default().push((at, feed));
    }
    let servers = hosts.into_values().map(|feeds| async move {
        let mut fetched = Vec::new();
        for (at, feed) in feeds {
            if !fetched.is_empty() {
                tokio::time::sleep(app.config.feeds.host_pause).await;
            }
            let (id, url) = (feed.id, feed.url.clone());
            fetched.push((at, (id, url, fetch(app, feed).await?)));
        }
        Ok::<_, StoreError>(fetched)
    });
    let concurrency = app.config.feeds.concurrency.max(1);
    let fetched: Vec<Vec<_>> = futures_util::stream::iter(servers)
        .buffer_unordered(concurrency)
        .try_collect()
        .await?;
    let mut fetched: Vec<_> = fetched.into_iter().flatten().collect();
    fetched.sort_by_key(|(at, _)| *at);
    Ok(fetched.into_iter().map(|(_, fetched)| fetched).collect())
}
