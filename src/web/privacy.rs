//! Export and erasure by the reader. The page of preferences mails a second link; GET of that link shows a button, POST acts.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::error::{WebError, page};
use super::links::{encode, no_subscription};
use super::origin::PostedFrom;
use super::pages::{ErrorPage, LinkSentPage, PrivacyAction, PrivacyPage, Site};
use super::state::{Shared, Web};
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::domain::signed_links::{LinkPurpose, SignedLinkError};
use crate::privacy::{self, LinkMailError, MailedLink};
use crate::unsubscribe::look_up;

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
    let Some(subscription) = look_up(&web.app, token).await? else {
        return no_subscription(web, site, token);
    };
    match privacy::request_link(&web.app, &subscription, link).await {
        // A page that is loaded again must not mail again.
        Ok(()) => Ok(Redirect::to(&format!("/preferences/{}/sent", encode(token))).into_response()),
        Err(LinkMailError::Store(error)) => Err(error.into()),
        Err(LinkMailError::Template(error)) => Err(error.into()),
        Err(LinkMailError::TooMany) => {
            let shown = page(&ErrorPage {
                site,
                status: StatusCode::TOO_MANY_REQUESTS.as_u16(),
                title: "No more mails today".into(),
                happened: "Your mailbox has got several of these mails today, so we sent no other one.".into(),
                next: "Use the link in one of them, or try again tomorrow.".into(),
            })?;
            Ok((StatusCode::TOO_MANY_REQUESTS, shown).into_response())
        }
    }
}

/// GET `/preferences/{token}/sent`, after a link was mailed.
pub(super) async fn link_sent(State(web): Shared, site: Site, Path(token): Path<String>) -> Result<Response, WebError> {
    Ok(page(&LinkSentPage {
        site,
        preferences: format!("/preferences/{}", encode(&token)),
        valid_for: humantime::format_duration(web.app.config.privacy.link_ttl).to_string(),
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
    let (status, title, happened) = match web.app.keys.open_link_token(purpose, token, web.app.clock.now()) {
        Ok(link) => {
            let id = SubscriberId(link.subject);
            match web.app.store.read().await?.subscriber(id).await? {
                Some(subscriber) => return Ok(Ok(subscriber.address)),
                None => (
                    StatusCode::GONE,
                    "Nothing is on record",
                    "Everything about you was erased.",
                ),
            }
        }
        Err(SignedLinkError::Expired) => (
            StatusCode::GONE,
            "This link has expired",
            "Links of this kind work for a short time. Nothing was changed.",
        ),
        Err(SignedLinkError::Unknown) => (
            StatusCode::NOT_FOUND,
            "This link doesn’t work",
            "It may be mistyped or cut off. Nothing was changed.",
        ),
    };
    let shown = page(&ErrorPage {
        site: site.clone(),
        status: status.as_u16(),
        title: title.into(),
        happened: happened.into(),
        next: "To get a new link, open “Manage your subscription” at the foot of one of our emails.".into(),
    })?;
    Ok(Err((status, shown).into_response()))
}
