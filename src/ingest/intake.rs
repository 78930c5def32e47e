//! Limits what one feed can bring: which entries of a document may go into issues, which are left out with a record, and which
//! are only counted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::batch::KnownKeys;
use super::identity::{Document, keys};
use super::{Origin, back_catalogue, find};
use crate::app::App;
use crate::domain::ids::NewsletterId;
use crate::feeds::parse::Entry;
use crate::notices::{NoticeError, notify};
use crate::store::feeds::Feed;
use crate::store::{StoreError, Tx};

/// The operators are mailed again about a feed that kept within the limits for this long before.
const QUIET: TimeDelta = TimeDelta::days(7);

/// The entries of a document that are stored.
pub(super) struct Intake {
    /// In the order of the document.
    pub(super) entries: Vec<Entry>,
    /// Which guids and addresses do not identify an article.
    pub(super) document: Document,
    /// Why entries are left out, by their index in `entries`.
    pub(super) over_limit: BTreeMap<usize, String>,
    /// How many entries are neither stored nor recorded one by one.
    pub(super) dropped: usize,
}

impl Intake {
    /// Keeps the `max_entries` newest entries of a document. Run this on the blocking pool: it compares the entries with each other.
    pub(super) fn of(entries: Vec<Entry>, max_entries: usize, now: DateTime<Utc>) -> Self {
        let mut dropped = 0;
        let entries = if entries.len() > max_entries {
            let mut places: Vec<usize> = (0..entries.len()).collect();
            places.sort_by_key(|place| newest(&entries[*place], now));
            dropped = places.len() - max_entries;
            let dropped: BTreeSet<usize> = places.split_off(max_entries).into_iter().collect();
            let entries = entries.into_iter().enumerate();
            entries
                .filter_map(|(place, entry)| (!dropped.contains(&place)).then_some(entry))
                .collect()
        } else {
            entries
        };
        Self {
            document: Document::of(&entries),
            entries,
            over_limit: BTreeMap::new(),
            dropped,
        }
    }

    /// Applies the limits to the new entries. It only reads, so that a large document does not delay writers.
    pub(super) async fn limit(
        &mut self,
        app: &App,
        feed: &Feed,
        origin: &Origin,
        first_time: &[NewsletterId],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (per_fetch, per_day) = (app.config.feeds.max_new_per_fetch, app.config.feeds.max_new_per_day);
        let mut tx = app.store.read().await?;
        let (taken, recorded) = tx.count_articles_of_feed(feed.id, now - TimeDelta::hours(24)).await?;
        let count = |number: i64| usize::try_from(number).unwrap_or_default();
        let left_today = per_day.saturating_sub(count(taken));
        let allowed = per_fetch.min(left_today);
        if self.entries.len() <= allowed {
            return Ok(());
        }
        let keys: Vec<_> = self
            .entries
            .iter()
            .map(|entry| keys(&origin.scope, entry, &self.document))
            .collect();
        let known = KnownKeys::of(&mut tx, keys.iter().flatten()).await?;
        let mut new = Vec::new();
        for (place, (entry, keys)) in self.entries.iter().zip(&keys).enumerate() {
            // An entry that is back catalogue for every newsletter goes into no issue anyway.
            let old = first_time.len() == origin.newsletters.len() && back_catalogue(app, entry, now).is_some();
            if !old
                && find(&mut tx, (keys, &known), origin, entry, &self.document)
                    .await?
                    .is_none()
            {
                new.push(place);
            }
        }
        drop(tx);
        new.sort_by_key(|place| newest(&self.entries[*place], now));
        let mut over = new.split_off(allowed.min(new.len()));
        let reason = if left_today < per_fetch {
            format!("its feed brought more than {per_day} new entries within 24 hours (feeds.max_new_per_day)")
        } else {
            format!("its feed brought more than {per_fetch} new entries at once (feeds.max_new_per_fetch)")
        };
        let room = app
            .config
            .feeds
            .max_entries
            .saturating_sub(count(recorded))
            .min(over.len());
        let unrecorded: BTreeSet<usize> = over.split_off(room).into_iter().collect();
        self.dropped += unrecorded.len();
        let over: BTreeSet<usize> = over.into_iter().collect();
        let mut kept = Vec::with_capacity(self.entries.len() - unrecorded.len());
        for (place, entry) in std::mem::take(&mut self.entries).into_iter().enumerate() {
            if over.contains(&place) {
                self.over_limit.insert(kept.len(), reason.clone());
            }
            if !unrecorded.contains(&place) {
                kept.push(entry);
            }
        }
        self.entries = kept;
        Ok(())
    }

    /// How many entries the limits leave out.
    pub(super) fn left_out(&self) -> usize {
        self.over_limit.len() + self.dropped
    }
}

/// Orders entries, the newest first. Undated entries and those dated in the future count as published now.
fn newest(entry: &Entry, now: DateTime<Utc>) -> Reverse<DateTime<Utc>> {
    Reverse(entry.published.map_or(now, |at| at.min(now)))
}

/// Stores with the feed how many entries its last fetch left out, and mails the operators the first time.
pub(super) async fn note(
    tx: &mut Tx,
    app: &App,
    feed: &mut Feed,
    left_out: usize,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if left_out == 0 {
        if feed.overflow_at.is_some_and(|at| at < now - QUIET) {
            (feed.overflow_at, feed.overflow_entries, feed.overflow_notified_at) = (None, 0, None);
        }
        return Ok(());
    }
    feed.overflow_at = Some(now);
    feed.overflow_entries = i64::try_from(left_out).unwrap_or(i64::MAX);
    tracing::warn!(feed.id = %feed.id, feed.url, entries = left_out, "feed entries left out");
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
        Err(error @ NoticeError::Template(_)) => {
            tracing::error!(%error, "notice not written");
            Ok(())
        }
    }
}
