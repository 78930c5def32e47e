//! The stories of the front page and the articles of the site's feed, kept in memory.
//!
//! Grouping articles into stories takes time, so the result is kept until the site's revision in the database changes.

use std::sync::Arc;

use super::pages::{LEDE_CHARS, LatestArticle, Source, Stamp};
use crate::app::{App, on_blocking_pool};
use crate::digest::front::{FrontStory, Newest, newest, stories};
use crate::digest::{CompileError, page_path, source_name};
use crate::store::articles::ArticleHead;
use crate::text::excerpt::excerpt;

/// The number of stories on the front page, and of articles in the site's feed.
const MAX_STORIES: usize = 30;
/// The most other reports that are named with a story.
const MAX_ALSO: usize = 4;

/// What the front page and the site's feed list.
#[derive(Debug)]
pub(super) struct Front {
    /// The site's revision in the database when this was made.
    revision: i64,
    /// The newest articles, the latest first.
    pub(super) articles: Vec<ArticleHead>,
    /// The newest articles grouped into stories, as the page shows them.
    pub(super) stories: Arc<Vec<LatestArticle>>,
}

/// Keeps the latest [`Front`].
#[derive(Debug, Default)]
pub(super) struct FrontCache(tokio::sync::RwLock<Option<Arc<Front>>>);

impl FrontCache {
    /// The current front page. One small query checks whether the cached one is current. If several requests find it outdated,
    /// one makes it again and the others wait.
    pub(super) async fn current(&self, app: &Arc<App>) -> Result<Arc<Front>, CompileError> {
        let revision = app.store.read().await?.site_revision().await?;
        let is_current = |front: &&Arc<Front>| front.revision == revision;
        if let Some(front) = self.0.read().await.as_ref().filter(is_current) {
            return Ok(Arc::clone(front));
        }
        let mut cached = self.0.write().await;
        // Another request may have made it while this one waited for the lock.
        if let Some(front) = cached.as_ref().filter(is_current) {
            return Ok(Arc::clone(front));
        }
        let mut tx = app.store.read_snapshot().await?;
        // Read again in the snapshot: the revision must be the one that the articles belong to.
        let revision = tx.site_revision().await?;
        let newsletters = tx.public_newsletters().await?;
        let newest = newest(&mut tx, app, &newsletters).await?;
        drop(tx);
        let shared = Arc::clone(app);
        let front = Arc::new(on_blocking_pool(move || make(&shared, revision, newest)).await);
        *cached = Some(Arc::clone(&front));
        Ok(front)
    }
}

fn make(app: &App, revision: i64, newest: Newest) -> Front {
    let stories = stories(&newest);
    let stories = stories.iter().take(MAX_STORIES).map(|story| latest(app, story));
    let stories = Arc::new(stories.collect());
    let mut articles = newest.articles;
    articles.truncate(MAX_STORIES);
    Front {
        revision,
        articles,
        stories,
    }
}

fn latest(app: &App, story: &FrontStory) -> LatestArticle {
    let lead = &story.lead;
    let source = source_name(app, lead);
    let mut named = vec![source.clone()];
    let mut also = Vec::new();
    for report in &story.other_reports {
        let name = source_name(app, report);
        if !name.is_empty() && !named.contains(&name) {
            named.push(name.clone());
            let url = report
                .url
                .clone()
                .unwrap_or_else(|| app.link(&page_path(&report.public_id, &report.title)));
            also.push(Source { name, url });
        }
    }
    let more = also.len().saturating_sub(MAX_ALSO);
    also.truncate(MAX_ALSO);
    let lede = excerpt(&lead.summary, LEDE_CHARS);
    LatestArticle {
        public_id: lead.public_id.clone(),
        category: lead.category.clone(),
        language: lead.language.clone().unwrap_or_default(),
        headline: lead.title.clone(),
        href: page_path(&lead.public_id, &lead.title),
        lede: if lede == lead.title { String::new() } else { lede },
        time: Stamp::utc(lead.listed_at()),
        source: Some(source).filter(|name| !name.is_empty()),
        also,
        more,
    }
}
