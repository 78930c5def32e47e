//! Articles arrive from feeds that are due, from files and from the API. Each is recognised when it comes again, so that it
//! is sent once per newsletter.

pub mod adding;
mod arriving;
mod batch;
pub mod edit;
pub mod failing;
mod field;
mod identity;
mod intake;
pub mod lines;
pub mod own;
pub mod poll;
pub mod reading;
pub mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::config::BackCatalogue;
use crate::domain::ids::{ArticleId, FeedId, NewsletterId};
use crate::domain::public_id::PublicId;
use crate::domain::states::LeftOut;
use crate::domain::time::time_delta;
use crate::feeds::parse::Entry;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};
use crate::text::language;
use crate::text::plain::without_nul;
use arriving::arrive;
use batch::{KnownKeys, Pending};
use identity::{Document, Key, Kind, Met, keys};

/// An entry is compared with at most this many articles of one key, the latest ones.
const MAX_CANDIDATES: i64 = 20;

/// Where entries come from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The feed, if it is one.
    pub feed: Option<FeedId>,
    /// Within what a guid means something: a feed's id, or a file's own name for itself.
    pub scope: String,
    /// Who published them, for readers.
    pub source_name: String,
    /// The newsletters they arrive for.
    pub newsletters: Vec<NewsletterId>,
    /// Whether the site may show them whole: they are the newsroom's own, or an operator allowed it. False for a feed, which has a
    /// flag of its own that can change later.
    pub full_text: bool,
}

/// What became of a batch of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Not seen before.
    pub new: usize,
    /// Known before, or already in every newsletter from another feed.
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

/// Stores new entries in one transaction, and records their arrival in the origin's newsletters.
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

/// [`store_entries`] inside a transaction.
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
        document: &Document::of(entries),
        first_time: &[],
        over_limit: &BTreeMap::new(),
    };
    store_part(tx, app, &part, now).await
}

/// What is stored in one transaction.
struct Part<'a> {
    origin: &'a Origin,
    entries: &'a [Entry],
    /// Which guids and addresses of the whole document do not identify an article.
    document: &'a Document,
    /// The newsletters that read the feed for the first time. Its back catalogue arrives there with a reason to be left out.
    first_time: &'a [NewsletterId],
    /// Why no issue may have an entry, by the entry's place in `entries`, if the feed brought too many.
    over_limit: &'a BTreeMap<usize, &'a str>,
}

