//! A page of the operator's own.

use askama::Template;

use super::site::Site;
use crate::text::html::SanitizedHtml;
use crate::text::language::is_rtl;

/// The page of GET `/pages/{name}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/own_page.html")]
pub struct OwnPage {
    pub site: Site,
    /// The absolute address of the page.
    pub canonical: String,
    /// The tag of its language; empty for the language of the site.
    pub language: String,
    pub title: String,
    pub html: SanitizedHtml,
}
