//! The built-in inbox: mail that was captured because no relay is set.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use mail_parser::{MessageParser, MimeHeaders};
use serde::Deserialize;

use super::error::{WebError, page};
use super::pages::{InboxLine, InboxMessagePage, InboxPage, InboxView, Stamp};
use super::{Shared, Web};
use crate::store::captured_mails::CapturedMail;

/// Mails in the list.
const LIST: i64 = 100;

/// A mail's own HTML may style itself and show pictures; it runs nothing, asks nothing and leads nowhere.
const MAIL_POLICY: &str =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; frame-ancestors 'self'";

/// GET `/inbox`
pub async fn list(State(web): Shared) -> Result<Html<String>, WebError> {
    open(&web)?;
    let mails = web.app.store.read().await?.captured_mails(LIST).await?;
    page(&InboxPage {
        site: web.site(),
        messages: mails.iter().map(line).collect(),
    })
}

/// What to show of a mail.
#[derive(Debug, Deserialize)]
pub struct Show {
    show: Option<String>,
}

/// GET `/inbox/{id}`
pub async fn message(
    State(web): Shared,
    Path(id): Path<String>,
    Query(Show { show }): Query<Show>,
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
    let mut seen = Vec::new();
    for link in links {
        if !seen.iter().any(|there| there == link) {
            seen.push(link.to_owned());
        }
    }
    let view = match show.as_deref() {
        Some("text") => InboxView::Text(text),
        Some("source") => InboxView::Source(String::from_utf8_lossy(&mail.message).into_owned()),
        _ => InboxView::Html,
    };
    page(&InboxMessagePage {
        site: web.site(),
        message: line(&mail),
        view,
        links: seen,
    })
}

/// GET `/inbox/{id}/html`
pub async fn html(State(web): Shared, Path(id): Path<String>) -> Result<Response, WebError> {
    let mail = find(&web, &id).await?;
    let parsed = MessageParser::default().parse(&mail.message);
    let html = parsed.as_ref().and_then(|message| {
        let part = message.html_part(0)?;
        part.is_content_type("text", "html")
            .then(|| message.body_html(0))
            .flatten()
    });
    let body = html.map_or_else(
        || "<p>This mail has no HTML part.</p>".to_owned(),
        std::borrow::Cow::into_owned,
    );
    Ok(([(header::CONTENT_SECURITY_POLICY, MAIL_POLICY)], Html(body)).into_response())
}

/// With a relay set there is no inbox.
fn open(web: &Web) -> Result<(), WebError> {
    if web.app.config.captures_mail() {
        Ok(())
    } else {
        Err(WebError::NotFound)
    }
}

async fn find(web: &Web, id: &str) -> Result<CapturedMail, WebError> {
    open(web)?;
    let id = id.parse().map_err(|_| WebError::NotFound)?;
    web.app
        .store
        .read()
        .await?
        .captured_mail(id)
        .await?
        .ok_or(WebError::NotFound)
}

fn line(mail: &CapturedMail) -> InboxLine {
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
            .unwrap_or("(no subject)")
            .to_owned(),
        from: from.unwrap_or_default(),
        to: mail.recipient.clone(),
        time: Stamp::utc(mail.received_at),
        bytes: mail.message.len(),
    }
}
