//! Finds the feed at an address that an operator gives, and lets a newsletter read it.

use url::Url;

use super::feed_url::{MAX_URL_BYTES, host_of};
use crate::app::App;
use crate::domain::ids::{FeedId, NewsletterId};
use crate::feeds::fetch::{Download, FetchError, Fetched};
use crate::feeds::page::is_web_page;
use crate::feeds::parse::{ParseError, parse_served};
use crate::feeds::request_settings::RequestSettings;
use crate::store::feeds::{Feed, NewFeed};
use crate::store::{StoreError, Tx};
use crate::text::html::{FeedLink, feed_links};
use crate::text::plain::without_nul;

/// What an address leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// A feed: the address to fetch it at, and its title.
    Feed(Url, String),
    /// A web page that links feeds: the first that could be fetched, and the others.
    Page(FeedLink, Vec<FeedLink>),
    /// A web page that links no usable feed, for this reason.
    Nothing(String),
    /// It could not be fetched now, or it is a broken feed, for this reason.
    Unreadable(String),
}

/// Fetches an address and, if it is a web page, the feeds that the page links. The guard and the limits are those of every fetch. With a
/// login or header fields only feeds of the same server are found, because they are not for another one.
pub async fn discover(app: &App, own: &RequestSettings, url: &Url) -> Discovery {
    match probe(app, own, None, url).await {
        Probe::Feed(at, title) => Discovery::Feed(at, title),
        Probe::Unreadable(reason) => Discovery::Unreadable(reason),
        Probe::Page(links) if links.is_empty() => {
            Discovery::Nothing("it is a web page that links no feed; give the address of the feed itself".into())
        }
        Probe::Page(links) => {
            let mut reason = String::new();
            for (at, link) in links.iter().enumerate() {
                match probe(app, own, Some(url), &link.url).await {
                    Probe::Feed(url, title) => {
                        let others = [&links[..at], &links[at + 1..]].concat();
                        return Discovery::Page(FeedLink { url, title }, others);
                    }
                    Probe::Unreadable(why) => reason = format!("{} cannot be read: {why}", link.url),
                    Probe::Page(_) => reason = format!("{} is a web page", link.url),
                }
            }
            Discovery::Nothing(format!("none of the feeds that the page links can be read; {reason}"))
        }
    }
}

/// What one address returned.
enum Probe {
    Feed(Url, String),
    /// The feeds that the page links.
    Page(Vec<FeedLink>),
    Unreadable(String),
}

/// Fetches one address. `page` is the page that links it, if any: the guard is stricter about links.
async fn probe(app: &App, own: &RequestSettings, page: Option<&Url>, url: &Url) -> Probe {
    let fetched: Result<Fetched, FetchError> = match page {
        Some(page) => app.fetcher.get_linked(own, page, url).await,
        None => app.fetcher.get_with(own, url, None, None).await,
    };
    let (given, has_secrets) = (url.clone(), own.has_secrets());
    let may_be_added =
        move |found: &Url| found.as_str().len() <= MAX_URL_BYTES && !(has_secrets && found.origin() != given.origin());
    let download = match fetched {
        Ok(Fetched::Document(download)) => download,
        Ok(Fetched::Gone) => return Probe::Unreadable("the server says that it is gone for good (410)".into()),
        Ok(Fetched::NotModified) => return Probe::Unreadable("the server sent no document".into()),
        // The server has a document, although its answer is wrong. `feed list` shows the error until that changes.
        Err(FetchError::NotModifiedUnasked) => return Probe::Feed(url.clone(), String::new()),
        Err(error) => return Probe::Unreadable(error.to_string()),
    };
    let Download {
        bytes,
        content_type,
        final_url,
        moved_permanently_to,
        ..
    } = download;
    let given = url.clone();
    let parsed =
        tokio::task::spawn_blocking(
            move || match parse_served(&bytes, Some(&final_url), content_type.as_deref()) {
                Ok(feed) => {
                    let moved = moved_permanently_to.filter(&may_be_added);
                    Probe::Feed(moved.unwrap_or(given), feed.title)
                }
                // HTML never closes some tags, such as `<meta>`, so an XML parser sees them nested deeply.
                Err(ParseError::NotAFeed | ParseError::TooDeep(_)) if is_web_page(&bytes) => {
                    let mut links = feed_links(&String::from_utf8_lossy(&bytes), &final_url);
                    links.retain(|link| link.url != final_url && may_be_added(&link.url));
                    Probe::Page(links)
                }
                Err(error) => Probe::Unreadable(error.to_string()),
            },
        );
    // A panic of the parser concerns this document only.
    parsed
        .await
        .unwrap_or_else(|_| Probe::Unreadable("the parser failed on it".into()))
}

/// Lets a newsletter read the feed at an address. Returns the feed, and whether the newsletter did not read it before.
///
/// # Errors
/// When the database fails.
pub async fn add_feed(
    tx: &mut Tx,
    app: &App,
    newsletter: NewsletterId,
    url: &Url,
    title: &str,
) -> Result<(Feed, bool), StoreError> {
    let now = app.clock.now();
    let new = NewFeed {
        id: FeedId(app.rng.uuid(now)),
        url: url.as_str(),
        host: &host_of(url),
        title: &without_nul(title),
        interval_seconds: i64::try_from(app.config.feeds.interval.as_secs()).unwrap_or(i64::MAX),
    };
    let (feed, _) = tx.ensure_feed(&new, now).await?;
    let linked = tx.link_feed(newsletter, feed.id, now).await?;
    Ok((feed, linked))
}
