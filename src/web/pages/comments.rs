//! Comments: the box on an article's page, and the pages of those who write them.

use askama::Template;

use super::problems::FieldProblems;
use super::site::{Site, Stamp};
use crate::config::CommentService;
use crate::domain::comment::{CommentState, MAX_NAME_CHARS};

/// What an article's page shows of its comments.
#[derive(Debug, Clone)]
pub enum CommentsBox {
    /// There are none (`comments.provider = "none"`). One voice says so, the other shows nothing.
    Unavailable,
    /// Another server has them.
    Elsewhere(Box<CommentsElsewhere>),
    /// The program itself has them.
    Here {
        /// Those that were approved, oldest first.
        comments: Vec<ShownComment>,
    },
}

/// Comments that another server keeps. Its script is only on the page if the reader asked for the comments.
#[derive(Debug, Clone)]
pub struct CommentsElsewhere {
    pub service: CommentService,
    /// Whether the reader asked for the comments.
    pub is_shown: bool,
    /// The address of the article that stays the same when its headline changes.
    pub permanent_url: String,
    /// The path of `permanent_url`.
    pub permanent_path: String,
}

impl CommentsBox {
    pub(super) const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable)
    }
}

impl CommentsElsewhere {
    /// The tag of a language as the service writes it.
    pub(super) fn locale(&self, tag: &str) -> String {
        match (&self.service, tag) {
            (CommentService::Giscus { .. }, "zh-Hans") => "zh-CN".to_owned(),
            (CommentService::Remark42 { .. }, "zh-Hans") => "zh".to_owned(),
            (CommentService::Isso { .. }, "zh-Hans") => "zh_CN".to_owned(),
            (_, tag) => tag.to_owned(),
        }
    }
}

/// An approved comment as readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownComment {
    pub id: String,
    pub name: String,
    pub time: Stamp,
    /// Plain text, which may have several lines.
    pub paragraphs: Vec<String>,
}

/// A comment as its author sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnComment {
    pub id: String,
    pub state: CommentState,
    pub time: Stamp,
    /// Plain text, which may have several lines.
    pub paragraphs: Vec<String>,
}

/// The page behind a mailed link, where a reader comments.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/comment.html")]
pub struct CommentPage {
    pub site: Site,
    /// The path to which the forms of this page are posted.
    pub action: String,
    /// The path of the article.
    pub article: String,
    pub headline: String,
    /// The reader's comments on this article, oldest first.
    pub own: Vec<OwnComment>,
    /// The name as typed, or that of the subscriber.
    pub name: String,
    /// The text as typed.
    pub body: String,
    pub problems: FieldProblems,
    /// The most characters of a comment.
    pub max_length: usize,
}

/// The page of a mailed link that lets nobody comment.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/comment_refused.html")]
pub struct CommentRefusedPage {
    pub site: Site,
    pub status: u16,
    pub title: String,
    pub happened: String,
    pub next: String,
    /// The path of the article.
    pub article: String,
    pub headline: String,
    /// The comment that the reader typed; empty if there is none. It is shown because it is stored nowhere.
    pub body: String,
}

/// The page after a link was asked for. It is the same for every address.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/comment_link_sent.html")]
pub struct CommentLinkSentPage {
    pub site: Site,
    /// The path of the article.
    pub article: String,
}

/// The page after a comment was reported.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/comment_reported.html")]
pub struct CommentReportedPage {
    pub site: Site,
    /// The path of the article.
    pub article: String,
}

impl CommentPage {
    const fn max_name() -> usize {
        MAX_NAME_CHARS
    }
}
