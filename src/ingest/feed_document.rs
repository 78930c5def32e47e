//! Parses the document of a fetch and stores its entries, in several transactions if it is large.

use std::time::Duration;

use sha2::{Digest, Sha256};
use url::Url;

use super::feed_url::{MAX_URL_BYTES, host_of};
use super::fetch_schedule::{note_failure, note_success, record_success};
use super::limits::{LimitedDocument, note_overflow};
use super::origin::Origin;
use super::storing::{Part, Tally, store_part};
use crate::app::{App, on_blocking_pool};
use crate::domain::ids::NewsletterId;
use crate::domain::scope::Scope;
use crate::domain::time::time_delta;
use crate::feeds::fetch::Download;
use crate::feeds::parse::{Entry, parse_served};
use crate::store::feeds::Feed;
use crate::store::{StoreError, Tx};
use crate::text::plain::{counted, without_nul};

/// Entries that are stored in one transaction. SQLite has one writer at a time, and sign-ups wait for it.
const ENTRIES_PER_TRANSACTION: usize = 50;
/// After this many incomplete fetches in a row a feed counts as always incomplete.
const ALWAYS_INCOMPLETE: i64 = 3;

/// What a document led to.
pub(super) enum DocumentOutcome {
    Stored(Tally),
    /// Only a part was received or could be parsed, for this reason. That part was stored.
    StoredInPart(Tally, String),
    Unchanged(Feed),
    /// Nothing was stored, for this reason. The feed is as before the fetch.
    Failed(Feed, String),
}

/// Parses and stores a document.
///
/// # Errors
/// When the database is unavailable. If it refuses the entries, that is [`DocumentOutcome::Failed`]: an operator sees it in
/// `feed list`, and the feed is not tried again every minute.
pub(super) async fn store_document(
    app: &App,
    mut feed: Feed,
    feed_url: &Url,
    download: Download,
) -> Result<DocumentOutcome, StoreError> {
    let before = feed.clone();
    // A login stays with the server for which it was set, so such a feed does not move to another one.
    let keeps_secrets = |moved: &Url| feed.request_secrets.is_none() || moved.origin() == feed_url.origin();
    let moved = download
        .moved_permanently_to
        .filter(|moved| moved.as_str().len() <= MAX_URL_BYTES && keeps_secrets(moved));
    // Many servers send no validator. The same bytes have no new entries and need not be parsed.
    let body_hash = Some(Sha256::digest(&download.bytes).to_vec());
    if download.incomplete.is_none() && moved.is_none() && feed.body_hash == body_hash {
        (feed.etag, feed.last_modified) = (download.etag, download.last_modified);
        return Ok(DocumentOutcome::Unchanged(feed));
    }
    let (bytes, final_url, content_type) = (download.bytes, download.final_url, download.content_type);
    // Parsing takes processor time, so it must not run on the async threads. A panic of the parser concerns this feed only.
    let parsed = tokio::task::spawn_blocking(move || parse_served(&bytes, Some(&final_url), content_type.as_deref()));
    let parsed = match parsed.await {
        Ok(Ok(parsed)) => parsed,
        Ok(Err(error)) => {
            let reason = match download.incomplete {
                Some(cut) => format!("{cut}; the received part cannot be read: {error}"),
                None => error.to_string(),
            };
            return Ok(DocumentOutcome::Failed(before, reason));
        }
        Err(_) => return Ok(DocumentOutcome::Failed(before, "the parser failed on it".into())),
    };
    if !parsed.title.is_empty() {
        feed.title = without_nul(&parsed.title);
    }
    let incomplete = download.incomplete.or_else(|| {
        let reason = "the document breaks off before its end";
        parsed.ends_early.then(|| reason.to_owned())
    });
    let incomplete = incomplete.map(|why| {
        let entries = counted(parsed.entries.len(), "entry", "entries");
        format!("{why}; its complete entries are kept: {entries}")
    });
    // The next request must not be conditional on a version that was received only in part.
    (feed.etag, feed.last_modified, feed.body_hash) = match incomplete {
        None => (download.etag, download.last_modified, body_hash),
        Some(_) => (None, None, None),
    };
    let source_name = source_name(&feed, feed_url);
    let document = ParsedDocument {
        entries: parsed.entries,
        moved,
        asked_interval: parsed.ttl.max(download.max_age),
        incomplete: incomplete.as_deref(),
    };
    match store(app, feed, source_name, document).await {
        Ok(tally) => Ok(match incomplete {
            None => DocumentOutcome::Stored(tally),
            Some(reason) => DocumentOutcome::StoredInPart(tally, reason),
        }),
        Err(error) if error.is_unavailable() => Err(error),
        Err(StoreError::Refused(error)) => {
            let reason = format!("its entries could not be stored: {error}");
            Ok(DocumentOutcome::Failed(before, reason))
        }
        Err(error) => Err(error),
    }
}

