//! The links of a change of address: the one in the mail to the new address makes it, the one in the mail to the old address undoes it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::error::{WebError, page};
use super::error_pages::explained;
use super::links::encode;
use super::origin::OwnPage;
use super::pages::{AddressPage, AddressStep, Site};
use super::state::{Shared, Web};
use crate::preferences::address::{self, AddressChangeError, AddressLink};

/// GET `/preferences/{token}/address/sent`, after a link was mailed to the new address.
pub(super) async fn sent(site: Site, Path(token): Path<String>) -> Result<Response, WebError> {
    Ok(page(&AddressPage {
        site,
        step: AddressStep::Requested,
        action: format!("/preferences/{}", encode(&token)),
    })?
    .into_response())
}

/// GET `/address/{token}`: the button that makes the change.
pub(super) async fn confirm_page(
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    show(&web, site, AddressLink::Confirm, &token).await
}

/// GET `/address/undo/{token}`: the button that undoes it.
pub(super) async fn undo_page(State(web): Shared, site: Site, Path(token): Path<String>) -> Result<Response, WebError> {
    show(&web, site, AddressLink::Undo, &token).await
}

/// POST `/address/{token}`: makes the change.
pub(super) async fn confirm(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    change(&web, site, AddressLink::Confirm, &token).await
}

/// POST `/address/undo/{token}`: undoes the change.
pub(super) async fn undo(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    change(&web, site, AddressLink::Undo, &token).await
}

async fn show(web: &Web, site: Site, link: AddressLink, token: &str) -> Result<Response, WebError> {
    let is_used = match address::look_up(&web.app, link, token).await {
        Ok(is_used) => is_used,
        Err(error) => return failed(web, site, link, error),
    };
    let (step, path) = match link {
        _ if is_used => (done(link), ""),
        AddressLink::Confirm => (AddressStep::Confirm, "/address"),
        AddressLink::Undo => (AddressStep::Undo, "/address/undo"),
    };
    Ok(page(&AddressPage {
        site,
        step,
        action: format!("{path}/{}", encode(token)),
    })?
    .into_response())
}

const fn done(link: AddressLink) -> AddressStep {
    match link {
        AddressLink::Confirm => AddressStep::Confirmed,
        AddressLink::Undo => AddressStep::Undone,
    }
}

async fn change(web: &Web, site: Site, link: AddressLink, token: &str) -> Result<Response, WebError> {
    if let Err(error) = address::change(&web.app, link, token).await {
        return failed(web, site, link, error);
    }
    Ok(page(&AddressPage {
        site,
        step: done(link),
        action: String::new(),
    })?
    .into_response())
}

fn failed(web: &Web, site: Site, link: AddressLink, error: AddressChangeError) -> Result<Response, WebError> {
    let words = &site.words;
    let privacy = &web.app.config.privacy;
    let lifetime = match link {
        AddressLink::Confirm => privacy.link_ttl,
        AddressLink::Undo => privacy.undo_address_within,
    };
    let (status, texts) = match error {
        AddressChangeError::Store(error) => return Err(error.into()),
        AddressChangeError::Template(error) => return Err(error.into()),
        AddressChangeError::Expired => {
            let next = match link {
                AddressLink::Confirm => words.change_address_next(),
                AddressLink::Undo => words.undo_address_expired_next(),
            };
            let texts = [
                words.short_link_expired_title(),
                words.short_link_expired_happened(words.within(lifetime)),
                next,
            ];
            (StatusCode::GONE, texts)
        }
        AddressChangeError::Undone => {
            let happened = words.address_change_undone_happened();
            let texts = [
                words.address_change_undone_title(),
                happened,
                words.change_address_next(),
            ];
            (StatusCode::GONE, texts)
        }
        AddressChangeError::Replaced => {
            let happened = words.address_change_replaced_happened();
            let texts = [
                words.address_change_replaced_title(),
                happened,
                words.change_address_next(),
            ];
            (StatusCode::GONE, texts)
        }
        AddressChangeError::Suppressed => {
            let happened = words.address_suppressed();
            let texts = [
                words.address_not_changed_title(),
                happened,
                words.address_suppressed_next(),
            ];
            (StatusCode::CONFLICT, texts)
        }
        AddressChangeError::Taken => {
            let happened = words.address_taken_happened();
            let texts = [words.address_taken_title(), happened, words.address_taken_next()];
            (StatusCode::CONFLICT, texts)
        }
        AddressChangeError::Unknown => {
            let texts = [
                words.bad_link_title(),
                words.bad_link_happened(),
                words.open_link_again_next(),
            ];
            (StatusCode::NOT_FOUND, texts)
        }
    };
    explained(site, status, texts)
}
