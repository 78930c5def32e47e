//! The lists of stories on the site: the front page, its later pages, and the pages of topics.
//!
//! Grouping articles into stories takes time, so the lists are kept in memory until the site's revision in the database changes.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, RwLock};

use super::page_reads::{PageReads, PageState};
use super::pages::{FrontLayout, Headline, LEDE_CHARS, LatestArticle, LatestIssue, Source, Stamp, TopicLink};
use crate::app::{App, on_blocking_pool};
use crate::digest::archive::read;
use crate::digest::front::{FrontStory, ListQuery, Newest, newest, stories};
use crate::digest::site_topics::SiteTopics;
use crate::digest::{CompileError, archived_issue_path, page_path, source_name};
use crate::domain::public_id::PublicId;
use crate::domain::time_zone::TimeZone;
use crate::schedule::next_issue;
use crate::store::Tx;
use crate::store::articles::ArticleHead;
use crate::store::newsletters::Newsletter;
use crate::store::spent_tokens::SpentKey;
use crate::text::excerpt::excerpt;

/// The number of stories on one page of a list.
pub(super) const PAGE_SIZE: usize = 24;
/// The most other reports that are named with a story.
const MAX_ALSO: usize = 4;
/// The most topics in the navigation, if no newsletter has topics of its own.
const MAX_COMMON_TOPICS: usize = 8;
/// A category is in the navigation only if at least this many of the newest articles have it.
const MIN_COMMON: usize = 2;
/// The most lists that are kept besides the front page.
const MAX_KEPT: usize = 64;
/// The headlines of the latest issue that the front page shows.
const MAX_HEADLINES: usize = 3;

/// What the pages of the site show at one revision.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The site's revision in the database when this was made.
    pub(super) revision: i64,
    /// The newsletters that the site shows, oldest first.
    pub(super) newsletters: Vec<Newsletter>,
    pub(super) topics: Arc<SiteTopics>,
    /// The topics in the navigation.
    pub(super) topic_links: Arc<Vec<TopicLink>>,
    pub(super) latest_issue: Option<LatestIssue>,
    /// The list of the front page.
    pub(super) front: Arc<StoryList>,
    /// The zone of the first newsletter, in which pages of no newsletter show times.
    pub(super) zone: TimeZone,
    pub(super) layout: Arc<FrontLayout>,
}

impl Content {
    /// When the next issue of the first newsletter is due.
    pub(super) fn next_issue(&self, now: DateTime<Utc>) -> Option<Stamp> {
        let newsletter = self.newsletters.first()?;
        Some(Stamp::in_zone(next_issue(newsletter, now)?, newsletter.timezone))
    }
}

/// A list of stories, or the part of one that follows an article.
#[derive(Debug, Default)]
pub(super) struct StoryList {
    /// The heading, if it is the list of a topic.
    pub(super) topic: Option<TopicLink>,
    /// The newest articles, the latest first.
    pub(super) articles: Vec<ArticleHead>,
    /// The same articles grouped into stories, as the pages show them.
    pub(super) stories: Vec<LatestArticle>,
    /// The index of the story that an article belongs to, by public id.
    pub(super) story_of: HashMap<String, usize>,
    /// The public id of the article that the next part follows; `None` if this is the last part.
    pub(super) next_after: Option<String>,
}

/// Names a list, and where its part begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct ListKey {
    /// The slug of a topic; `None` for all articles.
    pub(super) topic: Option<String>,
    /// The public id of the article that the part follows; `None` for the first part.
    pub(super) after: Option<String>,
}

/// Keeps the lists of the latest revision.
#[derive(Debug, Default)]
pub(super) struct StoryLists {
    reads: PageReads,
    content: RwLock<Option<Arc<Content>>>,
    /// The revision, and the lists of it besides the front page.
    others: Mutex<(i64, HashMap<ListKey, Arc<StoryList>>)>,
}

impl StoryLists {
    /// The current content. One small query, which concurrent requests share, checks whether the kept one is current. If several requests
    /// find it outdated, one makes it again and the others wait.
    pub(super) async fn current(&self, app: &Arc<App>) -> Result<Arc<Content>, CompileError> {
        Ok(self.current_with_form(app, None).await?.0)
    }

