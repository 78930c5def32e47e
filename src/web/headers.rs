//! The security headers, the caching rules and the date of every answer.

use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use chrono::{DateTime, Utc};

use crate::config::Config;

/// What a page may load from other servers, or run, beyond what every page may. Each entry is a source of a
/// [content security policy](https://www.w3.org/TR/CSP3/#framework-directive-source-list).
#[derive(Debug, Default)]
pub(super) struct PageSources {
    pub(super) scripts: Vec<String>,
    pub(super) styles: Vec<String>,
    pub(super) frames: Vec<String>,
    pub(super) connections: Vec<String>,
    /// Where forms may lead besides this site.
    pub(super) forms: Vec<String>,
    /// Whether pages of `signup.origins` may embed the page. No other page may then, not even of this site.
    pub(super) is_embed: bool,
}

/// The content security policy of a page: no scripts, and only our own styles, pictures, forms, frames and
/// connections, except for `sources`. With
/// `digest.images` also pictures of other servers.
pub(super) fn policy(config: &Config, sources: &PageSources) -> String {
    let pictures = if config.digest.images { "https:" } else { "" };
    let directive = |name: &str, own: &str, others: &[String]| {
        let sources = [own].into_iter().chain(others.iter().map(String::as_str));
        let sources: Vec<&str> = sources.filter(|source| !source.is_empty()).collect();
        (!sources.is_empty()).then(|| format!("{name} {}", sources.join(" ")))
    };
    let directives = [
        directive("default-src", "'none'", &[]),
        directive("script-src", "", &sources.scripts),
        // Lighthouse requests robots.txt in the name of the page.
        directive("connect-src", "'self'", &sources.connections),
        directive("style-src", "'self'", &sources.styles),
        directive("img-src", "'self' data:", &[pictures.to_owned()]),
        directive("form-action", "'self'", &sources.forms),
        directive("frame-src", "'self'", &sources.frames),
        directive("base-uri", "'none'", &[]),
        if sources.is_embed {
            let origins = config.signup.origins.iter();
            let origins: Vec<_> = origins.map(|origin| origin.as_str().to_owned()).collect();
            let nobody = if origins.is_empty() { "'none'" } else { "" };
            directive("frame-ancestors", nobody, &origins)
        } else {
            directive("frame-ancestors", "'self'", &[])
        },
    ];
    directives.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The pages use no device and no browser feature that needs permission.
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()";

/// The beginnings of paths that contain a token, or whose pages show one. Such pages must not leak it in a referrer or a cache, and no
/// search engine should request them.
pub(super) const PATHS_WITH_TOKEN: [&str; 9] = [
    "/address/",
    "/comment/",
    "/confirm/",
    "/editions/",
    "/erase/",
    "/export/",
    "/inbox",
    "/preferences/",
    "/unsubscribe/",
];

/// The same of the console, whose pages no search engine lists.
const CONSOLE_PATHS_WITH_TOKEN: [&str; 3] = ["/admin/login/provider", "/admin/password/", "/admin/setup/"];

pub(super) fn has_token(path: &str) -> bool {
    let mut beginnings = PATHS_WITH_TOKEN.iter().chain(&CONSOLE_PATHS_WITH_TOKEN);
    beginnings.any(|beginning| path.starts_with(beginning))
}

/// Whether a path is of the console.
fn is_console(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/")
}

/// The policy of the console: our own scripts and no frame around it, so that no other page can place its buttons.
const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; \
    img-src 'self' data:; form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Whether a path is of the pages for iframes on other sites.
pub(super) fn is_embed(path: &str) -> bool {
    path.starts_with("/embed/")
}

/// What decides which headers an answer gets: the path of its request.
#[derive(Clone, Copy, Debug)]
pub(super) struct PathKind {
    section: Section,
    has_token: bool,
}

/// The parts of the server whose answers have headers of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Api,
    Console,
    Embed,
    Site,
}

impl PathKind {
    pub(super) fn of(path: &str) -> Self {
        let section = if path.starts_with("/api/") {
            Section::Api
        } else if is_console(path) {
            Section::Console
        } else if is_embed(path) {
            Section::Embed
        } else {
            Section::Site
        };
        Self {
            section,
            has_token: has_token(path),
        }
    }
}

/// What the headers of every answer are made of, made once.
#[derive(Debug)]
pub(super) struct CommonHeaders {
    /// The policy of most pages; `None` if the settings make no valid value.
    page_policy: Option<HeaderValue>,
    /// The policy of pages for iframes.
    embed_policy: Option<HeaderValue>,
    is_https: bool,
    /// The value of `Date` for the second in which an answer was last sent.
    date: Mutex<Option<(i64, HeaderValue)>>,
}

impl CommonHeaders {
    pub(super) fn new(config: &Config) -> Self {
        let of = |is_embed| {
            let sources = PageSources {
                is_embed,
                ..PageSources::default()
            };
            HeaderValue::try_from(policy(config, &sources)).ok()
        };
        Self {
            page_policy: of(false),
            embed_policy: of(true),
            is_https: config.site.url.is_https(),
            date: Mutex::default(),
        }
    }

    /// Adds the headers. A header that the handler has set stays.
    pub(super) fn add(&self, headers: &mut HeaderMap, path: PathKind, now: DateTime<Utc>) {
        let PathKind { section, has_token } = path;
        let is_console = section == Section::Console;
        let is_embed = section == Section::Embed;
        let mut set = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        set(
            HeaderName::from_static("cross-origin-resource-policy"),
            // A page with `Cross-Origin-Embedder-Policy` frames only what permits it.
            if is_embed { "cross-origin" } else { "same-origin" },
        );
        set(HeaderName::from_static("permissions-policy"), PERMISSIONS);
        set(
            header::REFERRER_POLICY,
            if has_token {
                "no-referrer"
            } else if is_console {
                // Other sites do not see the addresses of the console, and browsers still name the origin of its forms.
                "same-origin"
            } else {
                "strict-origin-when-cross-origin"
            },
        );
        // Without a rule, a cache may keep a page as long as it likes.
        let caching = if has_token || is_console || section == Section::Api {
            "no-store"
        } else {
            "no-cache"
        };
        set(header::CACHE_CONTROL, caching);
        if has_token || is_embed || is_console {
            set(HeaderName::from_static("x-robots-tag"), "noindex");
        }
        if self.is_https {
            set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
        if is_console {
            set(header::CONTENT_SECURITY_POLICY, CONSOLE_POLICY);
        }
        let policy = if is_embed {
            &self.embed_policy
        } else {
            &self.page_policy
        };
        if let Some(policy) = policy {
            headers
                .entry(header::CONTENT_SECURITY_POLICY)
                .or_insert_with(|| policy.clone());
        }
        if let Some(date) = self.date(now) {
            headers.insert(header::DATE, date);
        }
    }

    /// The value of `Date`. The server itself writes none, because hyper's fails on a clock beyond the year 9999.
    fn date(&self, now: DateTime<Utc>) -> Option<HeaderValue> {
        let mut last = self.date.lock().unwrap_or_else(PoisonError::into_inner);
        let second = now.timestamp();
        if let Some((_, date)) = last.as_ref().filter(|(of, _)| *of == second) {
            return Some(date.clone());
        }
        let date = http_date(now)?;
        *last = Some((second, date.clone()));
        Some(date)
    }
}

/// A date in a header field ([RFC 9110 §5.6.7](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7)).
pub(super) fn http_date(at: DateTime<Utc>) -> Option<HeaderValue> {
    HeaderValue::try_from(at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok()
}
