//! The comments on an article's page.

use crate::config::CommentService;

/// What an article's page shows of its comments.
#[derive(Debug, Clone)]
pub enum CommentsBox {
    /// There are none (`comments.provider = "none"`). One voice says so, the other shows nothing.
    Unavailable,
    /// Another server has them.
    Elsewhere(Box<CommentsElsewhere>),
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
