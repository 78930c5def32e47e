//! The page that mails a lost link. Its answer is the same for every address, and takes about the same time.

use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use tokio::time::Instant;

use super::client::Client;
use super::error::{WebError, page};
use super::error_pages::explained;
use super::field_problems::address_problem;
use super::form::Form;
use super::origin::OwnPage;
use super::pages::{LostLinkPage, LostLinkSentPage, Site};
use super::signup::{RETRY_AFTER_LIMIT, hide_duration};
use super::state::Shared;
use crate::domain::address::EmailAddress;
use crate::privacy::{LinkMailError, mail_lost_link};
use crate::signup::SignupError;

pub(super) async fn form(site: Site) -> Result<Html<String>, WebError> {
    page(&LostLinkPage {
        site,
        email: String::new(),
        problem: None,
    })
}

pub(super) async fn submit(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Client(network): Client,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let begun = Instant::now();
    let email = Form::read(&body).text("email");
    match web.signups.count_lost_link(network).await {
        Ok(()) => {}
        Err(SignupError::Store(error)) => return Err(error.into()),
        Err(_) => {
            let words = &site.words;
            let texts = [
                words.too_many_requests_title(),
                words.too_many_lost_links_happened(),
                words.too_many_next(),
            ];
            let page = explained(site, StatusCode::TOO_MANY_REQUESTS, texts)?;
            return Ok((RETRY_AFTER_LIMIT, page).into_response());
        }
    }
    let address = match EmailAddress::parse(&email) {
        Ok(address) => address,
        Err(error) => {
            let problem = address_problem(&error, &site.words);
            let shown = page(&LostLinkPage {
                site,
                email: email.chars().take(320).collect(),
                problem: Some(problem),
            })?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
        }
    };
    match mail_lost_link(&web.signups, &address).await {
        Ok(()) | Err(LinkMailError::TooMany | LinkMailError::Refused(_)) => {}
        Err(LinkMailError::Store(error)) => return Err(error.into()),
        Err(LinkMailError::Template(error)) => return Err(error.into()),
    }
    hide_duration(begun).await;
    Ok(Redirect::to("/lost-link/sent").into_response())
}

pub(super) async fn sent(site: Site) -> Result<Html<String>, WebError> {
    page(&LostLinkSentPage { site })
}
