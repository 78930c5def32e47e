//! The cookies of one fetch: some servers redirect to the same address until they see the cookie that they set.
//!
//! They are dropped after the fetch, so no server can track us from one fetch to the next.

use chrono::{DateTime, Utc};
use reqwest::header::{DATE, HeaderMap, HeaderValue, SET_COOKIE};
use url::{Host, Url};

/// The most cookies that one fetch keeps.
const MAX_COOKIES: usize = 50;
/// The most bytes of one cookie with its attributes.
const MAX_LENGTH: usize = 4096;

/// The cookies set by the servers of one fetch.
#[derive(Debug, Default)]
pub(super) struct Cookies(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    host: Host<String>,
    path: String,
    is_secure: bool,
    name: String,
    value: String,
}

impl Cookies {
    /// Keeps the cookies of an answer ([RFC 6265 §5.2](https://www.rfc-editor.org/rfc/rfc6265#section-5.2)). `Domain` is ignored:
    /// a cookie is sent only to the host that set it. `Expires` is compared with the server's own clock.
    pub(super) fn keep(&mut self, from: &Url, headers: &HeaderMap) {
        let Some(host) = from.host() else { return };
        let now = headers.get(DATE).and_then(|date| http_date(date.to_str().ok()?));
        let now = now.unwrap_or(DateTime::UNIX_EPOCH);
        for value in headers.get_all(SET_COOKIE) {
            let Ok(text) = value.to_str() else { continue };
            if text.len() > MAX_LENGTH {
                continue;
            }
            let mut parts = text.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let mut cookie = Cookie {
                host: host.to_owned(),
                path: default_path(from).to_owned(),
                is_secure: false,
                name: name.trim().to_owned(),
                value: value.trim().to_owned(),
            };
            let (mut max_age, mut expires) = (None, None);
            for part in parts {
                let (key, value) = part.split_once('=').unwrap_or((part, ""));
                match key.trim().to_ascii_lowercase().as_str() {
                    "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
                    "secure" => cookie.is_secure = true,
                    "max-age" => max_age = value.trim().parse::<i64>().ok(),
                    "expires" => expires = http_date(value),
                    _ => {}
                }
            }
            let is_over = max_age.map_or_else(|| expires.is_some_and(|at| at <= now), |age| age <= 0);
            self.0.retain(|other| !cookie.replaces(other));
            if !is_over && !cookie.name.is_empty() && self.0.len() < MAX_COOKIES {
                self.0.push(cookie);
            }
        }
    }

    /// The `Cookie` header of a request; `None` if nothing was set for its address.
    pub(super) fn header(&self, to: &Url) -> Option<HeaderValue> {
        let pairs: Vec<_> = self
            .0
            .iter()
            .filter(|cookie| cookie.is_for(to))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| HeaderValue::from_str(&pairs.join("; ")).ok())?
    }
}

impl Cookie {
    fn replaces(&self, other: &Self) -> bool {
        self.host == other.host && self.path == other.path && self.name == other.name
    }

    fn is_for(&self, url: &Url) -> bool {
        let below = |rest: &str| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/');
        url.host().is_some_and(|host| host.to_owned() == self.host)
            && (!self.is_secure || url.scheme() == "https")
            && url.path().strip_prefix(self.path.as_str()).is_some_and(below)
    }
}

/// A date in the format of headers; older servers write hyphens in it.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().replace('-', " ");
    DateTime::parse_from_rfc2822(&text).ok().map(|date| date.to_utc())
}

/// The default path of an address ([RFC 6265 §5.1.4](https://www.rfc-editor.org/rfc/rfc6265#section-5.1.4)).
fn default_path(url: &Url) -> &str {
    match url.path().rfind('/') {
        Some(at) if at > 0 => &url.path()[..at],
        _ => "/",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn sent(set: &[&str], from: &str, to: &str) -> Option<String> {
        let mut cookies = Cookies::default();
        for value in set {
            let date = HeaderValue::from_static("Thu, 01 Jan 2026 00:00:00 GMT");
            let headers = HeaderMap::from_iter([(SET_COOKIE, value.parse().unwrap()), (DATE, date)]);
            cookies.keep(&url(from), &headers);
        }
        cookies.header(&url(to)).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_cookie_returns_to_its_host_and_path() {
        let from = "https://a.example/news/feed";
        let both = sent(
            &["ok=1; Path=/; HttpOnly", "b = two "],
            from,
            "https://a.example/news/all",
        );
        assert_eq!(both.as_deref(), Some("ok=1; b=two"));
        for (set, to) in [
            ("ok=1; Path=/; Domain=example", "https://b.example/"),
            ("ok=1; Path=/; Domain=a.example", "https://www.a.example/"),
            ("ok=1", "https://a.example/other"),
            ("ok=1; Path=/new", "https://a.example/news"),
            ("ok=1; Path=/; Secure", "http://a.example/"),
            ("ok", "https://a.example/news/"),
        ] {
            assert_eq!(sent(&[set], from, to), None, "{set} {to}");
        }
    }

    #[test]
    fn a_cookie_is_replaced_and_removed() {
        let at = "https://a.example/";
        assert_eq!(sent(&["ok=1", "ok=2"], at, at).as_deref(), Some("ok=2"));
        assert_eq!(sent(&["ok=1", "ok=; Max-Age=0"], at, at), None);
        for past in ["Thu, 01 Jan 1970 00:00:00 GMT", "Wed, 31-Dec-2025 23:00:00 GMT"] {
            assert_eq!(sent(&["ok=1", &format!("ok=; Expires={past}")], at, at), None);
        }
        let many: Vec<String> = (0..60).map(|n| format!("c{n}=1")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(
            sent(&many, at, at).map(|sent| sent.split("; ").count()),
            Some(MAX_COOKIES)
        );
    }
}
