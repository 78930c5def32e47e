//! The page of one article.

use std::sync::Arc;

use askama::Template;

use super::comments::CommentsBox;
use super::linked::{Headline, Source, TopicLink};
use super::signup::SignupForm;
use super::site::{Site, Stamp};
use crate::config::CommentService;
use crate::text::html::SanitizedHtml;
use crate::text::language::direction_within;

/// The page of GET `/articles/{id}/{slug}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/article.html")]
pub struct ArticlePage {
    pub site: Site,
    /// The public id, such as `TX_080089`.
    pub public_id: String,
    pub topic: Option<TopicLink>,
    /// The topics in the navigation.
    pub topics: Arc<Vec<TopicLink>>,
    /// The tag of the article's language. Empty if unknown, as
    /// [`lang=""`](https://html.spec.whatwg.org/multipage/dom.html#attr-lang) says.
    pub language: String,
    /// The address for search engines: the publisher's page, or this page if the article is the newsroom's own.
    pub canonical: String,
    pub headline: String,
    /// `None` if the body begins with it.
    pub lede: Option<String>,
    /// The names of the authors, separated by commas.
    pub byline: Option<String>,
    /// When it was published, or arrived.
    pub time: Stamp,
    /// `None` if `digest.images` is off.
    pub picture: Option<Picture>,
    /// The corrections after an issue with the article was sent, the oldest first.
    pub corrections: Vec<CorrectionLine>,
    /// The article's text; empty if it has nothing beyond the lede.
    pub body_html: SanitizedHtml,
    /// Whether the page shows only an excerpt of another publisher's article, with a link to it.
    pub is_excerpt: bool,
    /// The most important source first.
    pub sources: Vec<Source>,
    pub comments: CommentsBox,
    /// The publishers of other reports of the event.
    pub also: Vec<Source>,
    /// Other articles of the topic.
    pub more: Vec<Headline>,
    /// The story before this one in the list of the front page, which is newer.
    pub newer: Option<Headline>,
    /// The story after this one in that list.
    pub earlier: Option<Headline>,
    pub share: ShareData,
    /// The form of the sign-up box.
    pub form: SignupForm,
}

/// What programs read of the page, and the link to share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareData {
    /// The absolute address of the page on this site.
    pub address: String,
    /// The beginning of the text; may be empty.
    pub description: String,
    /// The address of the picture, if `digest.images` is on.
    pub image: Option<String>,
    /// The time of publication in RFC 3339.
    pub published: String,
    /// JSON for search engines, safe inside of a `<script>`.
    pub structured: String,
    /// A `mailto` link with the headline and the address.
    pub mailto: String,
}

/// A picture on another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Always an `https` address.
    pub url: String,
    /// The text alternative; may be empty.
    pub alt: String,
    /// Width and height in pixels, if both are known.
    pub size: Option<(i64, i64)>,
}

/// A correction of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionLine {
    pub time: Stamp,
    /// The note of the editor.
    pub note: String,
}
