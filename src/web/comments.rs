//! The comments on an article's page: who keeps them, and what the script of another service may load.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;

use super::error::WebError;
use super::headers::{PageSources, policy};
use super::pages::{CommentsBox, CommentsElsewhere, ShownComment, Stamp};
use super::state::Web;
use crate::config::{CommentProvider, CommentService};
use crate::domain::time_zone::TimeZone;
use crate::store::articles::Article;

/// The most comments that a page shows.
pub(super) const MAX_SHOWN: i64 = 200;

/// The query of an article's page: `?comments=show` loads the comments from the server that keeps them.
#[derive(Debug, Deserialize)]
pub(super) struct CommentsQuery {
    #[serde(default)]
    comments: String,
}

impl CommentsQuery {
    fn are_wanted(&self) -> bool {
        self.comments == "show"
    }
}

/// What the page of an article shows of its comments. Their times are in `zone`, like that of the article.
pub(super) async fn comments_box(
    web: &Web,
    article: &Article,
    zone: TimeZone,
    query: &CommentsQuery,
) -> Result<CommentsBox, WebError> {
    let config = &web.app.config.comments;
    if let Some(service) = &config.service {
        let permanent_path = format!("/articles/{}", article.public_id);
        return Ok(CommentsBox::Elsewhere(Box::new(CommentsElsewhere {
            service: service.clone(),
            is_shown: query.are_wanted(),
            permanent_url: web.app.link(&permanent_path),
            permanent_path,
        })));
    }
    if config.provider == CommentProvider::None {
        return Ok(CommentsBox::Unavailable);
    }
    let comments = web
        .app
        .store
        .read()
        .await?
        .approved_comments(article.id, MAX_SHOWN)
        .await?;
    let shown = comments.into_iter().map(|comment| ShownComment {
        id: comment.id.to_string(),
        name: comment.name,
        time: Stamp::in_zone(comment.created_at, zone),
        paragraphs: paragraphs(&comment.body),
    });
    Ok(CommentsBox::Here {
        comments: shown.collect(),
    })
}

pub(super) fn paragraphs(body: &str) -> Vec<String> {
    body.split("\n\n").map(ToOwned::to_owned).collect()
}

/// Lets the page load what the comments need from the server that keeps them, and nothing else.
pub(super) fn allow_comments(web: &Web, shown: &CommentsBox, response: &mut Response) {
    let CommentsBox::Elsewhere(elsewhere) = shown else {
        return;
    };
    let CommentsElsewhere { service, is_shown, .. } = elsewhere.as_ref();
    if !is_shown {
        return;
    }
    let server = service.server().origin();
    let origin = || vec![server.clone()];
    let sources = match service {
        // An iframe, sized by a style sheet.
        CommentService::Giscus { .. } => PageSources {
            scripts: origin(),
            styles: origin(),
            frames: origin(),
            ..PageSources::default()
        },
        // An iframe. Our own script has its settings.
        CommentService::Remark42 { .. } => PageSources {
            scripts: vec!["'self'".to_owned(), server.clone()],
            frames: origin(),
            ..PageSources::default()
        },
        // No iframe: the script fetches the comments and writes them into our page.
        CommentService::Isso { .. } => PageSources {
            scripts: origin(),
            styles: origin(),
            connections: origin(),
            ..PageSources::default()
        },
    };
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy(&web.app.config, &sources)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // The login of Remark42 is a window that reports to the page.
    if let CommentService::Remark42 { .. } = service {
        let allowed = HeaderValue::from_static("same-origin-allow-popups");
        headers.insert("cross-origin-opener-policy", allowed);
    }
}
