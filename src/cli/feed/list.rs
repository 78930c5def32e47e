//! `daywire feed list`: the feeds, the newsletters that read them, and why some fail.

use std::collections::BTreeMap;

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::ids::FeedId;
use crate::ingest::requesting_feeds::header_lines;
use crate::store::feeds::Feed;
use crate::store::{StoreError, Tx};
use crate::text::plain::counted;

/// What tables show instead of rows.
pub(crate) const NO_FEED: &str = "no feed yet; `daywire feed add URL --newsletter SLUG` adds one";

/// The slugs of the newsletters that read each feed.
pub(crate) async fn readers(tx: &mut Tx) -> Result<BTreeMap<FeedId, Vec<String>>, StoreError> {
    let mut readers: BTreeMap<FeedId, Vec<String>> = BTreeMap::new();
    for (feed, slug) in tx.newsletters_by_feed().await? {
        readers.entry(feed).or_default().push(slug);
    }
    Ok(readers)
}

/// Lists the feeds that some newsletter reads, or all.
pub(crate) async fn run(context: &Context, all: bool) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let mut feeds = tx.feeds().await?;
    let readers = readers(&mut tx).await?;
    feeds.retain(|feed| all || readers.contains_key(&feed.id));
    // A feed without an entry is read by no newsletter.
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
        let state = state(feed, !readers.is_empty());
        vec![
            feed.id.to_string(),
            feed.url.clone(),
            feed.title.clone(),
            readers.join(", "),
            if feed.full_text { "full text" } else { "excerpt" }.to_owned(),
            feed.text_from.to_string(),
            state,
        ]
    });
    output::table(
        &["id", "url", "title", "newsletters", "on the site", "text from", "state"],
        rows.collect(),
        NO_FEED,
    )
}

/// The state of a feed: whether and when it was read, or why it fails.
pub(crate) fn state(feed: &Feed, has_readers: bool) -> String {
    let read = feed
        .last_read_at
        .map_or_else(|| "never read".to_owned(), |at| format!("read {}", output::time(at)));
    let since = feed.failing_since.map(output::time);
    match (&feed.last_error, since) {
        _ if !has_readers => "read by no newsletter".to_owned(),
        (None, _) => format!("{read}{}{}", overflow(feed), page_failure(feed)),
        (Some(error), Some(since)) if feed.gone => format!("gone since {since}: {error}; {read}"),
        (Some(error), None) if feed.gone => format!("gone: {error}; {read}"),
        (Some(error), Some(since)) => format!("failing since {since}: {error}; {read}"),
        (Some(error), None) => format!("to be tried again, failed before: {error}; {read}"),
    }
}

/// How many entries of a feed's last limited fetch were left out.
fn overflow(feed: &Feed) -> String {
    feed.overflow_at.map_or_else(String::new, |at| {
        format!(
            "; {} left out {} (feeds.max_new_per_fetch, feeds.max_new_per_day)",
            counted(feed.overflow_entries, "new entry", "new entries"),
            output::time(at)
        )
    })
}

/// The last article whose page was not used, and why.
fn page_failure(feed: &Feed) -> String {
    match (&feed.page_error, feed.page_error_at) {
        (Some(error), Some(at)) => format!("; page not used {}: {error}", output::time(at)),
        _ => String::new(),
    }
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
        "text_from": feed.text_from,
        "user_agent": feed.user_agent,
        "login_name": feed.login_name,
        "headers": header_lines(feed),
        "entries_left_out": feed.overflow_entries,
        "entries_left_out_at": feed.overflow_at,
        "page_error": feed.page_error,
        "page_failed_at": feed.page_error_at,
    })
}