    /// The current content, and whether the form with this key was used.
    pub(super) async fn current_with_form(
        &self,
        app: &Arc<App>,
        form: Option<SpentKey>,
    ) -> Result<(Arc<Content>, bool), CompileError> {
        let PageState { revision, form_is_used } = self.reads.read(app, form).await?;
        Ok((self.at_revision(app, revision).await?, form_is_used))
    }

    /// The content at `revision`, or at a later one if it has to be made.
    async fn at_revision(&self, app: &Arc<App>, revision: i64) -> Result<Arc<Content>, CompileError> {
        let is_current = |content: &&Arc<Content>| content.revision == revision;
        if let Some(content) = self.content.read().await.as_ref().filter(is_current) {
            return Ok(Arc::clone(content));
        }
        let mut kept = self.content.write().await;
        // Another request may have made it while this one waited for the lock.
        if let Some(content) = kept.as_ref().filter(is_current) {
            return Ok(Arc::clone(content));
        }
        let content = Arc::new(make_content(app).await?);
        *kept = Some(Arc::clone(&content));
        Ok(content)
    }

    /// The current content, or none if it cannot be read: for pages to which it only adds.
    pub(super) async fn current_or_empty(&self, app: &Arc<App>) -> Arc<Content> {
        match self.current(app).await {
            Ok(content) => content,
            Err(error) => {
                tracing::error!(%error, "the lists of stories could not be read");
                Arc::default()
            }
        }
    }

    /// A part of a list; `None` if there is no such topic or article.
    pub(super) async fn list(&self, app: &Arc<App>, key: &ListKey) -> Result<Option<Arc<StoryList>>, CompileError> {
        let content = self.current(app).await?;
        if *key == ListKey::default() {
            return Ok(Some(Arc::clone(&content.front)));
        }
        let kept = {
            let others = self.others.lock().await;
            let is_current = others.0 == content.revision;
            others.1.get(key).filter(|_| is_current).cloned()
        };
        if kept.is_some() {
            return Ok(kept);
        }
        let Some(list) = make_list(app, &content, key).await? else {
            return Ok(None);
        };
        let list = Arc::new(list);
        let mut others = self.others.lock().await;
        if others.0 != content.revision || others.1.len() >= MAX_KEPT {
            *others = (content.revision, HashMap::new());
        }
        others.1.insert(key.clone(), Arc::clone(&list));
        Ok(Some(list))
    }
}

async fn make_content(app: &Arc<App>) -> Result<Content, CompileError> {
    let mut tx = app.store.read_snapshot().await?;
    // Read again in the snapshot: the revision must be the one that the articles belong to.
    let revision = tx.site_revision().await?;
    let newsletters = tx.public_newsletters().await?;
    let topics = Arc::new(SiteTopics::of(&newsletters)?);
    let newest = newest(&mut tx, app, &newsletters, &ListQuery::default()).await?;
    let latest_issue = latest_issue(&mut tx, app, &newsletters).await?;
    let zone = newsletters
        .first()
        .map(|newsletter| newsletter.timezone)
        .unwrap_or_default();
    drop(tx);
    let shared = Arc::clone(app);
    let made = on_blocking_pool(move || {
        let list = group(&shared, &topics, zone, None, newest);
        let layout = FrontLayout::new(list.stories.iter().take(PAGE_SIZE).cloned().collect());
        (topics, list, layout)
    });
    let (topics, front, layout) = made.await;
    Ok(Content {
        revision,
        topic_links: Arc::new(topic_links(&topics, &front)),
        newsletters,
        topics,
        zone,
        latest_issue,
        front: Arc::new(front),
        layout: Arc::new(layout),
    })
}

