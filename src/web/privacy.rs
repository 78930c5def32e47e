//! Export and erasure by the reader. The page of preferences mails a second link; GET of that link shows a button, POST acts.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::{WebError, page};
use super::links::encode;
use super::origin::PostedFrom;
use super::pages::{LinkSentPage, PrivacyAction, PrivacyPage, Site};
use super::reader_link::{failed_link, mail_link, open_mailed_link, reader_of};
use super::state::{Shared, Web};
use crate::domain::address::EmailAddress;
use crate::domain::signed_links::LinkPurpose;
use crate::privacy::{self, MailedLink};

/// POST `/preferences/{token}/manage`: mails the link to all subscriptions.
pub(super) async fn request_manage(
    _: PostedFrom,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    request_link(&web, site, &token, MailedLink::Manage).await
}

/// POST `/preferences/{token}/export`: mails the link that exports.
pub(super) async fn request_export(
    _: PostedFrom,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    request_link(&web, site, &token, MailedLink::Export).await
}

/// POST `/preferences/{token}/erase`: mails the link that erases.
pub(super) async fn request_erasure(
    _: PostedFrom,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    request_link(&web, site, &token, MailedLink::Erasure).await
}

async fn request_link(web: &Web, site: Site, token: &str, link: MailedLink) -> Result<Response, WebError> {
    match reader_of(web, &site, token).await? {
        Ok(reader) => mail_link(web, site, token, &reader, link).await,
        Err(answer) => Ok(answer),
    }
}

/// GET `/preferences/{token}/sent`, after a link was mailed.
pub(super) async fn link_sent(site: Site, Path(token): Path<String>) -> Result<Response, WebError> {
    Ok(page(&LinkSentPage {
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
    match address_of(web, &site, purpose, token).await? {
        Ok(address) => Ok(page(&PrivacyPage {
            site,
            action,
            post_to: format!("/{}/{}", action.path(), encode(token)),
            address: address.as_typed().to_owned(),
        })?
        .into_response()),
        Err(answer) => Ok(answer),
    }
}

/// POST `/export/{token}`: the JSON document as a file. It changes nothing, so the link works again until it expires.
pub(super) async fn export(
    _: PostedFrom,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let address = match address_of(&web, &site, LinkPurpose::Export, &token).await? {
        Ok(address) => address,
        Err(answer) => return Ok(answer),
    };
    let document = privacy::export(&web.app, &address).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\""),
    ];
    Ok((headers, format!("{document:#}\n")).into_response())
}

/// POST `/erase/{token}`: erases everything on record.
pub(super) async fn erase(
    _: PostedFrom,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let address = match address_of(&web, &site, LinkPurpose::Erasure, &token).await? {
        Ok(address) => address,
        Err(answer) => return Ok(answer),
    };
    privacy::erase(&web.app, &address).await?;
    Ok(page(&PrivacyPage {
        site,
        action: PrivacyAction::Erased,
        post_to: String::new(),
        address: String::new(),
    })?
    .into_response())
}

/// The address that a link is about, or the page that says why the link does not work.
async fn address_of(
    web: &Web,
    site: &Site,
    purpose: LinkPurpose,
    token: &str,
) -> Result<Result<EmailAddress, Response>, WebError> {
    Ok(match open_mailed_link(web, purpose, token).await? {
        Ok(subscriber) => Ok(subscriber.address),
        Err(failure) => Err(failed_link(site, purpose, &failure)?),
    })
}
