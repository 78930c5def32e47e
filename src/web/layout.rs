//! The operator's layout of all pages, the template `page.html`.
//!
//! A page is first rendered with the built-in layout. Marks stand between its parts, and the parts become variables of the operator's
//! template. So forms with their tokens, links in the head and everything else inside of a page stay as they are.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::language::RequestLanguage;
use super::pages::Site;
use super::state::Shared;
use crate::config::Config;
use crate::mail::look::FooterLink;
use crate::templates::{PAGE, Required, SafeHtml, Templates};
use crate::words::Words;

/// The largest page, in bytes.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// How many pieces the marks divide a page into.
const PIECES: usize = 9;
/// What the content security policy of the pages forbids, in small letters.
const FORBIDDEN: [&str; 5] = ["<script", "<style", " style=", "javascript:", "<base"];

/// The parts of a page that the operator's layout puts in place.
struct Parts<'a> {
    head: &'a str,
    topics: &'a str,
    main_class: &'a str,
    main: &'a str,
}

impl<'a> Parts<'a> {
    fn of(page: &'a str, mark: &str) -> Option<Self> {
        let pieces: Vec<&str> = page.split(mark).collect();
        let [_, head, _, topics, _, main_class, _, main, _] = pieces[..] else {
            return None;
        };
        debug_assert_eq!(pieces.len(), PIECES);
        Some(Self {
            head,
            topics,
            main_class,
            main,
        })
    }
}

/// What the template can show. `docs/reference/templates.md` explains each field.
#[derive(Serialize)]
struct Context<'a> {
    language: &'static str,
    direction: &'static str,
    voice: &'static str,
    site_name: &'a str,
    site_url: &'a str,
    tagline: &'a str,
    postal_address: Option<&'a str>,
    path: &'a str,
    is_front: bool,
    logo: Option<LogoContext>,
    navigation: Vec<LinkContext>,
    footer: Vec<FooterLink>,
    languages: Vec<LanguageContext>,
    mail_is_captured: bool,
    head: SafeHtml,
    topics: SafeHtml,
    main_class: &'a str,
    main: SafeHtml,
}

#[derive(Serialize)]
struct LogoContext {
    url: String,
    dark_url: Option<String>,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct LinkContext {
    label: String,
    url: &'static str,
    is_current: bool,
}

#[derive(Serialize)]
struct LanguageContext {
    name: &'static str,
    language: &'static str,
    direction: &'static str,
    url: String,
    is_current: bool,
}

const fn direction(is_rtl: bool) -> &'static str {
    if is_rtl { "rtl" } else { "ltr" }
}

impl<'a> Context<'a> {
    fn new(site: &'a Site, path: &'a str, parts: &Parts<'a>) -> Self {
        let words = &site.words;
        let link = |label: String, url: &'static str| LinkContext {
            label,
            url,
            is_current: path == url || url != "/" && path.starts_with(&format!("{url}/")),
        };
        let own_pages = site.own_pages.iter().map(|(url, label)| FooterLink {
            label: label.clone(),
            url: url.clone(),
        });
        let foot = |label: String, url: &str| FooterLink {
            label,
            url: url.to_owned(),
        };
        let captured = site.mail_is_captured.then(|| foot(words.inbox(), "/inbox"));
        Self {
            language: words.language().tag(),
            direction: direction(words.language().is_rtl()),
            voice: words.voice().as_str(),
            site_name: &site.name,
            site_url: &site.base,
            tagline: &site.tagline,
            postal_address: site.postal_address.as_deref(),
            path,
            is_front: path == "/",
            logo: site.brand.logo.as_ref().map(|logo| LogoContext {
                url: logo.file.path(),
                dark_url: logo.dark.as_ref().map(crate::config::BrandFile::path),
                width: logo.width,
                height: logo.height,
            }),
            navigation: vec![
                link(words.front_page(), "/"),
                link(words.past_issues_short(), "/archive"),
                link(words.search(), "/search"),
                link(words.subscribe(), "/subscribe"),
            ],
            footer: own_pages
                .chain(site.brand.links.iter().cloned())
                .chain([
                    foot(words.lost_link(), "/lost-link"),
                    foot(words.site_feed(), "/feed.xml"),
                ])
                .chain(captured)
                .collect(),
            languages: site
                .languages()
                .map(|link| LanguageContext {
                    name: link.language.own_name(),
                    language: link.language.tag(),
                    direction: direction(link.language.is_rtl()),
                    url: link.href,
                    is_current: link.is_current,
                })
                .collect(),
            mail_is_captured: site.mail_is_captured,
            head: SafeHtml::new(parts.head),
            topics: SafeHtml::new(parts.topics),
            main_class: parts.main_class,
            main: SafeHtml::new(parts.main),
        }
    }
}

