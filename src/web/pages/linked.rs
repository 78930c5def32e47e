//! What several pages link: topics, articles, issues and publishers.

use super::site::Stamp;
use crate::digest::site_topics::topic_path;

/// A topic and the path of its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicLink {
    pub name: String,
    pub href: String,
}

/// The issue that was sent last, on the front page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestIssue {
    /// The name of the newsletter.
    pub newsletter: String,
    pub number: i64,
    /// The path of its page.
    pub href: String,
    /// When sending of the issue began.
    pub time: Stamp,
    /// The first headlines of the issue.
    pub headlines: Vec<Headline>,
}

/// A headline and the path of the article's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    pub text: String,
    pub href: String,
    /// The tag of its language; empty if unknown.
    pub language: String,
}

/// The publisher of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    /// The address of the report. If it is neither `http` nor `https`, the name is shown without a link.
    pub url: String,
}

impl TopicLink {
    pub(in crate::web) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            href: topic_path(name),
        }
    }
}

impl Source {
    /// Whether the page may link the address.
    pub(in crate::web) fn has_web_address(&self) -> bool {
        url::Url::parse(&self.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    }
}
