//! Stores the entries of a document and records in which newsletters they arrive.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use chrono::{DateTime, Utc};

use super::arrival::{arrive, back_catalogue_reason};
use super::identity::{DocumentIndex, Key, keys};
use super::known_article::{find, refresh};
use super::new_article::{add_article, article_of};
use super::origin::Origin;
use super::page_texts::is_short;
use super::pending_writes::{KnownKeys, PendingWrites};
use crate::app::App;
use crate::domain::ids::{ArticleId, NewsletterId};
use crate::domain::states::{LeftOut, PageState, TextFrom};
use crate::feeds::parse::Entry;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};

/// How many entries of a batch were new, known and left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Entries that are new articles.
    pub new: usize,
    /// Entries that are stored articles, or that every newsletter already has from another feed.
    pub known: usize,
    /// New and known articles that wait for no issue: the back catalogue of a feed, or more than the settings allow.
    pub left_out: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.known += other.known;
        self.left_out += other.left_out;
    }
}

/// Stores entries in a transaction of its own, and records their arrival in the origin's newsletters.
///
/// # Errors
/// When the database fails; nothing is stored then.
pub async fn store_entries(app: &App, origin: &Origin, entries: &[Entry]) -> Result<Tally, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let tally = store_in(&mut tx, app, origin, entries, now).await?;
    tx.commit().await?;
    Ok(tally)
}

/// Does the work of [`store_entries`] inside a transaction.
///
/// # Errors
/// When the database fails.
pub async fn store_in(
    tx: &mut Tx,
    app: &App,
    origin: &Origin,
    entries: &[Entry],
    now: DateTime<Utc>,
) -> Result<Tally, StoreError> {
    let part = Part {
        origin,
        entries,
        document: &DocumentIndex::of(entries),
        first_time: &[],
        over_limit: &BTreeMap::new(),
    };
    store_part(tx, app, &part, now).await
}

/// The entries of a document that are stored in one transaction.
pub(super) struct Part<'a> {
    pub(super) origin: &'a Origin,
    pub(super) entries: &'a [Entry],
    /// Which guids and addresses of the whole document do not identify an article.
    pub(super) document: &'a DocumentIndex,
    /// The newsletters that read the feed for the first time. There its back catalogue is left out, with a reason.
    pub(super) first_time: &'a [NewsletterId],
    /// Why no issue may have an entry, by index in `entries`, if the feed brought too many.
    pub(super) over_limit: &'a BTreeMap<usize, &'a str>,
}

/// Stores one part of a document.
pub(super) async fn store_part(
    tx: &mut Tx,
    app: &App,
    part: &Part<'_>,
    now: DateTime<Utc>,
) -> Result<Tally, StoreError> {
    let scope = &part.origin.scope;
    tx.lock_scope(scope).await?;
    // If two feeds bring the same new article at once, the second transaction waits here and then finds the article of the first.
    // Otherwise both articles would wait for the same issue. The set has one order, so two transactions cannot deadlock.
    let newsletters: BTreeSet<_> = part.origin.newsletters.iter().copied().collect();
    for newsletter in &newsletters {
        tx.lock_newsletter(*newsletter).await?;
    }
    let feed = match scope.feed() {
        Some(id) => tx.feed(id).await?,
        None => None,
    };
    let keys: Vec<_> = part
        .entries
        .iter()
        .map(|entry| keys(scope, entry, part.document))
        .collect();
    let mut storing = Storing {
        app,
        part,
        text_from: feed.as_ref().map_or(TextFrom::Feed, |feed| feed.text_from),
        feed_url: feed.map(|feed| feed.url),
        newsletters,
        known_keys: KnownKeys::of(tx, keys.iter().flatten()).await?,
        pending: PendingWrites::default(),
        has_refreshed: false,
        now,
    };
    let mut tally = Tally::default();
    for (index, (entry, keys)) in part.entries.iter().zip(&keys).enumerate() {
        tally += storing.store(tx, index, entry, keys).await?;
    }
    storing.pending.write(tx).await?;
    // An issue that is being compiled may have the former text. This lock makes it outdated.
    for newsletter in storing.newsletters.iter().filter(|_| storing.has_refreshed) {
        tx.lock_and_count_change(*newsletter).await?;
    }
    Ok(tally)
}

