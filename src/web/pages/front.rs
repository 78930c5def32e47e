//! The front page: the latest stories.

use std::sync::Arc;

use askama::Template;

use super::article::Source;
use super::signup::SignupForm;
use super::site::{Site, Stamp};
use crate::text::language::direction_within;

/// The page of GET `/`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/front.html")]
pub struct FrontPage {
    pub site: Site,
    /// The latest stories, in the order shown.
    pub articles: Arc<Vec<LatestArticle>>,
    /// The form of the sign-up box.
    pub form: SignupForm,
}

/// A story in the list, with the headline and lede of its leading report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestArticle {
    /// The public id, such as `TX_080089`.
    pub public_id: String,
    pub category: Option<String>,
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
