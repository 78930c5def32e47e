//! The page of one article.

use askama::Template;

use super::{SignupForm, Site, Stamp};
use crate::text::html::SanitizedHtml;
use crate::text::language::is_rtl;

/// GET `/articles/{id}/{slug}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/article.html")]
pub struct ArticlePage {
    /// The site.
    pub site: Site,
    /// The id readers see, such as `TX_080089`.
    pub public_id: String,
    /// Its category tag.
    pub category: Option<String>,
    /// The tag of the article's language; empty: unknown, which `lang=""` says (HTML section 3.2.6.2).
    pub language: String,
    /// The address for search engines to list: the publisher's, unless the article is the newsroom's own.
    pub canonical: String,
    /// The headline, plain text.
    pub headline: String,
    /// The first lines, plain text; none where the body begins with them anyway.
    pub lede: Option<String>,
    /// Who wrote it.
    pub byline: Option<String>,
    /// When it was published, or arrived.
    pub time: Stamp,
    /// Its picture, if the site shows any.
    pub picture: Option<Picture>,
    /// What was corrected since readers got it by mail, the oldest first.
    pub corrections: Vec<CorrectionLine>,
    /// The article's text; empty if it has no more than the lede.
    pub body_html: SanitizedHtml,
    /// Whether this is an excerpt of another publisher's article; the page then links there.
    pub is_excerpt: bool,
    /// Where the report comes from, the most important first.
    pub sources: Vec<Source>,
    /// The sign-up box.
    pub form: SignupForm,
}

/// A picture on another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its `https` address.
    pub url: String,
    /// What it shows, plain text; empty if nobody said.
    pub alt: String,
    /// Width and height in pixels, if both are known.
    pub size: Option<(i64, i64)>,
}

/// One correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionLine {
    /// When it was made.
    pub time: Stamp,
    /// What was corrected, plain text.
    pub note: String,
}

/// Where a report comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name, plain text.
    pub name: String,
    /// Its address; anything but `http` or `https` is shown without a link.
    pub url: String,
}

impl Source {
    /// Whether a reader may be sent there.
    pub(in crate::web) fn leads_out(&self) -> bool {
        url::Url::parse(&self.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    }
}
