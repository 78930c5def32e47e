//! Articles arrive: from feeds that are due, from files, from the API. Each is known again by its guid, its address or
//! its content, so that it arrives once.

pub mod adding;
pub mod edit;
pub mod failing;
pub mod identity;
pub mod lines;
pub mod own;
pub mod poll;
pub mod reading;
pub mod view;

use std::collections::BTreeSet;
use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::config::BackCatalogue;
use crate::domain::ids::{ArticleId, FeedId, NewsletterId};
use crate::domain::language;
use crate::domain::public_id::PublicId;
use crate::domain::time::time_delta;
use crate::feeds::parse::Entry;
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};
use identity::{Key, Kind, keys};

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
    /// Whether the site may show them whole: they are the newsroom's own, or an operator said so. A feed has a flag of its
    /// own, which can change later; here it is false.
    pub full_text: bool,
}

/// What became of a batch of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Not seen before.
    pub new: usize,
    /// Seen before, here or in another feed.
    pub known: usize,
    /// Of both, those that arrived as a feed's back catalogue and wait for no issue.
    pub left_out: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.known += other.known;
        self.left_out += other.left_out;
    }
}

/// Stores entries that are new, in one transaction, and lets all of them arrive where they had not.
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
    store_part(
        tx,
        app,
        &Part {
            origin,
            entries,
            shared: &identity::shared_addresses(entries),
            first_time: &[],
        },
        now,
    )
    .await
}

/// What is stored in one transaction.
struct Part<'a> {
    origin: &'a Origin,
    entries: &'a [Entry],
    /// Addresses that identify none of the entries of the whole document.
    shared: &'a BTreeSet<String>,
    /// Those of the newsletters that read the feed for the first time: its back catalogue arrives for them with the reason
    /// why it is left out.
    first_time: &'a [NewsletterId],
}

/// [`store_in`] of a part of a document.
async fn store_part(tx: &mut Tx, app: &App, part: &Part<'_>, now: DateTime<Utc>) -> Result<Tally, StoreError> {
    let origin = part.origin;
    // Two feeds with the same new article, read at once, would each store it: one waits here for the other.
    let newsletters: BTreeSet<_> = origin.newsletters.iter().collect();
    for newsletter in &newsletters {
        tx.lock_newsletter_unchanged(**newsletter).await?;
    }
    let mut tally = Tally::default();
    let mut refreshed = false;
    for entry in part.entries {
        let mut keys = keys(&origin.scope, entry, part.shared);
        let article = if let Some((known, by_guid)) = find(tx, &mut keys, origin, entry).await? {
            tally.known += 1;
            // An address may lead to several articles, such as that of a live ticker; a guid is one article's.
            if by_guid && origin.feed.is_some() {
                refreshed |= tx.refresh_article(&content(known, origin, entry, now)).await?;
            }
            known
        } else {
            tally.new += 1;
            let new = add(tx, app, origin, entry, now).await?.id;
            if let Some(guid) = keys.iter().find(|key| key.kind == Kind::Guid) {
                tx.move_article_key(&guid.hash, new).await?;
            }
            new
        };
        for key in &keys {
            tx.add_article_key(&key.hash, article).await?;
        }
        let old = back_catalogue(app, entry, now);
        let mut left_out = false;
        for newsletter in &origin.newsletters {
            let reason = old.as_deref().filter(|_| part.first_time.contains(newsletter));
            left_out |= tx.arrive(*newsletter, article, reason, now).await? && reason.is_some();
        }
        tally.left_out += usize::from(left_out);
    }
    // An issue that is being compiled has the former text.
    for newsletter in newsletters.iter().filter(|_| refreshed) {
        tx.lock_newsletter(**newsletter).await?;
    }
    Ok(tally)
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

/// The article that an entry is, if it is known, and whether it is by its guid. A guid that was used for another one gets a key more, with its text.
async fn find(
    tx: &mut Tx,
    keys: &mut Vec<Key>,
    origin: &Origin,
    entry: &Entry,
) -> Result<Option<(ArticleId, bool)>, StoreError> {
    let mut at = 0;
    let mut by_guid = None;
    while let Some(key) = keys.get(at).cloned() {
        if let Some(known) = tx.article_by_key(&key.hash).await? {
            let same_feed = origin.feed.is_some() && known.feed_id == origin.feed;
            // It has moved and was edited since: guid and address are both known as its own.
            let both = key.kind == Kind::Address && by_guid == Some(known.id);
            if both || !identity::is_another(key.kind, entry, &known, same_feed) {
                return Ok(Some((known.id, both || key.kind == Kind::Guid)));
            }
            if key.kind == Kind::Guid {
                by_guid = Some(known.id);
            }
            let reused = identity::reused_guid(&origin.scope, entry);
            if key.kind == Kind::Guid && !keys.contains(&reused) {
                keys.push(reused);
            }
        }
        at += 1;
    }
    Ok(None)
}

async fn add(
    tx: &mut Tx,
    app: &App,
    origin: &Origin,
    entry: &Entry,
    now: DateTime<Utc>,
) -> Result<Article, StoreError> {
    let id = ArticleId(app.chance.uuid(now));
    let mut article = content(id, origin, entry, now);
    if article.language.is_none() {
        // The summary is plain text, and the body's first lines where the entry has none.
        article.language = language::detect(&format!("{}. {}", article.title, article.summary)).map(str::to_owned);
    }
    // Sixteen million ids: the first is nearly always free, and a taken one leads to the next.
    let seed = Sha256::digest(id.0.as_bytes());
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
    // PostgreSQL takes no NUL in text, and nobody reads one.
    let clean = |text: &str| text.replace('\0', "");
    let image = entry.image.as_ref();
    Article {
        id,
        public_id: String::new(),
        feed_id: origin.feed,
        title: clean(&entry.title),
        url: entry.url.as_deref().map(clean),
        canonical_url: identity::canonical_url(entry),
        summary: clean(&entry.summary),
        content_html: clean(&entry.content_html),
        authors: clean(&entry.authors.join("\n")),
        category: entry.category.as_deref().map(clean),
        source_name: clean(&origin.source_name),
        language: entry.language.as_deref().and_then(language::tag),
        image_url: image.map(|image| clean(&image.url)),
        image_alt: image.map(|image| clean(&image.alt)).unwrap_or_default(),
        image_width: image.and_then(|image| image.width),
        image_height: image.and_then(|image| image.height),
        full_text: origin.full_text,
        published_at: entry.published,
        arrived_at: now,
        edited_at: None,
        retracted_at: None,
    }
}
