//! The front page and the other lists of stories.

use std::sync::Arc;

use askama::Template;

use super::linked::{LatestIssue, Source, TopicLink};
use super::signup::SignupForm;
use super::site::{Site, Stamp};
use crate::text::language::direction_within;

/// The stories after the first that have a lede and a place of their own.
const SECONDS: usize = 2;
/// A topic has a section on the front page if it has at least this many stories there.
const MIN_OF_SECTION: usize = 2;
/// The most stories of a section. Others of the topic are among the remaining stories.
const MAX_OF_SECTION: usize = 5;

/// The page of GET `/`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/front.html")]
pub struct FrontPage {
    pub site: Site,
    /// The topics in the navigation.
    pub topics: Arc<Vec<TopicLink>>,
    pub layout: Arc<FrontLayout>,
    pub latest_issue: Option<LatestIssue>,
    /// When the next issue of the first newsletter is due.
    pub next_issue: Option<Stamp>,
    /// The absolute address of the page.
    pub canonical: String,
    /// The path of the next page.
    pub next: Option<String>,
    /// The form of the sign-up box.
    pub form: SignupForm,
}

/// A later page of the front page, or a page of a topic.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/stories.html")]
pub struct StoriesPage {
    pub site: Site,
    /// The topics in the navigation.
    pub topics: Arc<Vec<TopicLink>>,
    /// The topic; `None` for the stories of all topics.
    pub topic: Option<TopicLink>,
    /// The absolute address of the page.
    pub canonical: String,
    pub stories: Vec<LatestArticle>,
    /// The path of the next page.
    pub next: Option<String>,
    /// Whether this is the first page of the list.
    pub is_first: bool,
    /// The form of the sign-up box.
    pub form: SignupForm,
}

/// The stories of the front page by their weight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrontLayout {
    /// The newest story, with the largest headline.
    pub lead: Option<LatestArticle>,
    /// The stories after it.
    pub seconds: Vec<LatestArticle>,
    /// The topics with several stories.
    pub sections: Vec<Section>,
    /// The stories that belong to no section.
    pub others: Vec<LatestArticle>,
}

/// The stories of one topic on the front page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub topic: TopicLink,
    pub stories: Vec<LatestArticle>,
}

/// A story in the list, with the headline and lede of its leading report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestArticle {
    /// The public id, such as `TX_080089`.
    pub public_id: String,
    pub topic: Option<TopicLink>,
    /// The tag of the language of headline and lede; empty if unknown.
    pub language: String,
    pub headline: String,
    /// The path of the article's page.
    pub href: String,
    /// Plain text; may be empty.
    pub lede: String,
    /// When it was published, or arrived.
    pub time: Stamp,
    /// The name of the leading report's publisher.
    pub source: Option<String>,
    /// The publishers of other reports of the event.
    pub also: Vec<Source>,
    /// How many further publishers report it.
    pub more: usize,
}

impl FrontLayout {
    /// Arranges stories that are sorted by time.
    #[must_use]
    pub fn new(stories: Vec<LatestArticle>) -> Self {
        let mut stories = stories.into_iter();
        let mut layout = Self {
            lead: stories.next(),
            seconds: stories.by_ref().take(SECONDS).collect(),
            ..Self::default()
        };
        let mut sections: Vec<Section> = Vec::new();
        for story in stories {
            let Some(topic) = story.topic.clone() else {
                layout.others.push(story);
                continue;
            };
            match sections.iter_mut().find(|section| section.topic.href == topic.href) {
                Some(section) if section.stories.len() < MAX_OF_SECTION => section.stories.push(story),
                Some(_) => layout.others.push(story),
                None => sections.push(Section {
                    topic,
                    stories: vec![story],
                }),
            }
        }
        for section in sections {
            if section.stories.len() < MIN_OF_SECTION {
                layout.others.extend(section.stories);
            } else {
                layout.sections.push(section);
            }
        }
        layout
            .others
            .sort_by_key(|story| std::cmp::Reverse(story.time.instant()));
        layout
    }
}
