//! Takes the texts of articles from their pages, for feeds that give only a few lines of each (`text_from`).
//!
//! This follows the fetch of the feed. Its entries are stored before, so a slow page delays none of them. Pages that were not fetched stay
//! due until the next fetch of the feed. The guard, the limits and the proxy are those of every fetch, and the feed's login is sent to no
//! other server.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::feed_url::host_of;
use super::fetch_schedule::server_throttle;
use crate::app::App;
use crate::domain::ids::FeedId;
use crate::domain::redact::without_secrets;
use crate::domain::states::PageState;
use crate::domain::time::time_delta;
use crate::feeds::fetch::{Download, FetchError, Fetched};
use crate::feeds::page;
use crate::feeds::parse::{Entry, MAX_SUMMARY};
use crate::feeds::request_settings::RequestSettings;
use crate::store::StoreError;
use crate::store::articles::Article;
use crate::text::excerpt::excerpt;
use crate::text::html::{SanitizedHtml, running_text};
use crate::text::language;

/// An entry is short if its text has fewer letters than this: a teaser, not an article.
const MIN_ARTICLE_LETTERS: usize = 700;
/// At most this many due pages are considered in one round: more than are fetched, because some servers may be unavailable.
const MAX_DUE: i64 = 200;

/// What an entry's text has, and what a page must exceed: characters without white space.
fn letters(html: &str) -> usize {
    running_text(html).chars().filter(|c| !c.is_whitespace()).count()
}

/// Whether an entry has an address and only a few lines of text.
pub(super) fn is_short(entry: &Entry) -> bool {
    entry.url.is_some() && letters(&entry.content_html) < MIN_ARTICLE_LETTERS
}

/// Keeps the text of the page in `current`, the feed's new version of a stored article, unless the feed now gives a text itself.
pub(super) fn keep_page_text(current: &mut Article, stored: &Article, entry: &Entry) {
    if stored.page_state == PageState::Unused || !is_short(entry) {
        return;
    }
    current.page_state = stored.page_state;
    if stored.page_state == PageState::Used {
        current.content_html.clone_from(&stored.content_html);
        if current.summary.is_empty() {
            current.summary.clone_from(&stored.summary);
        }
    }
}

/// The feed whose pages are read. Its server is leased by the caller.
pub(super) struct PageFeed {
    pub(super) id: FeedId,
    pub(super) url: Url,
    pub(super) own: RequestSettings,
}

/// Fetches pages that are due, at most `feeds.max_pages_per_fetch`, and stores their texts. Returns how long the feed's server asks for no
/// requests, if it does. A failure concerns one article, which keeps the text of its feed.
pub(super) async fn read_due_pages(app: &App, feed: &PageFeed, stop: &CancellationToken) -> Option<Duration> {
    let host = host_of(&feed.url);
    let mut round = Round {
        app,
        feed,
        stop,
        leased: BTreeSet::new(),
        unavailable: BTreeSet::new(),
        throttles: BTreeMap::new(),
        used: 0,
        failed: 0,
        last_failure: None,
    };
    let url = without_secrets(feed.url.as_str());
    if let Err(error) = round.run(&host).await {
        tracing::error!(feed.id = %feed.id, feed.url = url, %error, "article pages not stored; they are fetched again");
    }
    if let Err(error) = round.release().await {
        tracing::error!(feed.id = %feed.id, feed.url = url, %error, "leases on the servers of pages not released; they expire by themselves");
    }
    if round.used + round.failed > 0 {
        tracing::info!(feed.id = %feed.id, feed.url = url, page.used = round.used, page.failed = round.failed, "article pages read");
    }
    round.throttles.remove(&host)
}

/// Why a page was not used.
struct Failure {
    reason: String,
    /// Whether another request may succeed. The host gets none in this round.
    is_temporary: bool,
}

impl Failure {
    fn of_page(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            is_temporary: false,
        }
    }

    fn of_fetch(error: &FetchError) -> Self {
        Self {
            reason: error.to_string(),
            is_temporary: error.is_temporary(),
        }
    }
}

/// What an article takes over from its page.
struct PageText {
    html: SanitizedHtml,
    summary: String,
    language: Option<&'static str>,
}

impl PageText {
    /// The text of a page, if it has more than the feed. Takes processor time, so it must not run on the async threads.
    fn of(download: &Download, article: &Article) -> Result<Self, Failure> {
        let html = page::read(download, &article.title).map_err(|error| Failure::of_page(error.to_string()))?;
        if letters(&html) <= letters(&article.content_html) {
            return Err(Failure::of_page("it has no more text than the feed"));
        }
        let summary = excerpt(&running_text(&html), MAX_SUMMARY);
        Ok(Self {
            language: language::detect(&format!("{}. {summary}", article.title)),
            html,
            summary,
        })
    }
}

/// The pages that are read after one fetch of a feed.
struct Round<'a> {
    app: &'a App,
    feed: &'a PageFeed,
    stop: &'a CancellationToken,
    /// The hosts that were leased for their pages, besides that of the feed.
    leased: BTreeSet<String>,
    /// Hosts that could not be reached or had a problem: they get no further request.
    unavailable: BTreeSet<String>,
    /// How long hosts ask for no requests.
    throttles: BTreeMap<String, Duration>,
    used: usize,
    failed: usize,
    /// For the feed's state: the article, and why its page was not used.
    last_failure: Option<String>,
}

