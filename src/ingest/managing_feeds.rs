//! What operators do with feeds. Each change has an entry in the audit log, in its transaction.

use serde_json::json;
use url::Url;

use super::adding_feeds::add_feed;
use super::feed_url::{FeedUrlError, parse_feed_url};
use super::requesting_feeds;
use crate::app::{App, on_blocking_pool};
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::{FeedId, NewsletterId};
use crate::domain::redact::without_secrets;
use crate::domain::seen::Seen;
use crate::domain::states::TextFrom;
use crate::feeds::opml;
use crate::feeds::parse::ParseError;
use crate::feeds::request_settings::RequestSettings;
use crate::store::feeds::Feed;
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};

/// How many feeds one transaction adds. SQLite has one writer, and a list of a hundred thousand feeds must not delay sign-ups.
const BATCH_SIZE: usize = 500;

/// A feed to be added for a newsletter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AddedFeed<'a> {
    pub(crate) url: &'a Url,
    pub(crate) title: &'a str,
    /// Whether the site shows its articles whole; `false` leaves a feed that exists as it is.
    pub(crate) full_text: bool,
    /// Where the text of its articles comes from; `None` leaves a feed that exists as it is.
    pub(crate) text_from: Option<TextFrom>,
    /// How it is requested; `None` leaves a feed that exists as it is.
    pub(crate) request: Option<&'a RequestSettings>,
}

/// Lets a newsletter read a feed. Returns the feed, and whether the newsletter did not read it before.
///
/// # Errors
/// When the database fails.
pub(crate) async fn add(
    app: &App,
    actor: &Actor,
    newsletter: &Newsletter,
    added: AddedFeed<'_>,
) -> Result<(Feed, bool), StoreError> {
    let mut tx = app.store.write().await?;
    let (mut feed, is_new) = add_feed(&mut tx, app, newsletter.id, added.url, added.title).await?;
    let changes_text = added.full_text && !feed.full_text;
    if changes_text {
        tx.set_feed_full_text(feed.id, true).await?;
        feed.full_text = true;
    }
    let changed_source = added.text_from.filter(|text_from| *text_from != feed.text_from);
    if let Some(text_from) = changed_source {
        tx.set_feed_text_from(feed.id, text_from).await?;
        feed.text_from = text_from;
    }
    if is_new || changes_text || changed_source.is_some() {
        let values = json!({ "newsletter": newsletter.slug, "full_text": feed.full_text, "text_from": feed.text_from });
        record(&mut tx, app, actor, AuditAction::FeedAdded, &feed, (None, Some(values))).await?;
    }
    if let Some(request) = added.request {
        change_request(&mut tx, app, actor, &mut feed, request).await?;
    }
    tx.commit().await?;
    Ok((feed, is_new))
}

/// Stops a newsletter from reading a feed. Articles that have arrived stay. Returns false if it did not read it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn remove(app: &App, actor: &Actor, newsletter: &Newsletter, feed: &Feed) -> Result<bool, StoreError> {
    let mut tx = app.store.write().await?;
    if !tx.unlink_feed(newsletter.id, feed.id).await? {
        return Ok(false);
    }
    let values = json!({ "newsletter": newsletter.slug });
    record(
        &mut tx,
        app,
        actor,
        AuditAction::FeedRemoved,
        feed,
        (Some(values), None),
    )
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// Sets whether the site shows the articles of a feed whole.
///
/// # Errors
/// When the database fails.
pub(crate) async fn set_full_text(app: &App, actor: &Actor, feed: &Feed, full_text: bool) -> Result<(), StoreError> {
    let changes = FeedChange {
        full_text: Some(full_text),
        ..FeedChange::default()
    };
    change(app, actor, feed, &changes).await?;
    Ok(())
}

/// Sets where the text of a feed's new articles comes from.
///
/// # Errors
/// When the database fails.
pub(crate) async fn set_text_from(
    app: &App,
    actor: &Actor,
    feed: &Feed,
    text_from: TextFrom,
) -> Result<(), StoreError> {
    let changes = FeedChange {
        text_from: Some(text_from),
        ..FeedChange::default()
    };
    change(app, actor, feed, &changes).await?;
    Ok(())
}

