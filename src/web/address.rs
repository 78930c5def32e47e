//! The links of a change of address: the one in the mail to the new address makes it, the one in the mail to the old address undoes it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::error::{WebError, page};
use super::links::encode;
use super::origin::PostedFrom;
use super::pages::{AddressPage, AddressStep, ErrorPage, Site};
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
    _: PostedFrom,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    change(&web, site, AddressLink::Confirm, &token).await
}

/// POST `/address/undo/{token}`: undoes the change.
pub(super) async fn undo(
    _: PostedFrom,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    change(&web, site, AddressLink::Undo, &token).await
}

async fn show(web: &Web, site: Site, link: AddressLink, token: &str) -> Result<Response, WebError> {
    let is_used = match address::look_up(&web.app, link, token).await {
        Ok(is_used) => is_used,
        Err(error) => return failed(site, error),
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
        return failed(site, error);
    }
    Ok(page(&AddressPage {
        site,
        step: done(link),
        action: String::new(),
    })?
    .into_response())
}

fn failed(site: Site, error: AddressChangeError) -> Result<Response, WebError> {
    let words = &site.words;
    let (status, title, happened) = match error {
        AddressChangeError::Store(error) => return Err(error.into()),
        AddressChangeError::Template(error) => return Err(error.into()),
        AddressChangeError::Expired => (
            StatusCode::GONE,
            words.short_link_expired_title(),
            words.short_link_expired_happened(),
        ),
        AddressChangeError::Taken | AddressChangeError::Blocked => (
            StatusCode::CONFLICT,
            words.address_taken_title(),
            words.address_taken_happened(),
        ),
        AddressChangeError::Unknown | AddressChangeError::Same | AddressChangeError::TooMany => {
            (StatusCode::NOT_FOUND, words.bad_link_title(), words.bad_link_happened())
        }
    };
    let next = words.new_link_next();
    let shown = page(&ErrorPage {
        site,
        status: status.as_u16(),
        title,
        happened,
        next,
    })?;
    Ok((status, shown).into_response())
}
