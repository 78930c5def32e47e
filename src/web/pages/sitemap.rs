//! The sitemap.

use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

/// The list of the sitemap's parts.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/sitemap_index.xml")]
pub(in crate::web) struct SitemapIndex {
    /// The absolute address of each part.
    pub parts: Vec<String>,
}

/// A part of the sitemap.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/sitemap.xml")]
pub(in crate::web) struct SitemapPart {
    pub pages: Vec<SitemapPage>,
}

/// A page in the sitemap.
#[derive(Debug, Clone)]
pub(in crate::web) struct SitemapPage {
    /// The absolute address of the page.
    pub address: String,
    /// When it last changed.
    pub changed: Option<DateTime<Utc>>,
}

impl SitemapPage {
    fn changed(&self) -> Option<String> {
        Some(self.changed?.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}
