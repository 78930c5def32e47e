//! The page of one transmission.

use askama::Template;

use super::{SignupForm, Site, Stamp};

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
    /// The headline, plain text.
    pub headline: String,
    /// The first lines, plain text; none where the body begins with them anyway.
    pub lede: Option<String>,
    /// Who wrote it.
    pub byline: Option<String>,
    /// When it was published, or arrived.
    pub time: Stamp,
    /// The body as HTML, already sanitised: it is printed as it is.
    pub body_html: String,
    /// Where the report comes from, the most important first.
    pub sources: Vec<Source>,
    /// The sign-up box.
    pub form: SignupForm,
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
    fn leads_out(&self) -> bool {
        url::Url::parse(&self.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    }
}