/// [`store_in`] of a part of a document.
async fn store_part(tx: &mut Tx, app: &App, part: &Part<'_>, now: DateTime<Utc>) -> Result<Tally, StoreError> {
    let origin = part.origin;
    tx.lock_identity(&origin.scope).await?;
    // If two feeds with the same new article are read at once, one waits here, or both would put it into an issue.
    let newsletters: BTreeSet<_> = origin.newsletters.iter().copied().collect();
    for newsletter in &newsletters {
        tx.lock_newsletter_unchanged(*newsletter).await?;
    }
    let feed_url = feed_url(tx, origin).await?;
    let mut tally = Tally::default();
    let mut refreshed = false;
    let keys: Vec<_> = part
        .entries
        .iter()
        .map(|entry| keys(&origin.scope, entry, part.document))
        .collect();
    let mut known = KnownKeys::of(tx, keys.iter().flatten()).await?;
    let mut pending = Pending::default();
    for (place, (entry, keys)) in part.entries.iter().zip(&keys).enumerate() {
        if pending.has_any(keys) {
            pending.write(tx).await?;
        }
        let found = find(tx, (keys, &known), origin, entry, part.document).await?;
        let is_new = found.is_none();
        let article = if let Some(found) = found {
            let (article, changed) = take_over(tx, origin, entry, keys, found, feed_url.as_deref(), now).await?;
            refreshed |= changed;
            article
        } else {
            let new = Article {
                closeness: feed_url
                    .as_deref()
                    .map_or(identity::ELSEWHERE, |url| identity::closeness(url, entry)),
                left_out: part.over_limit.get(&place).map(|reason| (*reason).to_owned()),
                ..content(ArticleId(app.rng.uuid(now)), origin, entry, now)
            };
            let new = add(tx, new).await?;
            pending.add_keys(keys, new.id);
            new
        };
        let already_in: BTreeSet<_> = if is_new {
            BTreeSet::new()
        } else {
            tx.newsletters_of_article(article.id).await?.into_iter().collect()
        };
        let (mut left_out, mut arrives) = (false, newsletters.is_empty());
        for newsletter in newsletters.difference(&already_in) {
            let old = back_catalogue(app, entry, now).filter(|_| part.first_time.contains(newsletter));
            let decision = arrive(
                tx,
                &mut pending,
                *newsletter,
                &article,
                (keys, &known),
                old.as_deref(),
                now,
            );
            match decision.await? {
                None => arrives = true,
                Some(LeftOut::SameArticle) => {}
                Some(LeftOut::BackCatalogue | LeftOut::OverLimit) => (left_out, arrives) = (true, true),
            }
        }
        // Later entries may have the same keys.
        known.add(keys);
        // A later entry that finds this article in the database must find its arrivals too.
        if !is_new {
            pending.write(tx).await?;
        }
        // An article that every newsletter has from another feed is known.
        if is_new && arrives {
            tally.new += 1;
        } else {
            tally.known += 1;
        }
        tally.left_out += usize::from(left_out);
    }
    pending.write(tx).await?;
    // An issue that is being compiled may have the former text.
    for newsletter in newsletters.iter().filter(|_| refreshed) {
        tx.lock_newsletter(*newsletter).await?;
    }
    Ok(tally)
}

/// Where the origin is read, if it is a feed.
async fn feed_url(tx: &mut Tx, origin: &Origin) -> Result<Option<String>, StoreError> {
    match origin.feed {
        Some(id) => Ok(tx.feed(id).await?.map(|feed| feed.url)),
        None => Ok(None),
    }
}

async fn add_keys(tx: &mut Tx, keys: &[Key], article: ArticleId) -> Result<(), StoreError> {
    for key in keys {
        tx.add_article_key(&key.hash, article).await?;
    }
    Ok(())
}

/// An article that an entry turned out to be.
struct Found {
    article: Article,
    /// Whether its guid was found. Several articles can share an address, but normally not a guid.
    by_guid: bool,
}

/// The article that an entry is, if it is known.
async fn find(
    tx: &mut Tx,
    (keys, known): (&[Key], &KnownKeys),
    origin: &Origin,
    entry: &Entry,
    document: &Document,
) -> Result<Option<Found>, StoreError> {
    let url = identity::canonical_url(entry);
    let mut candidates: Vec<(Article, Met)> = Vec::new();
    for key in keys.iter().filter(|key| key.kind != Kind::Anywhere && known.has(key)) {
        for article in tx.articles_by_key(&key.hash, &origin.scope, MAX_CANDIDATES).await? {
            let met = Met::by(key.kind);
            match candidates.iter_mut().find(|(known, _)| known.id == article.id) {
                Some((_, before)) => *before = before.and(met),
                None => candidates.push((article, met)),
            }
        }
        // Usually guid and address belong to the same article, and no other key has to be looked up.
        if key.kind == Kind::Guid && url.is_some() && document.trusts_guid_of(entry) {
            let at = candidates.iter().position(|(known, _)| known.canonical_url == url);
            if let Some((article, _)) = at.map(|at| candidates.swap_remove(at)) {
                return Ok(Some(Found { article, by_guid: true }));
            }
        }
    }
    let same = candidates
        .into_iter()
        .find(|(known, met)| identity::is_same(entry, known, *met, document));
    Ok(same.map(|(article, met)| Found {
        article,
        by_guid: met.guid,
    }))
}