/// What is changed of a feed; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct FeedChange {
    /// The newsletters that read it, and no others.
    pub(crate) newsletters: Option<Vec<NewsletterId>>,
    /// Whether the site shows its articles whole.
    pub(crate) full_text: Option<bool>,
    /// Where the text of its new articles comes from.
    pub(crate) text_from: Option<TextFrom>,
    /// How it is requested.
    pub(crate) request: Option<RequestSettings>,
    /// The version that the operator saw.
    pub(crate) seen: Seen<FeedVersion>,
}

/// What operators see of a feed, besides how its fetches went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FeedVersion {
    title: String,
    full_text: bool,
    text_from: TextFrom,
    gone: bool,
    /// How it is requested. The encrypted secrets differ after each change.
    request: (Option<String>, Option<String>, String, Option<Vec<u8>>),
    /// The slugs of the newsletters that read it.
    newsletters: Vec<String>,
}

impl FeedVersion {
    /// The version of a feed; `None` if there is no such feed.
    pub(crate) async fn read(tx: &mut Tx, id: FeedId) -> Result<Option<Self>, StoreError> {
        let Some(feed) = tx.feed(id).await? else {
            return Ok(None);
        };
        let slugs = tx.slugs_of_feeds(&[id]).await?.into_iter();
        Ok(Some(Self {
            title: feed.title,
            full_text: feed.full_text,
            text_from: feed.text_from,
            gone: feed.gone,
            request: (
                feed.user_agent,
                feed.login_name,
                feed.header_names,
                feed.request_secrets,
            ),
            newsletters: slugs.map(|(_, slug)| slug).collect(),
        }))
    }
}

/// Changes a feed. Articles that have arrived stay, also those of a newsletter that stops reading it. Returns false, and changes nothing, if
/// the feed is not in the version that the operator saw.
///
/// # Errors
/// When the database fails.
pub(crate) async fn change(app: &App, actor: &Actor, feed: &Feed, change: &FeedChange) -> Result<bool, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    tx.lock_feed(feed.id).await?;
    let version = FeedVersion::read(&mut tx, feed.id).await?;
    if !version.is_some_and(|version| change.seen.is(&version)) {
        return Ok(false);
    }
    if let Some(wanted) = &change.newsletters {
        for newsletter in tx.newsletters().await? {
            let values = || Some(json!({ "newsletter": newsletter.slug }));
            let (action, values) = if wanted.contains(&newsletter.id) {
                if !tx.link_feed(newsletter.id, feed.id, now).await? {
                    continue;
                }
                (AuditAction::FeedAdded, (None, values()))
            } else {
                if !tx.unlink_feed(newsletter.id, feed.id).await? {
                    continue;
                }
                (AuditAction::FeedRemoved, (values(), None))
            };
            record(&mut tx, app, actor, action, feed, values).await?;
        }
    }
    if let Some(full_text) = change.full_text.filter(|full_text| *full_text != feed.full_text) {
        tx.set_feed_full_text(feed.id, full_text).await?;
        let values = (
            Some(json!({ "full_text": feed.full_text })),
            Some(json!({ "full_text": full_text })),
        );
        record(&mut tx, app, actor, AuditAction::FeedChanged, feed, values).await?;
    }
    if let Some(text_from) = change.text_from.filter(|text_from| *text_from != feed.text_from) {
        tx.set_feed_text_from(feed.id, text_from).await?;
        let values = (
            Some(json!({ "text_from": feed.text_from })),
            Some(json!({ "text_from": text_from })),
        );
        record(&mut tx, app, actor, AuditAction::FeedChanged, feed, values).await?;
    }
    if let Some(request) = &change.request {
        change_request(&mut tx, app, actor, &mut feed.clone(), request).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Changes how a feed is requested, and makes it due: it may have failed for lack of a login.
async fn change_request(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    feed: &mut Feed,
    request: &RequestSettings,
) -> Result<(), StoreError> {
    let old = requesting_feeds::audited(feed);
    requesting_feeds::put_into(app, feed, request);
    tx.set_feed_request(feed).await?;
    tx.resume_feed(feed.id, app.clock.now()).await?;
    let values = (Some(old), Some(requesting_feeds::audited(feed)));
    record(tx, app, actor, AuditAction::FeedChanged, feed, values).await
}

/// Makes a feed due now, also one that fails or was gone: a running service fetches it at once.
///
/// # Errors
/// When the database fails.
pub(crate) async fn resume(app: &App, actor: &Actor, feed: &Feed) -> Result<(), StoreError> {
    let mut tx = app.store.write().await?;
    tx.resume_feed(feed.id, app.clock.now()).await?;
    record(&mut tx, app, actor, AuditAction::FeedResumed, feed, (None, None)).await?;
    tx.commit().await
}

async fn record(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    action: AuditAction,
    feed: &Feed,
    (old, new): (Option<serde_json::Value>, Option<serde_json::Value>),
) -> Result<(), StoreError> {
    let object = &without_secrets(&feed.url);
    let change = Change {
        action,
        object,
        old,
        new,
    };
    audit::record(tx, app, actor, change).await
}

/// What an import of OPML did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Imported {
    pub(crate) added: usize,
    /// Feeds that the newsletter read before.
    pub(crate) known: usize,
    /// How many of all have their articles shown whole.
    pub(crate) full_text: usize,
    pub(crate) refused: Vec<RefusedFeed>,
}

