//! A newsletter begins to read a feed: one whose address is given, one that a page links, or many from a list.

use url::Url;

use super::reading::{MAX_URL_BYTES, host_of};
use crate::app::App;
use crate::domain::ids::{FeedId, NewsletterId};
use crate::domain::redact::without_secrets;
use crate::feeds::fetch::{FetchError, Fetched};
use crate::feeds::guard::{Guard, Refusal};
use crate::feeds::parse::{ParseError, parse_served};
use crate::store::feeds::{Feed, NewFeed};
use crate::store::{StoreError, Tx};
use crate::text::html::{FeedLink, feed_links};
use crate::text::plain::without_nul;

/// Why an address is not taken for a feed's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It cannot be read at all, or over HTTP.
    #[error("“{0}” is no address of a feed; write https://…")]
    NotHttp(String),
    /// It will never be read: it holds a password, is private and not allowed, or names no host.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An index could not hold it.
    #[error("an address has at most {MAX_URL_BYTES} octets")]
    TooLong,
}

/// Parses an address that a person typed: without a scheme it is `https`, and the fragment is removed. `guard` refuses an address
/// that can never be read, so that it is not stored.
///
/// # Errors
/// [`AddressError`].
pub fn address(text: &str, guard: &Guard) -> Result<Url, AddressError> {
    let text = text.trim();
    let not_http = || AddressError::NotHttp(without_secrets(text));
    let mut url = match Url::parse(text) {
        // `example.org:8080` reads as a scheme and a path.
        Err(_) if text.contains('.') => Url::parse(&format!("https://{text}")).map_err(|_| not_http())?,
        Ok(url) if matches!(url.scheme(), "http" | "https") => url,
        _ => return Err(not_http()),
    };
    url.set_fragment(None);
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(AddressError::TooLong);
    }
    guard.check_url(&url)?;
    Ok(url)
}

/// What is at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// A feed; this is the address to read it at, and its title.
    Feed(Url, String),
    /// A page that links these feeds, of which the first could be read, and its title.
    Page(FeedLink, Vec<FeedLink>),
    /// A page that links no feed, for this reason.
    Nothing(String),
    /// It could not be read now, or it is a feed that nobody can read, for this reason.
    Unreadable(String),
}

/// Looks at an address: whether it is a feed's, or a page's that links one. Guard and limits are those of any reading.
pub async fn discover(app: &App, url: &Url) -> Discovery {
    match look(app, None, url).await {
        Look::Feed(at, title) => Discovery::Feed(at, title),
        Look::Unreadable(reason) => Discovery::Unreadable(reason),
        Look::Page(links) if links.is_empty() => {
            Discovery::Nothing("it is a web page that links no feed; give the address of the feed itself".into())
        }
        Look::Page(links) => {
            let mut reason = String::new();
            for (at, link) in links.iter().enumerate() {
                match look(app, Some(url), &link.url).await {
                    Look::Feed(url, title) => {
                        let others = [&links[..at], &links[at + 1..]].concat();
                        return Discovery::Page(FeedLink { url, title }, others);
                    }
                    Look::Unreadable(why) => reason = format!("{} cannot be read: {why}", link.url),
                    Look::Page(_) => reason = format!("{} is a web page", link.url),
                }
            }
            Discovery::Nothing(format!("none of the feeds that the page links can be read; {reason}"))
        }
    }
}

enum Look {
    Feed(Url, String),
    Page(Vec<FeedLink>),
    Unreadable(String),
}

/// Fetches one address. `page` is the page that links it, if any.
async fn look(app: &App, page: Option<&Url>, url: &Url) -> Look {
    let fetched: Result<Fetched, FetchError> = match page {
        Some(page) => app.fetcher.get_linked(page, url).await,
        None => app.fetcher.get(url, None, None).await,
    };
    let (bytes, content_type, final_url, moved) = match fetched {
        Ok(Fetched::Document {
            bytes,
            content_type,
            final_url,
            moved_permanently_to,
            ..
        }) => (bytes, content_type, final_url, moved_permanently_to),
        Ok(Fetched::Gone) => return Look::Unreadable("the server says that it is gone for good (410)".into()),
        Ok(Fetched::NotModified) => return Look::Unreadable("the server gave nothing".into()),
        // The server has a document there. Its answer is wrong, and `feed list` shows the error until that changes.
        Err(FetchError::NotModifiedUnasked) => return Look::Feed(url.clone(), String::new()),
        Err(error) => return Look::Unreadable(error.to_string()),
    };
    let given = url.clone();
    let looked =
        tokio::task::spawn_blocking(
            move || match parse_served(&bytes, Some(&final_url), content_type.as_deref()) {
                Ok(feed) => {
                    let moved = moved.filter(|moved| moved.as_str().len() <= MAX_URL_BYTES);
                    Look::Feed(moved.unwrap_or(given), feed.title)
                }
                // Tags that HTML never closes, such as `<meta>`, look like deep ones.
                Err(ParseError::NotAFeed | ParseError::TooDeep(_)) if is_page(&bytes) => {
                    let mut links = feed_links(&String::from_utf8_lossy(&bytes), &final_url);
                    links.retain(|link| link.url != final_url && link.url.as_str().len() <= MAX_URL_BYTES);
                    Look::Page(links)
                }
                Err(error) => Look::Unreadable(error.to_string()),
            },
        );
    looked
        .await
        .unwrap_or_else(|_| Look::Unreadable("the parser gave up on it".into()))
}

/// Whether this begins as web pages do; what servers say of their files says little.
fn is_page(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|tag| head.contains(tag))
}

/// Lets a newsletter read the feed at an address. Returns the feed, and whether the newsletter did not read it before.
///
/// # Errors
/// When the database fails.
pub async fn add(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_a_person_writes_it() {
        let read = |text| address(text, &Guard::default()).map(String::from);
        assert_eq!(read(" https://a.example/f#top ").as_deref(), Ok("https://a.example/f"));
        assert_eq!(read("a.example/f").as_deref(), Ok("https://a.example/f"));
        for bad in [
            "",
            "feed",
            "ftp://a.example/f",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
        ] {
            assert_eq!(read(bad), Err(AddressError::NotHttp(bad.into())), "{bad}");
        }
        for never in [
            "http://127.0.0.1/",
            "https://ada:secret@a.example/",
            "https://secret@a.example/",
            "https://db.internal/",
        ] {
            let refused = read(never).expect_err("it can never be read");
            assert!(matches!(refused, AddressError::Refused(_)), "{never}");
            assert!(!refused.to_string().contains("secret"), "{refused}");
        }
        let refused = read("ada:secret@a.example/f").expect_err("it has no scheme");
        assert!(!refused.to_string().contains("secret"), "{refused}");
        assert_eq!(
            read(&format!("https://a.example/{}", "x".repeat(2000))),
            Err(AddressError::TooLong)
        );
    }
}
