//! Paths at which posts were on an earlier site, and the proxies that can redirect them.

use percent_encoding::percent_decode_str;

use super::state_words::states;

states! {
    /// The form in which the redirects of old addresses are written.
    ProxyFormat {
        /// A `map` of nginx.
        Nginx = "nginx",
        /// `redir` lines of a Caddyfile.
        Caddy = "caddy",
        /// Two columns, for other programs.
        Csv = "csv",
    }
}

/// The most bytes of a path.
const MAX_BYTES: usize = 500;

/// The path in the form in which it is stored and compared: decoded, and without slashes at its end. `None` if it is the front page, too
/// long, or no path of text.
#[must_use]
pub fn normal_path(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let trimmed = decoded.trim_end_matches('/');
    let is_text = !trimmed.contains(char::is_control);
    let is_path = trimmed.starts_with('/') && trimmed.len() > 1 && !trimmed.starts_with("//");
    (is_path && is_text && trimmed.len() <= MAX_BYTES).then(|| trimmed.to_owned())
}

/// Pages of Daywire that every site has. Those with a slash at the end stand for all pages below.
const OWN_PAGES: &[&str] = &[
    "/admin",
    "/admin/",
    "/api",
    "/api/",
    "/archive",
    "/assets/",
    "/comments/",
    "/docs",
    "/docs/",
    "/embed/",
    "/feed.xml",
    "/healthz",
    "/hooks/",
    "/inbox",
    "/inbox/",
    "/lost-link",
    "/lost-link/",
    "/metrics",
    "/readyz",
    "/robots.txt",
    "/search",
    "/sitemap.xml",
    "/subscribe",
    "/subscribe/",
];

/// Whether every site has a page of its own at this path, so that a redirect must not take its place.
#[must_use]
pub fn is_own_page(path: &str) -> bool {
    OWN_PAGES
        .iter()
        .any(|own| path == *own || (own.ends_with('/') && path.starts_with(own)))
}

#[cfg(test)]
mod tests {
    use super::{is_own_page, normal_path};

    #[test]
    fn posts_beside_the_pages_of_a_site_are_no_own_pages() {
        for path in ["/admin", "/admin/login", "/subscribe"] {
            assert!(is_own_page(path), "{path}");
        }
        for path in [
            "/administration",
            "/archive/first-post",
            "/articles/first-post",
            "/subscribers",
        ] {
            assert!(!is_own_page(path), "{path}");
        }
    }

    #[test]
    fn spellings_of_one_path_are_equal() {
        for path in ["/caf%C3%A9", "/café/", "/café//"] {
            assert_eq!(normal_path(path).as_deref(), Some("/café"), "{path}");
        }
        for path in ["/", "", "//evil.example/a", "post", "/a%00b", "/%ff"] {
            assert_eq!(normal_path(path), None, "{path}");
        }
    }
}
