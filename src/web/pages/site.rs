//! What every page shows of the site, and how pages show a time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::config::{Config, PageBrand};
use crate::domain::time_zone::TimeZone;
use crate::web::request_id::RequestId;
use crate::words::{Language, Words};

/// The settings that every page shows, and the texts in the language of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The setting `site.name` of the site.
    pub name: String,
    /// The texts in the language of the page and the voice of the site.
    pub words: Words,
    /// `site.tagline`; may be empty.
    pub tagline: String,
    /// The setting `site.postal_address` of the site.
    pub postal_address: Option<String>,
    /// The absolute address of the site, without a slash at its end.
    pub base: String,
    /// Logo, icon, style sheet, and links at the foot.
    pub brand: Arc<PageBrand>,
    /// Path and title of each of the operator's own pages.
    pub own_pages: Vec<(String, String)>,
    /// Whether search engines may list the pages.
    pub search_engines: bool,
    /// No relay is set. Mail is captured, and every page says so and links `/inbox`.
    pub mail_is_captured: bool,
    /// Stands between the parts of a page for the operator's layout; empty if there is none.
    pub layout_mark: String,
    /// The query of the page's address without the language, for the links of the language menu; may be empty.
    pub query: String,
    /// The id of the request, which pages about a failure show; `None` outside of a request.
    pub request_id: Option<String>,
}

impl Site {
    /// What pages show of the site with these settings.
    pub(in crate::web) fn new(config: &Config, words: Words, query: String) -> Self {
        let site = &config.site;
        // A page that the operator links from the foot has one link there.
        let is_linked = |path: &str| config.brand.page.links.iter().any(|link| link.url == path);
        let own_pages = site.own_pages.titles(words.language().tag());
        Self {
            name: site.name.clone(),
            query,
            tagline: site.tagline.clone(),
            base: site.url.to_string(),
            brand: Arc::clone(&config.brand.page),
            postal_address: site.postal_address.clone(),
            own_pages: own_pages
                .map(|(name, title)| (format!("/pages/{name}"), title.to_owned()))
                .filter(|(path, _)| !is_linked(path))
                .collect(),
            search_engines: site.search_engines,
            mail_is_captured: config.captures_mail(),
            layout_mark: String::new(),
            request_id: RequestId::current().map(|id| id.to_string()),
            words,
        }
    }

    /// The language menu: this page in every language.
    pub(in crate::web) fn languages(&self) -> impl Iterator<Item = LanguageLink> {
        Language::ALL.into_iter().map(|language| {
            let separator = if self.query.is_empty() { "" } else { "&" };
            LanguageLink {
                language,
                href: format!("?{}{separator}lang={language}", self.query),
                is_current: language == self.words.language(),
            }
        })
    }
}

/// A link of the language menu.
pub(in crate::web) struct LanguageLink {
    pub(in crate::web) language: Language,
    /// The address of the page in this language, relative to the page.
    pub(in crate::web) href: String,
    /// Whether the page is in this language.
    pub(in crate::web) is_current: bool,
}

/// A time for a `<time>` element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    at: DateTime<Utc>,
    /// The zone in which people read it.
    zone: Tz,
}

impl Stamp {
    #[must_use]
    pub const fn utc(at: DateTime<Utc>) -> Self {
        Self { at, zone: Tz::UTC }
    }

    #[must_use]
    pub(in crate::web) const fn in_zone(at: DateTime<Utc>, zone: TimeZone) -> Self {
        Self { at, zone: zone.0 }
    }

    /// The instant, to sort by.
    pub(in crate::web) const fn instant(&self) -> DateTime<Utc> {
        self.at
    }

    /// The month, such as `November 2025`.
    pub(in crate::web) fn month(&self, words: &Words) -> String {
        words.month(self.at.with_timezone(&self.zone).date_naive())
    }

    /// The time in RFC 3339, for the attribute.
    pub(in crate::web) fn machine(&self) -> String {
        self.at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// The time as people read it, for the text, such as `23 Nov 2025 · 07:09 CET`.
    pub(in crate::web) fn shown(&self, words: &Words) -> String {
        words.moment(&self.at.with_timezone(&self.zone))
    }
}