/// The publisher's name, as readers see it: the feed's title, or without one its host.
fn source_name(feed: &Feed, url: &Url) -> String {
    match (feed.title.as_str(), url.host_str()) {
        ("", Some(host)) => host.to_owned(),
        (title, _) => title.to_owned(),
    }
}

struct ParsedDocument<'a> {
    entries: Vec<Entry>,
    /// The new address of the feed, if the server says that it moved permanently.
    moved: Option<Url>,
    /// The shortest interval between fetches that the server or the document asks for.
    asked_interval: Option<Duration>,
    /// Why the document is incomplete, if it is.
    incomplete: Option<&'a str>,
}

/// Stores the entries in portions, and with the last portion the result of the fetch.
async fn store(
    app: &App,
    mut feed: Feed,
    source_name: String,
    document: ParsedDocument<'_>,
) -> Result<Tally, StoreError> {
    let now = app.clock.now();
    // Comparing the entries of a large document takes processor time.
    let (entries, max_entries) = (document.entries, app.config.feeds.max_entries);
    let mut limited = on_blocking_pool(move || LimitedDocument::of(entries, max_entries, now)).await;
    let readers = app.store.read().await?.newsletters_of_feed(feed.id).await?;
    let first_time: Vec<NewsletterId> = readers
        .iter()
        .filter(|(_, first_read)| first_read.is_none())
        .map(|(newsletter, _)| *newsletter)
        .collect();
    let origin = Origin {
        scope: Scope::Feed(feed.id),
        source_name,
        newsletters: readers.into_iter().map(|(newsletter, _)| newsletter).collect(),
        full_text: false,
    };
    limited.apply_limits(app, &feed, &origin, &first_time, now).await?;
    let mut tally = Tally {
        left_out: limited.dropped,
        ..Tally::default()
    };
    let mut from = 0;
    loop {
        let to = limited.entries.len().min(from + ENTRIES_PER_TRANSACTION);
        let over_limit = limited.over_limit.range(from..to);
        let part = Part {
            origin: &origin,
            entries: &limited.entries[from..to],
            document: &limited.index,
            first_time: &first_time,
            over_limit: &over_limit
                .map(|(index, reason)| (index - from, reason.as_str()))
                .collect(),
        };
        let mut tx = app.store.write().await?;
        tally += store_part(&mut tx, app, &part, now).await?;
        if to < limited.entries.len() {
            tx.commit().await?;
            from = to;
            continue;
        }
        // If an earlier portion was stored and this one fails, the next fetch recognises the entries of the earlier ones.
        let is_complete = document.incomplete.is_none();
        // The next complete document brings the rest of the back catalogue, which must not count as news. If a feed is always
        // incomplete, its later entries must count as news eventually.
        if is_complete || feed.failures >= ALWAYS_INCOMPLETE {
            for newsletter in &first_time {
                tx.record_first_read(*newsletter, feed.id, now).await?;
            }
        }
        match document.incomplete {
            None => {
                note_success(app, &mut feed, tally.new > 0, document.asked_interval, now);
                note_overflow(&mut tx, app, &mut feed, limited.left_out(), now).await?;
                record_success(&mut tx, &mut feed, now).await?;
                if let Some(url) = &document.moved {
                    move_feed(&mut tx, &feed, url).await?;
                }
            }
            Some(reason) => {
                // An incomplete feed still works, so the wait is that of a feed with few entries and not that of a failing one.
                let longest = time_delta(app.config.feeds.longest_interval);
                note_failure(app, &mut feed, reason, longest, now);
                note_overflow(&mut tx, app, &mut feed, limited.left_out(), now).await?;
                feed.last_read_at = Some(now);
                tx.record_fetch(&feed).await?;
            }
        }
        tx.commit().await?;
        return Ok(tally);
    }
}

/// Stores the new address of a feed. If another feed has that address already, the newsletters read that feed from now on.
async fn move_feed(tx: &mut Tx, feed: &Feed, url: &Url) -> Result<(), StoreError> {
    if tx.move_feed(feed.id, url.as_str(), &host_of(url)).await? {
        return Ok(());
    }
    tx.replace_feed(feed.id, url.as_str()).await
}
