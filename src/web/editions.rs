//! GET `/editions/{token}`: an edition as it was sent, for the readers who got it. The link is in each of its mails, and is the same for
//! all its readers, so a forwarded mail does not show who received it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::archive::body;
use super::error::{WebError, page};
use super::pages::{EditionOf, ErrorPage, IssuePage, Site, Stamp};
use super::signup_form::own_form_for;
use super::state::Shared;
use crate::digest::archive::read_edition;
use crate::digest::archived_issue_path;
use crate::domain::ids::IssueId;
use crate::domain::signed_links::{LinkPurpose, SignedLinkError};

pub(super) async fn edition(State(web): Shared, site: Site, Path(token): Path<String>) -> Result<Response, WebError> {
    let now = web.app.clock.now();
    let id = match web.app.keys.open_link_token(LinkPurpose::Edition, &token, now) {
        Ok(link) => IssueId(link.subject),
        Err(SignedLinkError::Expired) => return expired(site),
        Err(SignedLinkError::Unknown) => return Err(WebError::NotFound),
    };
    let mut tx = web.app.store.read_snapshot().await?;
    let Some(edition) = tx.issue(id).await? else {
        return Err(WebError::NotFound);
    };
    let newsletter = tx.newsletter(edition.newsletter_id).await?;
    let is_shown = newsletter.archive && newsletter.public && newsletter.removed_at.is_none();
    let (Some(started_at), true) = (edition.started_at, is_shown) else {
        return Err(WebError::NotFound);
    };
    drop(tx);
    let stories = web.edition_stories.of(&web.app, id).await?;
    let mut tx = web.app.store.read_snapshot().await?;
    let Some(archived) = read_edition(&mut tx, &edition, &stories, &site.words).await? else {
        return Err(WebError::NotFound);
    };
    drop(tx);
    let issue = archived_issue_path(&newsletter.slug, edition.number);
    let shown = IssuePage {
        form: own_form_for(&web, &site, &newsletter.slug).await?,
        number: edition.number,
        subject: edition.subject,
        date_line: archived.date_line.clone(),
        canonical: web.app.link(&issue),
        time: Stamp::in_zone(started_at, newsletter.timezone),
        edition: Some(EditionOf {
            issue,
            combined: archived.combined.clone(),
        }),
        issue: body(&web, &site.words, newsletter.timezone, archived, ""),
        previous: None,
        next: None,
        slug: newsletter.slug,
        newsletter: newsletter.name,
        site,
    };
    Ok(page(&shown)?.into_response())
}

fn expired(site: Site) -> Result<Response, WebError> {
    let shown = page(&ErrorPage {
        status: StatusCode::GONE.as_u16(),
        title: site.words.link_expired_heading(),
        happened: site.words.edition_expired(),
        next: site.words.edition_expired_next(),
        site,
    })?;
    Ok((StatusCode::GONE, shown).into_response())
}
