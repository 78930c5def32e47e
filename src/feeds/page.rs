//! Takes the text of an article out of its web page.

use super::charset::{self, Hints};
use super::fetch::Download;
use crate::text::html::{MainTextError, SanitizedHtml, main_text};

/// How many bytes at the beginning of a document show whether it is a web page.
const PROBE_BYTES: usize = 2048;

/// Why a page gives no text. Another request would not change that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PageError {
    #[error("the document at its address is not a web page")]
    NotAPage,
    #[error(transparent)]
    Text(#[from] MainTextError),
}

/// The main text of a page. `title` is the article's headline. Takes processor time, so it must not run on the async threads.
pub(crate) fn read(page: &Download, title: &str) -> Result<SanitizedHtml, PageError> {
    if !is_declared_as_page(page.content_type.as_deref()) && !is_web_page(&page.bytes) {
        return Err(PageError::NotAPage);
    }
    let hints = Hints {
        content_type: page.content_type.as_deref(),
        address: Some(&page.final_url),
        is_page: true,
    };
    let text = charset::decode(&page.bytes, hints);
    Ok(main_text(&text, &page.final_url, title)?)
}

fn is_declared_as_page(content_type: Option<&str>) -> bool {
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    ["text/html", "application/xhtml+xml"]
        .iter()
        .any(|page| kind.trim().eq_ignore_ascii_case(page))
}

/// Whether a document begins like a web page. The `Content-Type` of many servers is wrong.
pub(crate) fn is_web_page(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(PROBE_BYTES)]).to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|tag| head.contains(tag))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[test]
    fn a_document_that_is_no_page_is_refused() {
        let read_as = |content_type: Option<&str>, bytes: &[u8]| {
            let page = Download {
                bytes: bytes.to_vec(),
                incomplete: None,
                content_type: content_type.map(str::to_owned),
                etag: None,
                last_modified: None,
                final_url: Url::parse("https://wire.example/a").expect("an address"),
                max_age: None,
                moved_permanently_to: None,
            };
            read(&page, "A")
        };
        for content_type in [Some("application/pdf"), Some("text/plain"), None] {
            assert_eq!(read_as(content_type, b"%PDF-1.7"), Err(PageError::NotAPage));
        }
        for (content_type, bytes) in [
            (Some("Text/HTML; charset=utf-8"), &b"no tag"[..]),
            (None, b"<!DOCTYPE HTML><p>"),
            (Some("text/plain"), b"<html>"),
        ] {
            assert_ne!(
                read_as(content_type, bytes),
                Err(PageError::NotAPage),
                "{content_type:?}"
            );
        }
    }
}
