//! Limits what one feed can bring. Of the entries of a document, some may go into issues, some are stored as left out, and the rest
//! are only counted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::arrival::back_catalogue_reason;
use super::identity::{DocumentIndex, keys};
use super::known_article::find;
use super::origin::Origin;
use super::pending_writes::KnownKeys;
use crate::app::App;
use crate::domain::ids::NewsletterId;
use crate::domain::redact::without_secrets;
use crate::feeds::parse::Entry;
use crate::notices::{NoticeError, notify};
use crate::store::feeds::Feed;
use crate::store::{StoreError, Tx};

/// The operators are mailed about a feed again only after it kept within the limits for this long.
const NOTICE_PAUSE: TimeDelta = TimeDelta::days(7);

/// The entries of a document that are stored.
pub(super) struct LimitedDocument {
    /// In the order of the document.
    pub(super) entries: Vec<Entry>,
    /// Which guids and addresses do not identify an article.
    pub(super) index: DocumentIndex,
    /// Why entries are left out of all issues, by index in `entries`.
    pub(super) over_limit: BTreeMap<usize, String>,
    /// How many entries are not stored.
    pub(super) dropped: usize,
}

impl LimitedDocument {
    /// Keeps the `max_entries` newest entries of a document. Run this on the blocking pool: it compares the entries with each other.
    pub(super) fn of(entries: Vec<Entry>, max_entries: usize, now: DateTime<Utc>) -> Self {
        let mut indexes: Vec<usize> = (0..entries.len()).collect();
        // The sort is stable, so among undated entries the first ones of the document are kept.
        indexes.sort_by_key(|index| newest_first(&entries[*index], now));
        let dropped: BTreeSet<usize> = indexes.into_iter().skip(max_entries).collect();
        let kept = entries.into_iter().enumerate();
        let entries: Vec<Entry> = kept
            .filter_map(|(index, entry)| (!dropped.contains(&index)).then_some(entry))
            .collect();
        Self {
            index: DocumentIndex::of(&entries),
            entries,
            over_limit: BTreeMap::new(),
            dropped: dropped.len(),
        }
    }

    /// Applies `feeds.max_new_per_fetch` and `feeds.max_new_per_day` to the new entries. It only reads, so that a large document
    /// does not delay transactions that write.
    pub(super) async fn apply_limits(
        &mut self,
        app: &App,
        feed: &Feed,
        origin: &Origin,
        first_time: &[NewsletterId],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (per_fetch, per_day) = (app.config.feeds.max_new_per_fetch, app.config.feeds.max_new_per_day);
        let mut tx = app.store.read().await?;
        let today = tx.count_articles_of_feed(feed.id, now - TimeDelta::hours(24)).await?;
        let left_today = per_day.saturating_sub(today.within_limits);
        let allowed = per_fetch.min(left_today);
        if self.entries.len() <= allowed {
            return Ok(());
        }
        let mut new = self.new_entries(&mut tx, app, origin, first_time, now).await?;
        drop(tx);
        new.sort_by_key(|index| newest_first(&self.entries[*index], now));
        let over = new.split_off(allowed.min(new.len()));
        let reason = if left_today < per_fetch {
            format!("its feed brought more than {per_day} new entries within 24 hours (feeds.max_new_per_day)")
        } else {
            format!("its feed brought more than {per_fetch} new entries at once (feeds.max_new_per_fetch)")
        };
        // As many left-out entries of a feed are stored within 24 hours as are read of one document.
        let max_stored = app.config.feeds.max_entries.saturating_sub(today.over_limit);
        self.leave_out(over, &reason, max_stored);
        Ok(())
    }

