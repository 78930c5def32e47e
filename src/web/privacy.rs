//! Export and erasure by the reader. The page of preferences mails a second link; GET of that link shows a button, POST acts.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::{WebError, page};
use super::links::encode;
use super::origin::OwnPage;
use super::pages::{LinkSentPage, PrivacyAction, PrivacyPage, Site};
use super::reader_link::{link_of, mail_link, reader_of, refused};
use super::state::{Shared, Web};
use crate::domain::signed_links::LinkPurpose;
use crate::privacy::{self, MailedLink};

/// POST `/preferences/{token}/manage`: mails the link to all subscriptions.
pub(super) async fn request_manage(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    request_link(&web, site, &token, MailedLink::Manage).await
}

/// POST `/preferences/{token}/export`: mails the link that exports.
pub(super) async fn request_export(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    request_link(&web, site, &token, MailedLink::Export).await
}

/// POST `/preferences/{token}/erase`: mails the link that erases.
pub(super) async fn request_erasure(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    request_link(&web, site, &token, MailedLink::Erasure).await
}

async fn request_link(web: &Web, site: Site, token: &str, link: MailedLink) -> Result<Response, WebError> {
    let reader = reader_of(web, &site, token).await?;
    mail_link(web, site, token, &reader, link).await
}

/// GET `/preferences/{token}/sent`, after a link was mailed.
pub(super) async fn link_sent(State(web): Shared, site: Site, Path(token): Path<String>) -> Result<Response, WebError> {
    Ok(page(&LinkSentPage {
        within: site.words.within(web.app.config.privacy.link_ttl),
        site,
        preferences: format!("/preferences/{}", encode(&token)),
    })?
    .into_response())
}

/// GET `/export/{token}`: the button that downloads the export.
pub(super) async fn export_page(
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    show(&web, site, LinkPurpose::Export, PrivacyAction::Export, &token).await
}

/// GET `/erase/{token}`: the button that erases.
pub(super) async fn erasure_page(
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    show(&web, site, LinkPurpose::Erasure, PrivacyAction::Erase, &token).await
}

async fn show(
    web: &Web,
    site: Site,
    purpose: LinkPurpose,
    action: PrivacyAction,
    token: &str,
) -> Result<Response, WebError> {
    let link = link_of(web, &site, purpose, token)?;
    let subscriber = match privacy::subscriber_of_link(&web.app, &link).await? {
        Ok(subscriber) => subscriber,
        Err(refusal) => return Err(refused(web, &site, purpose, refusal)?),
    };
    Ok(page(&PrivacyPage {
        site,
        action,
        post_to: format!("/{}/{}", action.path(), encode(token)),
        address: subscriber.address.as_typed().to_owned(),
    })?
    .into_response())
}

/// POST `/export/{token}`: the JSON document as a file. It changes nothing, so the link works again until it expires.
pub(super) async fn export(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let link = link_of(&web, &site, LinkPurpose::Export, &token)?;
    let document = match privacy::export_by_link(&web.app, &link).await? {
        Ok(document) => document,
        Err(refusal) => return Err(refused(&web, &site, LinkPurpose::Export, refusal)?),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\""),
    ];
    Ok((headers, format!("{document:#}\n")).into_response())
}

/// POST `/erase/{token}`: erases everything on record.
pub(super) async fn erase(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let link = link_of(&web, &site, LinkPurpose::Erasure, &token)?;
    if let Err(refusal) = privacy::erase_by_link(&web.app, &link).await? {
        return Err(refused(&web, &site, LinkPurpose::Erasure, refusal)?);
    }
    Ok(page(&PrivacyPage {
        site,
        action: PrivacyAction::Erased,
        post_to: String::new(),
        address: String::new(),
    })?
    .into_response())
}