/// The state of one transaction that stores entries.
struct Storing<'a> {
    app: &'a App,
    part: &'a Part<'a>,
    /// The address of the feed; `None` if the entries are from no feed.
    feed_url: Option<String>,
    /// Where the text of new articles comes from.
    text_from: TextFrom,
    newsletters: BTreeSet<NewsletterId>,
    known_keys: KnownKeys,
    pending: PendingWrites,
    /// Whether the text of a stored article changed.
    has_refreshed: bool,
    now: DateTime<Utc>,
}

impl Storing<'_> {
    async fn store(&mut self, tx: &mut Tx, index: usize, entry: &Entry, keys: &[Key]) -> Result<Tally, StoreError> {
        let (origin, document) = (self.part.origin, self.part.document);
        // An earlier entry of this part may be the same article.
        if self.pending.has_any(keys) {
            self.pending.write(tx).await?;
        }
        let known = find(tx, (keys, &self.known_keys), &origin.scope, entry, document).await?;
        let is_new = known.is_none();
        let (article, already_in) = match known {
            Some(known) => {
                let feed_url = self.feed_url.as_deref();
                let (article, changed) = refresh(tx, origin, entry, keys, known, feed_url, self.now).await?;
                self.has_refreshed |= changed;
                let already_in = tx.newsletters_of_article(article.id).await?;
                (article, already_in)
            }
            None => (self.add(tx, index, entry, keys).await?, Vec::new()),
        };
        let (mut arrives, mut left_out) = (self.newsletters.is_empty(), false);
        let missing: Vec<_> = self
            .newsletters
            .iter()
            .copied()
            .filter(|newsletter| !already_in.contains(newsletter))
            .collect();
        for newsletter in missing {
            let old =
                back_catalogue_reason(self.app, entry, self.now).filter(|_| self.part.first_time.contains(&newsletter));
            let known_keys = (keys, &self.known_keys);
            let pending = &mut self.pending;
            match arrive(tx, pending, newsletter, &article, known_keys, old.as_deref(), self.now).await? {
                None => arrives = true,
                Some(LeftOut::SameArticle) => {}
                Some(LeftOut::BackCatalogue | LeftOut::OverLimit) => (arrives, left_out) = (true, true),
            }
        }
        // Later entries may have the same keys.
        self.known_keys.add(keys);
        // A later entry may find this article by a key that is stored already. Then it must find the arrivals, too.
        if !is_new {
            self.pending.write(tx).await?;
        }
        // A new article that every newsletter has from another feed counts as known.
        let is_new = is_new && arrives;
        Ok(Tally {
            new: usize::from(is_new),
            known: usize::from(!is_new),
            left_out: usize::from(left_out),
        })
    }

    /// Whether the text of a new article is taken from its page. The back catalogue of a feed would be many pages, and no issue has it.
    fn needs_page(&self, entry: &Entry) -> bool {
        let is_news = || {
            let first_time_everywhere = self.part.first_time.len() == self.newsletters.len();
            !first_time_everywhere || back_catalogue_reason(self.app, entry, self.now).is_none()
        };
        self.text_from == TextFrom::Page && is_short(entry) && is_news()
    }

    async fn add(&mut self, tx: &mut Tx, index: usize, entry: &Entry, keys: &[Key]) -> Result<Article, StoreError> {
        let id = ArticleId(self.app.rng.uuid(self.now));
        let over_limit_reason = self.part.over_limit.get(&index).map(|reason| (*reason).to_owned());
        let page_state = if over_limit_reason.is_none() && self.needs_page(entry) {
            PageState::Due
        } else {
            PageState::Unused
        };
        let new = Article {
            over_limit_reason,
            page_state,
            ..article_of(id, self.part.origin, entry, self.feed_url.as_deref(), self.now)
        };
        let new = add_article(tx, new).await?;
        self.pending.add_keys(keys, new.id);
        Ok(new)
    }
}
