//! The pages and feeds that were rendered at the current revision of the site, in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

/// The most bytes that are kept. All are dropped when there are more.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The hash of everything that a page depends on.
pub(super) type PageHash = [u8; 32];

/// A rendered page or feed.
#[derive(Debug)]
pub(super) struct Rendered {
    content_type: HeaderValue,
    /// The parts between the places where the token of the form stands. A page without a form is one part.
    parts: Vec<Bytes>,
    /// The validators of a feed. A page has none: its tag is made of its hash.
    pub(super) feed: Option<FeedValidators>,
}

/// What a feed reader sends back to ask whether the feed changed.
#[derive(Debug, Clone)]
pub(super) struct FeedValidators {
    /// The entity tag, with its quotation marks.
    pub(super) tag: HeaderValue,
    pub(super) updated: DateTime<Utc>,
}

impl Rendered {
    /// Splits `page` where `placeholder` stands for the token of the form.
    pub(super) fn page(content_type: HeaderValue, page: &Bytes, placeholder: &str) -> Self {
        let mut parts = Vec::new();
        let mut start = 0;
        for at in memchr::memmem::find_iter(page, placeholder) {
            parts.push(page.slice(start..at));
            start = at + placeholder.len();
        }
        parts.push(page.slice(start..));
        Self {
            content_type,
            parts,
            feed: None,
        }
    }

    pub(super) fn feed(content_type: HeaderValue, feed: Bytes, validators: FeedValidators) -> Self {
        Self {
            content_type,
            parts: vec![feed],
            feed: Some(validators),
        }
    }

    /// Whether the page has a form.
    pub(super) fn has_form(&self) -> bool {
        self.parts.len() > 1
    }

    fn bytes(&self) -> usize {
        self.parts.iter().map(Bytes::len).sum()
    }

    /// The answer with the page, its form with this token.
    pub(super) fn response(&self, token: &str) -> Response {
        let body = match self.parts.as_slice() {
            [whole] => whole.clone(),
            parts => parts.join(token.as_bytes()).into(),
        };
        ([(header::CONTENT_TYPE, self.content_type.clone())], Body::from(body)).into_response()
    }
}

/// Keeps rendered pages until the site's revision changes.
#[derive(Debug, Default)]
pub(super) struct RenderedPages {
    cache: Mutex<PageCache>,
}

#[derive(Debug, Default)]
struct PageCache {
    revision: i64,
    bytes: usize,
    pages: HashMap<PageHash, Arc<Rendered>>,
}

impl RenderedPages {
    pub(super) fn get(&self, hash: &PageHash) -> Option<Arc<Rendered>> {
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.pages.get(hash).cloned()
    }

    /// Keeps a page that was rendered at `revision` or later.
    pub(super) fn put(&self, revision: i64, hash: PageHash, rendered: Arc<Rendered>) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = rendered.bytes();
        if revision != cache.revision || cache.bytes + bytes > MAX_BYTES {
            *cache = PageCache {
                revision,
                ..PageCache::default()
            };
        }
        if cache.pages.insert(hash, rendered).is_none() {
            cache.bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &'static str) -> Arc<Rendered> {
        let html = HeaderValue::from_static("text/html");
        Arc::new(Rendered::page(html, &Bytes::from_static(text.as_bytes()), "TOKEN"))
    }

    #[tokio::test]
    async fn each_form_of_a_page_gets_the_token() {
        for (text, has_form, filled) in [
            ("<p>", false, "<p>"),
            ("a TOKEN b", true, "a 1 b"),
            ("TOKENTOKEN", true, "11"),
        ] {
            let rendered = page(text);
            assert_eq!(rendered.has_form(), has_form, "{text}");
            let body = axum::body::to_bytes(rendered.response("1").into_body(), 100).await;
            assert_eq!(body.expect("the body is in memory"), filled, "{text}");
        }
    }

    #[test]
    fn a_new_revision_drops_the_pages_of_the_last_one() {
        let pages = RenderedPages::default();
        pages.put(7, [1; 32], page("one"));
        pages.put(7, [2; 32], page("two"));
        assert!(pages.get(&[1; 32]).is_some() && pages.get(&[2; 32]).is_some());
        pages.put(8, [3; 32], page("three"));
        assert!(pages.get(&[1; 32]).is_none() && pages.get(&[3; 32]).is_some());
    }

    #[test]
    fn the_memory_is_bounded() {
        let pages = RenderedPages::default();
        let large = Bytes::from(vec![b'x'; MAX_BYTES / 2]);
        for n in 0..5 {
            let rendered = Rendered::page(HeaderValue::from_static("text/html"), &large, "TOKEN");
            pages.put(1, [n; 32], Arc::new(rendered));
        }
        let kept = (0..5).filter(|n| pages.get(&[*n; 32]).is_some()).count();
        assert!((1..=2).contains(&kept), "{kept}");
    }
}
