//! Fetches one feed, stores its entries, and records the result with the feed.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use url::Url;

use super::feed_document::{DocumentOutcome, store_document};
use super::fetch_schedule::{note_success, record_failure, record_success, server_throttle};
use super::page_texts::{PageFeed, read_due_pages};
use super::requesting_feeds::settings_of;
use super::storing::Tally;
use crate::app::App;
use crate::domain::states::TextFrom;
use crate::feeds::fetch::Fetched;
use crate::store::StoreError;
use crate::store::feeds::Feed;

/// What a fetch led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchOutcome {
    /// The document was read and its entries were stored.
    Read(Tally),
    /// Only a part of the document was received and stored, for this reason. It is recorded as a failure.
    Incomplete(Tally, String),
    /// The document is the same as before.
    Unchanged,
    /// No entry was stored, for this reason, which is recorded with the feed.
    Failed(String),
}

impl FetchOutcome {
    /// The outcome in one word for the metrics.
    pub(super) const fn label(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Incomplete(..) => "incomplete",
            Self::Unchanged => "unchanged",
            Self::Failed(_) => "failed",
        }
    }
}

/// How a fetch that can be stopped ended.
pub(super) enum FetchEnd {
    Done {
        outcome: FetchOutcome,
        /// How long the server asks for no requests at all, if it does.
        throttle: Option<Duration>,
    },
    /// The program stopped before the server answered.
    Stopped,
}

/// Fetches one feed, and stores its entries and the result.
///
/// # Errors
/// When the database fails.
pub async fn fetch(app: &App, feed: Feed) -> Result<FetchOutcome, StoreError> {
    match fetch_until(app, feed, &CancellationToken::new()).await? {
        FetchEnd::Done { outcome, .. } => Ok(outcome),
        // This token is never cancelled.
        FetchEnd::Stopped => Ok(FetchOutcome::Unchanged),
    }
}

/// Like [`fetch`], but gives up when `stop` is cancelled before the server answered. An answer is always stored.
pub(super) async fn fetch_until(app: &App, feed: Feed, stop: &CancellationToken) -> Result<FetchEnd, StoreError> {
    let mut throttle = None;
    let outcome = match (Url::parse(&feed.url), settings_of(app, &feed)) {
        (Err(error), _) => failed(app, feed, format!("its address cannot be read: {error}"), None).await?,
        (_, Err(error)) => failed(app, feed, error.to_string(), None).await?,
        (Ok(url), Ok(own)) => {
            let (etag, last_modified) = (feed.etag.as_deref(), feed.last_modified.as_deref());
            let fetched = tokio::select! {
                fetched = app.fetcher.get_with(&own, &url, etag, last_modified) => fetched,
                () = stop.cancelled() => return Ok(FetchEnd::Stopped),
            };
            match fetched {
                Ok(fetched) => {
                    let (id, text_from) = (feed.id, feed.text_from);
                    let outcome = store(app, feed, &url, fetched).await?;
                    if text_from == TextFrom::Page && !matches!(outcome, FetchOutcome::Failed(_)) {
                        throttle = read_due_pages(app, &PageFeed { id, url, own }, stop).await;
                    }
                    outcome
                }
                Err(error) => {
                    throttle = server_throttle(&error);
                    failed(app, feed, error.to_string(), error.retry_after()).await?
                }
            }
        }
    };
    Ok(FetchEnd::Done { outcome, throttle })
}

/// Stores what a server answered.
async fn store(app: &App, mut feed: Feed, url: &Url, fetched: Fetched) -> Result<FetchOutcome, StoreError> {
    let download = match fetched {
        Fetched::Gone => {
            feed.gone = true;
            return failed(app, feed, "the server says that it is gone for good (410)".into(), None).await;
        }
        Fetched::NotModified => return unchanged(app, feed).await,
        Fetched::Document(download) => download,
    };
    match store_document(app, feed, url, download).await? {
        DocumentOutcome::Stored(tally) => Ok(FetchOutcome::Read(tally)),
        DocumentOutcome::StoredInPart(tally, reason) => Ok(FetchOutcome::Incomplete(tally, reason)),
        DocumentOutcome::Unchanged(feed) => unchanged(app, feed).await,
        DocumentOutcome::Failed(feed, reason) => failed(app, feed, reason, None).await,
    }
}

async fn unchanged(app: &App, mut feed: Feed) -> Result<FetchOutcome, StoreError> {
    let now = app.clock.now();
    note_success(app, &mut feed, false, None, now);
    let mut tx = app.store.write().await?;
    record_success(&mut tx, &mut feed, now).await?;
    tx.commit().await?;
    Ok(FetchOutcome::Unchanged)
}

async fn failed(
    app: &App,
    feed: Feed,
    reason: String,
    retry_after: Option<Duration>,
) -> Result<FetchOutcome, StoreError> {
    record_failure(app, feed, &reason, retry_after).await?;
    Ok(FetchOutcome::Failed(reason))
}