impl Round<'_> {
    async fn run(&mut self, feed_host: &str) -> Result<(), StoreError> {
        let settings = &self.app.config.feeds;
        let due = self
            .app
            .store
            .read()
            .await?
            .articles_with_due_page(self.feed.id, MAX_DUE)
            .await?;
        let stop = self.stop;
        let deadline = Instant::now() + settings.timeout * 2;
        let mut requests = 0;
        for article in due {
            if requests == settings.max_pages_per_fetch || Instant::now() >= deadline {
                break;
            }
            let Some(url) = article.url.as_deref().and_then(|url| Url::parse(url).ok()) else {
                self.record_failure(&article, Failure::of_page("its address cannot be read"))
                    .await?;
                continue;
            };
            let host = host_of(&url);
            // These pages stay due, and come first in the next round. The host has a problem, or another fetch sends requests to it.
            if self.unavailable.contains(&host) || !self.lease(&host, feed_host).await? {
                continue;
            }
            requests += 1;
            let read = tokio::select! {
                read = self.read(&article, &url, &host) => read,
                () = stop.cancelled() => break,
            };
            match read {
                Ok(text) => self.store(&article, &text).await?,
                Err(failure) => {
                    if failure.is_temporary {
                        self.unavailable.insert(host);
                    }
                    self.record_failure(&article, failure).await?;
                }
            }
        }
        if self.used + self.failed > 0 {
            let mut tx = self.app.store.write().await?;
            let error = self.last_failure.as_deref();
            tx.record_page_error(self.feed.id, error, self.app.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Leases the host of a page, unless this round has it, and extends the other leases. Returns false if the host is in use.
    async fn lease(&mut self, host: &str, feed_host: &str) -> Result<bool, StoreError> {
        let (now, node) = (self.app.clock.now(), self.app.node);
        // Longer than one page takes, with the pause before it.
        let settings = &self.app.config.feeds;
        let until = now + time_delta(settings.timeout) * 2 + time_delta(settings.host_pause) + TimeDelta::minutes(1);
        let is_new = host != feed_host && !self.leased.contains(host);
        let mut tx = self.app.store.write().await?;
        // Every process locks hosts in this order, so two processes cannot deadlock.
        let mut hosts: BTreeSet<&str> = self.leased.iter().map(String::as_str).collect();
        hosts.extend([host, feed_host]);
        for one in hosts {
            if one != host || !is_new {
                tx.extend_host_lease(one, node, until).await?;
            } else if !tx.lease_host(one, node, now, until).await? {
                return Ok(false);
            }
        }
        tx.commit().await?;
        if is_new {
            self.leased.insert(host.to_owned());
        }
        Ok(true)
    }

    /// Releases the leased hosts. A lease that is not released expires by itself.
    async fn release(&self) -> Result<(), StoreError> {
        if self.leased.is_empty() {
            return Ok(());
        }
        let (now, pause) = (self.app.clock.now(), self.app.config.feeds.host_pause);
        let mut tx = self.app.store.write().await?;
        for host in &self.leased {
            let pause = self.throttles.get(host).map_or(pause, |throttle| pause.max(*throttle));
            tx.release_feed_host(host, self.app.node, now + time_delta(pause))
                .await?;
        }
        tx.commit().await
    }

    /// Fetches the page of an article after a pause, and finds its text.
    async fn read(&mut self, article: &Article, url: &Url, host: &str) -> Result<PageText, Failure> {
        tokio::time::sleep(self.app.config.feeds.host_pause).await;
        let PageFeed { url: feed, own, .. } = self.feed;
        let download = match self.app.fetcher.get_page(own, feed, url).await {
            Ok(Fetched::Document(download)) => download,
            Ok(Fetched::Gone) => return Err(Failure::of_page("the server says that it is gone for good (410)")),
            Ok(Fetched::NotModified) => return Err(Failure::of_page("the server sent no document")),
            Err(error) => {
                if let Some(throttle) = server_throttle(&error) {
                    self.throttles.insert(host.to_owned(), throttle);
                }
                return Err(Failure::of_fetch(&error));
            }
        };
        if let Some(reason) = download.incomplete {
            let is_temporary = true;
            return Err(Failure { reason, is_temporary });
        }
        let article = article.clone();
        // A panic of the parser concerns this page only.
        let text = tokio::task::spawn_blocking(move || PageText::of(&download, &article)).await;
        text.unwrap_or_else(|_| Err(Failure::of_page("the parser failed on it")))
    }

    async fn store(&mut self, article: &Article, text: &PageText) -> Result<(), StoreError> {
        let mut tx = self.app.store.write().await?;
        tx.lock_scope(&article.scope).await?;
        // An issue that is being compiled may have the former text. These locks make it outdated.
        for newsletter in tx.newsletters_of_article(article.id).await? {
            tx.lock_and_count_change(newsletter).await?;
        }
        let is_stored = tx
            .store_page_text(article.id, &text.html, &text.summary, text.language)
            .await?;
        tx.commit().await?;
        self.used += usize::from(is_stored);
        Ok(())
    }

    async fn record_failure(&mut self, article: &Article, failure: Failure) -> Result<(), StoreError> {
        let Failure { reason, is_temporary } = failure;
        let mut tx = self.app.store.write().await?;
        tx.record_page_failure(article.id, !is_temporary).await?;
        tx.commit().await?;
        let url = without_secrets(self.feed.url.as_str());
        tracing::warn!(feed.id = %self.feed.id, feed.url = url, article.id = article.public_id, reason, "article page not used");
        self.failed += 1;
        self.last_failure = Some(format!("{}: {reason}", article.public_id));
        Ok(())
    }
}