/// The page in the operator's layout; `None` if the template failed.
fn in_layout(templates: &Templates, site: &Site, path: &str, parts: &Parts<'_>) -> Option<String> {
    let language = format!("lang=\"{}\"", site.words.language());
    let required = [
        Required {
            variable: "head",
            value: parts.head,
            reason: "it has the title, the style sheet and what search engines read; put it between <head> and </head>",
        },
        Required {
            variable: "main",
            value: parts.main,
            reason: "it is the page itself; put it into <main id=\"main\" class=\"{{ main_class }}\">",
        },
        Required {
            variable: "language",
            value: &language,
            reason: "screen readers need it; write <html lang=\"{{ language }}\" dir=\"{{ direction }}\">",
        },
    ];
    let context = Context::new(site, path, parts);
    templates.render(PAGE, &site.words, &context, &required, |html| check_layout(html, parts))
}

/// Refuses what the content security policy forbids: browsers would drop it in silence.
fn check_layout(html: String, parts: &Parts<'_>) -> Result<String, String> {
    for (name, part) in [("head", parts.head), ("main", parts.main)] {
        if html.matches(part).count() > 1 {
            return Err(format!("it shows {{{{ {name} }}}} more than once; remove one"));
        }
    }
    let layout = [parts.head, parts.main, parts.topics]
        .into_iter()
        .filter(|part| !part.is_empty())
        .fold(html.clone(), |layout, part| layout.replace(part, ""));
    let layout = layout.to_lowercase();
    match FORBIDDEN.iter().find(|part| layout.contains(**part)) {
        Some(part) => Err(format!(
            "it has {}, which the policy of the pages forbids; write styles into brand.css_file, and no scripts",
            part.trim()
        )),
        None => Ok(html),
    }
}

/// Puts the operator's layout around each page.
pub(super) async fn put_around(State(web): Shared, request: Request, next: Next) -> Response {
    if web.layout_mark.is_empty() {
        return next.run(request).await;
    }
    let language = RequestLanguage::of(&web, request.uri(), request.headers());
    let path = request.uri().path().to_owned();
    let (mut head, body) = next.run(request).await.into_parts();
    let content_type = head.headers.get(header::CONTENT_TYPE);
    if content_type.is_none_or(|content_type| !content_type.as_bytes().starts_with(b"text/html")) {
        return Response::from_parts(head, body);
    }
    // It is the length of the page in the built-in layout.
    head.headers.remove(header::CONTENT_LENGTH);
    let Ok(bytes) = to_bytes(body, MAX_PAGE_BYTES).await else {
        tracing::error!("page is too large for the layout");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = String::from_utf8_lossy(&bytes);
    let site = language.site(&web);
    let own =
        Parts::of(&page, &web.layout_mark).and_then(|parts| in_layout(&web.app.look.templates, &site, &path, &parts));
    let page = own.unwrap_or_else(|| page.replace(&web.layout_mark, ""));
    Response::from_parts(head, Body::from(page))
}

/// Renders the layout around a sample of a page, so that a check finds its faults.
pub(crate) fn render_sample(templates: &Templates, config: &Config, words: Words) {
    let heading = words.not_found_title();
    let parts = Parts {
        head: "<meta charset=\"utf-8\">\n<title>Sample of a page</title>",
        topics: "<nav class=\"topics\"><ul><li><a href=\"/topics/sample\">Sample</a></li></ul></nav>",
        main_class: "narrow",
        main: &format!("<h1>{heading}</h1>"),
    };
    let site = Site::new(config, words, String::new());
    for path in ["/", "/archive/daily/1", "/pages/about"] {
        in_layout(templates, &site, path, &parts);
    }
}
