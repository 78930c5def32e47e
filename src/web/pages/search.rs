//! The search page.

use askama::Template;

use super::site::{Site, Stamp};
use crate::text::language::direction_within;
use crate::text::search::TextPart;

/// The page of GET `/search`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/search.html")]
pub struct SearchPage {
    pub site: Site,
    /// The query as typed.
    pub typed: String,
    /// Whether the query has a word.
    pub is_asked: bool,
    /// The number of results on all pages.
    pub total: usize,
    /// Whether there may be more results than `total`.
    pub is_cut: bool,
    /// The results of this page, the best first.
    pub results: Vec<SearchResult>,
    /// The path of the previous page.
    pub previous: Option<String>,
    /// The path of the next page.
    pub next: Option<String>,
}

/// An article or a past issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchResult {
    /// The topic of an article, or the number of an issue; may be empty.
    pub label: String,
    /// The tag of the language of headline and snippet; empty if unknown.
    pub language: String,
    /// The path of its page.
    pub href: String,
    pub headline: Vec<TextPart>,
    /// A part of the article's summary; may be empty.
    pub snippet: Vec<TextPart>,
    /// The name of the publisher; may be empty.
    pub source: String,
    pub time: Stamp,
}