/// Updates a known article from the feed, and adds its new keys. Returns the article, and whether its text changed.
async fn take_over(
    tx: &mut Tx,
    origin: &Origin,
    entry: &Entry,
    keys: &[Key],
    found: Found,
    feed_url: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(Article, bool), StoreError> {
    let known = found.article;
    let now_said = Article {
        closeness: feed_url.map_or(identity::ELSEWHERE, |url| identity::closeness(url, entry)),
        ..content(known.id, origin, entry, now)
    };
    let changed = known.title != now_said.title
        || known.summary != now_said.summary
        || known.content_html != now_said.content_html
        || known.url != now_said.url
        || known.guid != now_said.guid
        || known.published_at != now_said.published_at
        || known.authors != now_said.authors
        || known.category != now_said.category
        || (&known.image_url, &known.image_alt) != (&now_said.image_url, &now_said.image_alt);
    if !changed {
        return Ok((known, false));
    }
    add_keys(tx, keys, known.id).await?;
    if !found.by_guid || origin.feed.is_none() || !tx.refresh_article(&now_said).await? {
        return Ok((known, false));
    }
    Ok((tx.article(known.id).await?.unwrap_or(known), true))
}

/// Why an entry of a feed that is read for the first time is no news, if so.
fn back_catalogue(app: &App, entry: &Entry, now: DateTime<Utc>) -> Option<String> {
    let BackCatalogue::Youngest(age) = app.config.feeds.back_catalogue else {
        return None;
    };
    match entry.published {
        Some(at) if at >= now - time_delta(age) => None,
        Some(at) => Some(format!(
            "published {}, before the newsletter began to read this feed (feeds.back_catalogue)",
            at.format("%Y-%m-%d %H:%M UTC")
        )),
        None => Some(
            "without a date, and there already when the newsletter began to read this feed (feeds.back_catalogue)"
                .into(),
        ),
    }
}

/// Stores an article under a public id that is free.
async fn add(tx: &mut Tx, mut article: Article) -> Result<Article, StoreError> {
    if article.language.is_none() {
        // The summary is plain text, and the body's first lines where the entry has none.
        article.language = language::detect(&format!("{}. {}", article.title, article.summary)).map(str::to_owned);
    }
    // Sixteen million ids: the first is nearly always free, and a taken one leads to the next.
    let seed = Sha256::digest(article.id.0.as_bytes());
    let mut number = u32::from_be_bytes([0, seed[0], seed[1], seed[2]]);
    loop {
        PublicId::from_u32(number).as_str().clone_into(&mut article.public_id);
        if tx.add_article(&article).await? {
            return Ok(article);
        }
        number = (number + 1) & 0x00ff_ffff;
    }
}

/// An entry as the article that it becomes, with the language that it declares; no public id yet.
fn content(id: ArticleId, origin: &Origin, entry: &Entry, now: DateTime<Utc>) -> Article {
    let image = entry.image.as_ref();
    Article {
        id,
        public_id: String::new(),
        feed_id: origin.feed,
        scope: without_nul(&origin.scope),
        guid: identity::guid(entry).map(without_nul),
        closeness: identity::ELSEWHERE,
        left_out: None,
        title: without_nul(&entry.title),
        url: entry.url.as_deref().map(without_nul),
        canonical_url: identity::canonical_url(entry),
        summary: without_nul(&entry.summary),
        content_html: entry.content_html.clone(),
        authors: without_nul(&entry.authors.join("\n")),
        category: entry.category.as_deref().map(without_nul),
        source_name: without_nul(&origin.source_name),
        language: entry.language.as_deref().and_then(language::tag),
        image_url: image.map(|image| without_nul(&image.url)),
        image_alt: image.map(|image| without_nul(&image.alt)).unwrap_or_default(),
        image_width: image.and_then(|image| image.width),
        image_height: image.and_then(|image| image.height),
        full_text: origin.full_text,
        published_at: entry.published,
        arrived_at: now,
        edited_at: None,
        retracted_at: None,
    }
}