/// An entry of a list that was not added.
#[derive(Clone, Debug)]
pub(crate) struct RefusedFeed {
    pub(crate) title: String,
    pub(crate) reason: RefusedReason,
}

#[derive(Clone, Debug)]
pub(crate) enum RefusedReason {
    /// It has only the address of a web page.
    OnlySite(String),
    NoAddress,
    Address(FeedUrlError),
}

/// Why a list was not imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error(transparent)]
    List(#[from] ParseError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lets a newsletter read all feeds of an OPML document. Feeds that cannot be added are returned with the reason.
///
/// # Errors
/// [`ImportError::List`] if the document is not OPML. If the database fails, earlier batches stay.
pub(crate) async fn import(
    app: &App,
    actor: &Actor,
    newsletter: &Newsletter,
    document: Vec<u8>,
) -> Result<Imported, ImportError> {
    let listed = on_blocking_pool(move || opml::parse(&document)).await?;
    let mut imported = Imported::default();
    let mut accepted = Vec::new();
    for feed in listed {
        let url = match &feed.url {
            Some(url) => parse_feed_url(url.as_str(), app.fetcher.guard()).map_err(RefusedReason::Address),
            None => Err(feed.site_url.map_or(RefusedReason::NoAddress, RefusedReason::OnlySite)),
        };
        match url {
            Ok(url) => accepted.push((url, feed.title, feed.full_text, feed.text_from)),
            Err(reason) => imported.refused.push(RefusedFeed {
                title: feed.title,
                reason,
            }),
        }
    }
    // Two imports of the same feeds lock the rows in the same order, so they cannot deadlock.
    accepted.sort_by(|one, other| one.0.cmp(&other.0));
    for batch in accepted.chunks(BATCH_SIZE) {
        let mut tx = app.store.write().await?;
        let mut added = 0;
        for (url, title, full_text, text_from) in batch {
            let (feed, is_new) = add_feed(&mut tx, app, newsletter.id, url, title).await?;
            if *full_text {
                tx.set_feed_full_text(feed.id, true).await?;
                imported.full_text += 1;
            }
            if *text_from == TextFrom::Page {
                tx.set_feed_text_from(feed.id, *text_from).await?;
            }
            added += usize::from(is_new);
        }
        if added > 0 {
            let change = Change::of(AuditAction::FeedsImported, &newsletter.slug).to(json!({ "feeds": added }));
            audit::record(&mut tx, app, actor, change).await?;
        }
        tx.commit().await?;
        imported.added += added;
        imported.known += batch.len() - added;
    }
    Ok(imported)
}
