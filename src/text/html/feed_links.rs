//! Finds the feeds that a web page links by
//! [`<link rel="alternate">`](https://html.spec.whatwg.org/multipage/links.html#rel-alternate).

use std::cell::RefCell;

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use url::Url;

use super::tokenizer::{attribute, content_rule, run};
use crate::text::plain::plain_line;

/// The most links that are returned.
const MAX_LINKS: usize = 20;
/// Media types that pages use for feeds.
const FEED_TYPES: &[&str] = &[
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/json",
    "application/xml",
    "text/xml",
];

/// A feed that a page links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedLink {
    /// The absolute address of the feed.
    pub url: Url,
    /// The title in the page, on one line; may be empty.
    pub title: String,
}

/// The feeds that `html` links, in its order and each once. `page` is the address of `html`.
#[must_use]
pub fn feed_links(html: &str, page: &Url) -> Vec<FeedLink> {
    let links = Links {
        page,
        base: RefCell::default(),
        found: RefCell::default(),
    };
    run(html, links).0.found.into_inner()
}

struct Links<'a> {
    page: &'a Url,
    base: RefCell<Option<Url>>,
    found: RefCell<Vec<FeedLink>>,
}

impl Links<'_> {
    fn tag(&self, tag: &Tag) {
        let attribute = |name: &str| attribute(tag, name).map(str::trim);
        let Some(href) = attribute("href").filter(|href| !href.is_empty()) else {
            return;
        };
        let mut base = self.base.borrow_mut();
        if &*tag.name == "base" && base.is_none() {
            *base = self.page.join(href).ok();
            return;
        }
        let rel = attribute("rel").unwrap_or_default();
        let kind = attribute("type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_alternate = rel
            .split_ascii_whitespace()
            .any(|word| word.eq_ignore_ascii_case("alternate"));
        if &*tag.name != "link" || !is_alternate || !FEED_TYPES.contains(&kind.as_str()) {
            return;
        }
        let Ok(url) = base.as_ref().unwrap_or(self.page).join(href) else {
            return;
        };
        let mut found = self.found.borrow_mut();
        if found.len() < MAX_LINKS
            && matches!(url.scheme(), "http" | "https")
            && found.iter().all(|link| link.url != url)
        {
            let title = plain_line(attribute("title").unwrap_or_default());
            found.push(FeedLink { url, title });
        }
    }
}

impl TokenSink for Links<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                self.tag(&tag);
                content_rule(&tag.name)
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<String> {
        let page = Url::parse("https://site.example/blog/").expect("an address");
        feed_links(html, &page)
            .into_iter()
            .map(|link| link.url.into())
            .collect()
    }

    #[test]
    fn feed_links_are_found_in_the_pages_order_and_each_once() {
        let html = "<!doctype html><head><link rel=stylesheet href=x.css>\
            <LINK REL='home Alternate' TYPE='application/rss+xml; charset=utf-8' title='A &amp; B' href=/feed.xml>\
            <link rel=alternate type=application/atom+xml href='atom?a=1&amp;b=2'><link rel=alternate hreflang=de href=/de>\
            <link rel=alternate type=application/rss+xml href=/feed.xml><link rel=alternate type=text/html href=/m>\
            <link rel=alternate type=application/rss+xml href='javascript:alert(1)'>";
        assert_eq!(
            found(html),
            [
                "https://site.example/feed.xml",
                "https://site.example/blog/atom?a=1&b=2"
            ]
        );
    }

    #[test]
    fn the_base_element_applies_and_scripts_and_comments_are_ignored() {
        let html = "<base href='https://cdn.example/x/'><script>'<link rel=alternate type=application/rss+xml href=/no>'\
            </script><!-- <link rel=alternate type=application/rss+xml href=/no> -->\
            <link rel=alternate type=application/rss+xml href=f>";
        assert_eq!(found(html), ["https://cdn.example/x/f"]);
    }

    #[test]
    fn the_number_of_links_is_limited() {
        use std::fmt::Write as _;
        let html = (0..50_000).fold(String::new(), |mut html, n| {
            write!(html, "<link rel=alternate type=application/rss+xml href=/{n}>").expect("memory");
            html
        });
        assert_eq!(found(&html).len(), MAX_LINKS);
        let attributes = "a ".repeat(2_000_000);
        assert_eq!(found(&format!("<link {attributes}")), Vec::<String>::new());
    }
}
