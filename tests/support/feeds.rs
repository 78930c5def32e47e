//! Feeds: added to a newsletter, fetched when due, and the articles that wait for an issue afterwards.

use chrono::TimeDelta;
use daywire::domain::ids::FeedId;
use daywire::ingest::adding_feeds::add_feed;
use daywire::ingest::feed_url::parse_feed_url;
use daywire::ingest::poll::fetch_due;
use daywire::store::articles::ArticleHead;
use daywire::store::feeds::Feed;
use daywire::store::newsletters::Newsletter;

use super::TestApp;

impl TestApp {
    /// Adds a feed to a newsletter.
    pub async fn add_feed(&self, newsletter: &Newsletter, url: &str) -> FeedId {
        let url = parse_feed_url(url, self.app.fetcher.guard()).expect("the address is allowed");
        let mut tx = self.app.store.write().await.expect("the database answers");
        let (feed, _) = add_feed(&mut tx, &self.app, newsletter.id, &url, "")
            .await
            .expect("the feed is added");
        tx.commit().await.expect("the transaction commits");
        feed.id
    }

    /// Fetches the feeds that are due. Returns their number.
    pub async fn fetch(&self) -> usize {
        fetch_due(&self.app).await.expect("the database answers")
    }

    /// Advances the clock until a feed is due, and fetches it.
    pub async fn fetch_when_due(&self, feed: FeedId) -> Feed {
        let due = self.feed(feed).await.next_fetch_at;
        self.advance((due - self.now()).max(TimeDelta::seconds(2)));
        assert_eq!(self.fetch().await, 1, "only this feed was due");
        self.feed(feed).await
    }

    pub async fn feed(&self, id: FeedId) -> Feed {
        let mut tx = self.app.store.read().await.expect("the database answers");
        tx.feed(id).await.expect("the feed is read").expect("the feed exists")
    }

    /// The articles that wait for the newsletter's next issue.
    pub async fn waiting(&self, newsletter: &Newsletter) -> Vec<ArticleHead> {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let soon = self.now() + TimeDelta::seconds(1);
        tx.waiting_articles(newsletter.id, soon, i64::MAX, 0)
            .await
            .expect("the articles are listed")
    }

    /// The titles of the waiting articles, sorted.
    pub async fn waiting_titles(&self, newsletter: &Newsletter) -> Vec<String> {
        let mut titles: Vec<_> = self.waiting(newsletter).await.into_iter().map(|a| a.title).collect();
        titles.sort();
        titles
    }
}
