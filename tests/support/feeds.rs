//! Feeds as stories have them: added, read when due, and what came of it.

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
    /// Lets a newsletter read a feed.
    pub async fn add_feed(&self, newsletter: &Newsletter, url: &str) -> FeedId {
        let url = parse_feed_url(url, self.app.fetcher.guard()).expect("an address");
        let mut tx = self.app.store.write().await.expect("the database answers");
        let (feed, _) = add_feed(&mut tx, &self.app, newsletter.id, &url, "")
            .await
            .expect("it is added");
        tx.commit().await.expect("it is stored");
        feed.id
    }

    /// Reads what is due now. Returns how many feeds that were.
    pub async fn fetch(&self) -> usize {
        fetch_due(&self.app).await.expect("the database answers")
    }

    /// Moves the clock on to when a feed is due, and reads it.
    pub async fn fetch_when_due(&self, feed: FeedId) -> Feed {
        let due = self.feed(feed).await.next_fetch_at;
        self.advance((due - self.now()).max(TimeDelta::seconds(2)));
        assert_eq!(self.fetch().await, 1, "it was due");
        self.feed(feed).await
    }

    /// A feed as stored.
    pub async fn feed(&self, id: FeedId) -> Feed {
        let mut tx = self.app.store.read().await.expect("the database answers");
        tx.feed(id).await.expect("an answer").expect("a feed")
    }

    /// What waits for the next issue.
    pub async fn waiting(&self, newsletter: &Newsletter) -> Vec<ArticleHead> {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let soon = self.now() + TimeDelta::seconds(1);
        tx.waiting_articles(newsletter.id, soon, i64::MAX, 0)
            .await
            .expect("articles")
    }

    /// The titles of what waits, sorted.
    pub async fn waiting_titles(&self, newsletter: &Newsletter) -> Vec<String> {
        let mut titles: Vec<_> = self.waiting(newsletter).await.into_iter().map(|a| a.title).collect();
        titles.sort();
        titles
    }
}
