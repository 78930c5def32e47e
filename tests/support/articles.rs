//! Articles that a test stores as if a feed or another program had brought them.

use chrono::TimeDelta;
use daywire::domain::scope::Scope;
use daywire::feeds::parse::Entry;
use daywire::ingest::{Origin, Tally, store_entries};
use daywire::store::article_lists::ArticleFilter;
use daywire::store::articles::Article;
use daywire::store::newsletters::Newsletter;
use daywire::text::html::sanitise;

use super::TestApp;

/// Articles of this source, for these newsletters. No feed brings them, and the site shows only an excerpt of each.
pub fn origin(source: &str, newsletters: &[&Newsletter]) -> Origin {
    Origin {
        scope: Scope::file(source),
        source_name: source.to_owned(),
        newsletters: newsletters.iter().map(|newsletter| newsletter.id).collect(),
        full_text: false,
    }
}

/// An entry whose guid, address and text differ from those with another mark.
pub fn entry(mark: &str) -> Entry {
    Entry {
        id: Some(format!("guid-{mark}")),
        title: format!("Transmission {mark}"),
        own_title: format!("Transmission {mark}"),
        url: Some(format!("https://wire.example/{mark}")),
        own_link: None,
        published: None,
        summary: format!("What happened in {mark}."),
        content_html: sanitise(&format!("<p>What happened in {mark}.</p>")),
        authors: vec!["Ada".into()],
        category: Some("Test".into()),
        language: None,
        image: None,
    }
}

impl TestApp {
    /// Stores entries at the current time.
    pub async fn store(&self, origin: &Origin, entries: &[Entry]) -> Tally {
        let stored = store_entries(&self.app, origin, entries).await;
        stored.expect("the articles are stored")
    }

    /// Stores entries of this source, then advances the clock by a second so that the next issue contains them.
    pub async fn arrive(&self, newsletter: &Newsletter, source: &str, entries: &[Entry]) {
        self.store(&origin(source, &[newsletter]), entries).await;
        self.advance(TimeDelta::seconds(1));
    }

    /// Stores `count` new articles, then advances the clock by a second so that the next issue contains them.
    pub async fn articles(&self, newsletter: &Newsletter, count: usize) {
        let entries: Vec<Entry> = (0..count)
            .map(|n| entry(&format!("{}-{n}", self.now().timestamp())))
            .collect();
        let origin = Origin {
            full_text: true,
            ..origin("Test Wire", &[newsletter])
        };
        self.store(&origin, &entries).await;
        self.advance(TimeDelta::seconds(1));
    }

    /// The article with this public id.
    pub async fn article(&self, public_id: &str) -> Article {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let article = tx.article_by_public_id(public_id).await;
        article.expect("the article is read").expect("the article exists")
    }

    /// The article with this headline.
    pub async fn article_titled(&self, title: &str) -> Article {
        let articles = self.all_articles().await.into_iter();
        let mut found = articles.filter(|article| article.title == title);
        found.next().expect("an article has this headline")
    }

    /// The article that arrived last.
    pub async fn newest_article(&self) -> Article {
        self.all_articles().await.swap_remove(0)
    }

    /// The only article in the database.
    pub async fn only_article(&self) -> Article {
        let mut articles = self.all_articles().await;
        assert_eq!(articles.len(), 1);
        articles.remove(0)
    }

    /// The articles that are not retracted, the latest arrival first; at most 100.
    async fn all_articles(&self) -> Vec<Article> {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let articles = tx.articles_after(None, None, ArticleFilter::All, 100).await;
        articles.expect("the articles are listed")
    }
}
