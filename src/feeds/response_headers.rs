//! Parses the headers of HTTP responses.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{CACHE_CONTROL, CONTENT_ENCODING, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use url::Url;

/// The longest wait that a server can ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_hours(30 * 24);

/// The encodings of the body in lower case, in the order in which they were applied.
pub(super) fn encodings(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let names = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    names
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The address of a redirect, without its fragment.
pub(super) fn target(from: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = String::from_utf8_lossy(headers.get(LOCATION)?.as_bytes()).into_owned();
    let mut url = from.join(location.trim()).ok()?;
    url.set_fragment(None);
    Some(url)
}

/// Parses `Retry-After`: seconds, or a date, which is compared with the server's own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?;
    let seconds = value.trim().parse().ok().map(Duration::from_secs);
    let until = || {
        let until = DateTime::parse_from_rfc2822(value.trim()).ok()?;
        let now = DateTime::parse_from_rfc2822(&text(headers, &DATE)?).ok()?;
        (until - now).to_std().ok()
    };
    let wait = seconds.or_else(until)?;
    Some(wait.min(MAX_RETRY_AFTER))
}

/// Parses the `max-age` of `Cache-Control`.
pub(super) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, &CACHE_CONTROL)?.to_ascii_lowercase();
    let seconds = value.split(',').find_map(|directive| {
        directive
            .trim()
            .strip_prefix("max-age=")?
            .trim_matches('"')
            .parse()
            .ok()
    });
    seconds.map(Duration::from_secs)
}

/// The value of a header; `None` if it is missing or not ASCII.
pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
