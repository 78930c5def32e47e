//! The built-in inbox: pages of the mail that was captured because no relay is set.
//!
//! Its mails contain confirmation links, with which anyone could confirm any address, and links by which operators choose a password. So
//! by default only requests from this machine and owners may read it.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use mail_parser::{MessageParser, MimeHeaders};
use serde::Deserialize;

use super::api::bearer::{Bearer, ManageOperators};
use super::client::is_local;
use super::error::{WebError, page};
use super::language::RequestLanguage;
use super::pages::{ErrorPage, InboxLine, InboxMessagePage, InboxPage, InboxView, Site, Stamp};
use super::state::{Shared, Web};
use crate::config::InboxAccess;
use crate::store::captured_mails::CapturedMail;
use crate::words::Words;

/// The number of mails in the list.
const MAX_LISTED: i64 = 100;

/// The policy for a mail's HTML: it may have styles and pictures, also the logo of this site, but no scripts, no forms and no links that
/// open.
pub(super) fn mail_policy(web: &Web) -> String {
    let origin = web.app.config.site.url.origin();
    format!(
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src {origin} data: https:; frame-ancestors 'self'"
    )
}

/// Permission to read the inbox. As a handler's argument it refuses every other request.
pub(super) struct InboxAllowed;

impl FromRequestParts<Arc<Web>> for InboxAllowed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Response> {
        let config = &web.app.config;
        // There is no inbox if a relay is set.
        if !config.captures_mail() {
            return Err(WebError::NotFound.into_response());
        }
        if config.inbox.access == InboxAccess::Public
            || is_local(parts, web)
            || Bearer::<ManageOperators>::from_request_parts(parts, web).await.is_ok()
        {
            return Ok(Self);
        }
        let site = RequestLanguage::of(web, &parts.uri, &parts.headers).site(web);
        let shown = page(&ErrorPage {
            status: StatusCode::FORBIDDEN.as_u16(),
            title: site.words.inbox_private_title(),
            happened: site.words.inbox_private_happened(),
            next: site.words.inbox_private_next(),
            site,
        });
        Err((StatusCode::FORBIDDEN, shown).into_response())
    }
}

pub(super) async fn list(_: InboxAllowed, State(web): Shared, site: Site) -> Result<Html<String>, WebError> {
    let mails = web.app.store.read().await?.captured_mails(MAX_LISTED).await?;
    page(&InboxPage {
        messages: mails.iter().map(|mail| line(mail, &site.words)).collect(),
        site,
    })
}

/// Which part of a mail is shown: `text`, `source`, or the HTML.
#[derive(Debug, Deserialize)]
pub(super) struct ViewQuery {
    show: Option<String>,
}

pub(super) async fn message(
    _: InboxAllowed,
    State(web): Shared,
    site: Site,
    Path(id): Path<String>,
    Query(ViewQuery { show }): Query<ViewQuery>,
) -> Result<Html<String>, WebError> {
    let mail = find(&web, &id).await?;
    let parsed = MessageParser::default().parse(&mail.message);
    let text = parsed
        .as_ref()
        .and_then(|message| message.body_text(0))
        .unwrap_or_default()
        .into_owned();
    let links = text
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"'))
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"));
    let mut distinct: Vec<String> = Vec::new();
    for link in links {
        if !distinct.iter().any(|known| known == link) {
            distinct.push(link.to_owned());
        }
    }
    let view = match show.as_deref() {
        Some("text") => InboxView::Text(text),
        Some("source") => InboxView::Source(String::from_utf8_lossy(&mail.message).into_owned()),
        _ => InboxView::Html,
    };
    page(&InboxMessagePage {
        message: line(&mail, &site.words),
        site,
        view,
        links: distinct,
    })
}

pub(super) async fn html(
    _: InboxAllowed,
    State(web): Shared,
    site: Site,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let mail = find(&web, &id).await?;
    let parsed = MessageParser::default().parse(&mail.message);
    let html = parsed.as_ref().and_then(|message| {
        let part = message.html_part(0)?;
        part.is_content_type("text", "html")
            .then(|| message.body_html(0))
            .flatten()
    });
    let body = html.map_or_else(
        || format!("<p>{}</p>", site.words.no_html_part()),
        std::borrow::Cow::into_owned,
    );
    Ok(([(header::CONTENT_SECURITY_POLICY, mail_policy(&web))], Html(body)).into_response())
}

async fn find(web: &Web, id: &str) -> Result<CapturedMail, WebError> {
    let id = id.parse().map_err(|_| WebError::NotFound)?;
    web.app
        .store
        .read()
        .await?
        .captured_mail(id)
        .await?
        .ok_or(WebError::NotFound)
}

fn line(mail: &CapturedMail, words: &Words) -> InboxLine {
    let parsed = MessageParser::default().parse_headers(&mail.message);
    let parsed = parsed.as_ref();
    let from = parsed
        .and_then(|message| message.from())
        .and_then(|from| from.first())
        .map(|from| {
            let address = from.address().unwrap_or_default();
            from.name()
                .map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>"))
        });
    InboxLine {
        id: mail.id.to_string(),
        subject: parsed
            .and_then(|message| message.subject())
            .map_or_else(|| words.no_subject(), str::to_owned),
        from: from.unwrap_or_default(),
        to: mail.recipient.clone(),
        time: Stamp::utc(mail.received_at),
        bytes: mail.message.len(),
    }
}
