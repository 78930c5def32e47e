//! Resolves and normalises the addresses in feeds.

use url::Url;

use crate::text::plain::uncut_line;

/// The most bytes of an address that servers and browsers accept.
const MAX_LINK: usize = 8 * 1024;

/// Resolves an address against `base`. Returns the trimmed address if that fails, and empty text if it is too long.
pub(super) fn resolve(link: &str, base: Option<&Url>) -> String {
    let link = uncut_line(link);
    if link.len() > MAX_LINK {
        return String::new();
    }
    match (Url::parse(&link), base) {
        (Err(_), _) if link.is_empty() => link,
        (Err(_), base) => with_scheme(&link, base)
            .or_else(|| base?.join(&link).ok())
            .map_or(link, Into::into),
        _ => link,
    }
}

/// Completes an address that lacks only its scheme: `www.example.org/a`, or one that begins with the host of `base`.
fn with_scheme(link: &str, base: Option<&Url>) -> Option<Url> {
    let without_www = |host: &str| host.trim_start_matches("www.").to_ascii_lowercase();
    let first = link.split(['/', '?', '#']).next().filter(|first| first.contains('.'))?;
    let is_host = first.starts_with("www.") && first.matches('.').count() > 1
        || base
            .and_then(Url::host_str)
            .is_some_and(|host| without_www(host) == without_www(first));
    let scheme = base.map_or("https", Url::scheme);
    is_host.then(|| Url::parse(&format!("{scheme}://{link}")).ok())?
}

/// The normalised form of an `http` or `https` address; `None` for any other text.
pub(super) fn web_address(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| url.into())
}
