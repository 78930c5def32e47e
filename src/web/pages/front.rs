//! The front page: the latest articles.

use std::sync::Arc;

use askama::Template;

use super::{SignupForm, Site, Source, Stamp};
use crate::text::language::is_rtl;

/// GET `/`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/front.html")]
pub struct FrontPage {
    /// The site.
    pub site: Site,
    /// The latest stories, in the order shown.
    pub articles: Arc<Vec<LatestArticle>>,
    /// The sign-up box.
    pub form: SignupForm,
}

/// One story in the list, with the headline and text of its leading report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestArticle {
    /// The id readers see, such as `TX_080089`.
    pub public_id: String,
    /// Its category tag.
    pub category: Option<String>,
    /// The tag of the language of headline and lede; empty: unknown.
    pub language: String,
    /// The headline, plain text.
    pub headline: String,
    /// The article's page, relative to the root.
    pub href: String,
    /// The first lines, plain text; may be empty.
    pub lede: String,
    /// When it was published, or arrived.
    pub time: Stamp,
    /// Who reported it.
    pub source: Option<String>,
    /// Other reports of the event, by their sources.
    pub also: Vec<Source>,
    /// How many further sources report it.
    pub more: usize,
}
