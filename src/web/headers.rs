//! The security headers, the caching rules and the date of every answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::state::Web;

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
pub(super) fn policy(web: &Web, sources: &PageSources) -> String {
    let pictures = if web.app.config.digest.images { "https:" } else { "" };
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
            let origins = web.app.config.signup.origins.iter();
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

/// Adds the headers. A header that the handler has set stays.
pub(super) async fn secure(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let has_token = has_token(path);
    let is_api = path.starts_with("/api/");
    let is_embed = is_embed(path);
    let is_console = is_console(path);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
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
    let caching = if has_token || is_api || is_console {
        "no-store"
    } else {
        "no-cache"
    };
    set(header::CACHE_CONTROL, caching);
    if has_token || is_embed || is_console {
        set(HeaderName::from_static("x-robots-tag"), "noindex");
    }
    if web.app.config.site.url.is_https() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if is_console {
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(HeaderValue::from_static(CONSOLE_POLICY));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY)
        && let Ok(policy) = HeaderValue::try_from(policy(
            &web,
            &PageSources {
                is_embed,
                ..PageSources::default()
            },
        ))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // RFC 9110 §5.6.7. The server itself writes no date, because hyper's fails on a clock beyond the year 9999.
    let date = web.app.clock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::try_from(date) {
        headers.insert(header::DATE, date);
    }
    response
}