async fn make_list(app: &Arc<App>, content: &Content, key: &ListKey) -> Result<Option<StoryList>, CompileError> {
    let mut query = ListQuery::default();
    let mut topic = None;
    let mut tx = app.store.read_snapshot().await?;
    if let Some(slug) = &key.topic {
        let Some(page) = content.topics.page(&mut tx, slug).await? else {
            return Ok(None);
        };
        topic = Some(TopicLink::new(&page.name));
        query.topic = Some(page);
    }
    if let Some(after) = &key.after {
        let Ok(id) = PublicId::parse(after) else {
            return Ok(None);
        };
        let Some(article) = tx.article_by_public_id(id.as_str()).await? else {
            return Ok(None);
        };
        query.after = Some((article.listed_at(), article.id));
    }
    let newest = newest(&mut tx, app, &content.newsletters, &query).await?;
    drop(tx);
    let (shared, topics, zone) = (Arc::clone(app), Arc::clone(&content.topics), content.zone);
    let made = on_blocking_pool(move || group(&shared, &topics, zone, topic, newest));
    Ok(Some(made.await))
}

fn group(app: &App, topics: &SiteTopics, zone: TimeZone, topic: Option<TopicLink>, newest: Newest) -> StoryList {
    let stories = stories(&newest);
    let reports = stories.iter().enumerate().flat_map(|(index, story)| {
        let reports = std::iter::once(&story.lead).chain(&story.other_reports);
        reports.map(move |report| (report.public_id.clone(), index))
    });
    StoryList {
        topic,
        story_of: reports.collect(),
        stories: stories.iter().map(|story| latest(app, topics, zone, story)).collect(),
        next_after: newest
            .articles
            .last()
            .filter(|_| newest.has_more)
            .map(|last| last.public_id.clone()),
        articles: newest.articles,
    }
}

/// The topics in the navigation: the newsletters' own, else the most frequent categories of the newest articles.
fn topic_links(topics: &SiteTopics, front: &StoryList) -> Vec<TopicLink> {
    let own = topics.own();
    if !own.is_empty() {
        return own.iter().map(|name| TopicLink::new(name)).collect();
    }
    let mut counts: Vec<(&TopicLink, usize)> = Vec::new();
    for topic in front.stories.iter().filter_map(|story| story.topic.as_ref()) {
        match counts.iter_mut().find(|(known, _)| known.href == topic.href) {
            Some((_, count)) => *count += 1,
            None => counts.push((topic, 1)),
        }
    }
    counts.retain(|(_, count)| *count >= MIN_COMMON);
    // The sort is stable: of equally frequent topics, the one of the newest story comes first.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(MAX_COMMON_TOPICS);
    counts.into_iter().map(|(topic, _)| topic.clone()).collect()
}

fn latest(app: &App, topics: &SiteTopics, zone: TimeZone, story: &FrontStory) -> LatestArticle {
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
    let category = lead.category.as_deref().filter(|category| !category.is_empty());
    LatestArticle {
        public_id: lead.public_id.clone(),
        topic: category
            .and_then(|category| topics.topic_of(category))
            .map(TopicLink::new),
        language: lead.language.clone().unwrap_or_default(),
        headline: lead.title.clone(),
        href: page_path(&lead.public_id, &lead.title),
        lede: if lede == lead.title { String::new() } else { lede },
        time: Stamp::in_zone(lead.listed_at(), zone),
        source: Some(source).filter(|name| !name.is_empty()),
        also,
        more,
    }
}

/// The issue of a public newsletter whose sending began last, with its first headlines.
async fn latest_issue(tx: &mut Tx, app: &App, newsletters: &[Newsletter]) -> Result<Option<LatestIssue>, CompileError> {
    let Some(issue) = tx.past_issues(None, None, 1).await?.pop() else {
        return Ok(None);
    };
    let Some(archived) = read(tx, issue.id, &app.words(app.config.site.language)).await? else {
        return Ok(None);
    };
    let stories = archived.stories.into_iter().filter(|story| !story.retracted);
    let headlines = stories.take(MAX_HEADLINES).map(|story| Headline {
        href: page_path(&story.public_id, &story.title),
        language: story.language.unwrap_or_default(),
        text: story.title,
    });
    let newsletter = newsletters
        .iter()
        .find(|newsletter| newsletter.slug == issue.newsletter_slug);
    Ok(Some(LatestIssue {
        href: archived_issue_path(&issue.newsletter_slug, issue.number),
        newsletter: issue.newsletter_name,
        number: issue.number,
        time: Stamp::in_zone(
            issue.started_at,
            newsletter.map(|newsletter| newsletter.timezone).unwrap_or_default(),
        ),
        headlines: headlines.collect(),
    }))
}