    /// The indexes of the entries that are new articles and may go into an issue.
    async fn new_entries(
        &self,
        tx: &mut Tx,
        app: &App,
        origin: &Origin,
        first_time: &[NewsletterId],
        now: DateTime<Utc>,
    ) -> Result<Vec<usize>, StoreError> {
        let entries = self.entries.iter();
        let keys: Vec<_> = entries.map(|entry| keys(&origin.scope, entry, &self.index)).collect();
        let known_keys = KnownKeys::of(tx, keys.iter().flatten()).await?;
        let first_time_everywhere = first_time.len() == origin.newsletters.len();
        let mut new = Vec::new();
        for (index, (entry, keys)) in self.entries.iter().zip(&keys).enumerate() {
            // The back catalogue goes into no issue anyway.
            if first_time_everywhere && back_catalogue_reason(app, entry, now).is_some() {
                continue;
            }
            let known = find(tx, (keys, &known_keys), &origin.scope, entry, &self.index).await?;
            if known.is_none() {
                new.push(index);
            }
        }
        Ok(new)
    }

    /// Leaves out the entries with these indexes: the first `max_stored` are stored with the reason, the others are dropped.
    fn leave_out(&mut self, mut over: Vec<usize>, reason: &str, max_stored: usize) {
        let dropped: BTreeSet<usize> = over.split_off(max_stored.min(over.len())).into_iter().collect();
        let stored: BTreeSet<usize> = over.into_iter().collect();
        self.dropped += dropped.len();
        let mut kept = Vec::with_capacity(self.entries.len() - dropped.len());
        for (index, entry) in std::mem::take(&mut self.entries).into_iter().enumerate() {
            if stored.contains(&index) {
                self.over_limit.insert(kept.len(), reason.to_owned());
            }
            if !dropped.contains(&index) {
                kept.push(entry);
            }
        }
        self.entries = kept;
    }

    /// How many entries go into no issue because of the limits.
    pub(super) fn left_out(&self) -> usize {
        self.over_limit.len() + self.dropped
    }
}

/// A key that sorts entries by date, the newest first. Undated entries and those with a future date count as published now.
fn newest_first(entry: &Entry, now: DateTime<Utc>) -> Reverse<DateTime<Utc>> {
    Reverse(entry.published.map_or(now, |at| at.min(now)))
}

/// Sets how many entries of the feed the last fetch left out, and mails the operators the first time.
pub(super) async fn note_overflow(
    tx: &mut Tx,
    app: &App,
    feed: &mut Feed,
    left_out: usize,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if left_out == 0 {
        if feed.overflow_at.is_some_and(|at| at < now - NOTICE_PAUSE) {
            (feed.overflow_at, feed.overflow_entries, feed.overflow_notified_at) = (None, 0, None);
        }
        return Ok(());
    }
    feed.overflow_at = Some(now);
    feed.overflow_entries = i64::try_from(left_out).unwrap_or(i64::MAX);
    tracing::warn!(feed.id = %feed.id, feed.url = without_secrets(&feed.url), entry.count = left_out, "feed entries left out");
    if feed.overflow_notified_at.is_some() {
        return Ok(());
    }
    feed.overflow_notified_at = Some(now);
    let name = if feed.title.is_empty() { &feed.url } else { &feed.title };
    let text = format!(
        "{name}\n{}\nOne fetch brought {left_out} new entries more than `feeds.max_new_per_fetch` ({}) and \
         `feeds.max_new_per_day` ({}) allow. They go into no issue. `daywire article list` shows those that are on record.\n\n\
         If the feed is in order, raise these settings. If it is not, `daywire feed remove {} --newsletter SLUG` ends it.",
        feed.url, app.config.feeds.max_new_per_fetch, app.config.feeds.max_new_per_day, feed.id
    );
    match notify(tx, app, &format!("A feed brings too much: {name}"), &text).await {
        Ok(()) => Ok(()),
        Err(NoticeError::Store(error)) => Err(error),
        // The entries must be stored although the notice could not be written.
        Err(error @ NoticeError::Template(_)) => {
            tracing::error!(%error, "notice not written");
            Ok(())
        }
    }
}
