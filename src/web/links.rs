//! The confirmation links of mails, and what all pages behind a mailed link share. GET shows a button and changes nothing, POST acts: link
//! scanners open every address in a mail.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use tokio::time::Instant;

use super::client::Client;
use super::error::{WebError, page};
use super::error_pages::explained;
use super::origin::OwnPage;
use super::pages::{ConfirmFailedPage, ConfirmFailure, ConfirmPage, ConfirmedPage, NewestIssue, Site};
use super::signup::{hide_duration, too_many};
use super::state::{Shared, Web};
use crate::digest::archived_issue_path;
use crate::digest::rules::language_of;
use crate::signup::{self, Link, SignupError};
use crate::unsubscribe;

pub(super) async fn confirm_page(
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let link = signup::look_up(&web.app, &token).await?;
    match link {
        Link::Open(newsletters) => {
            let action = format!("/confirm/{}", encode(&token));
            Ok(page(&ConfirmPage {
                site,
                newsletters,
                action,
            })?
            .into_response())
        }
        other => confirmation_result(&web, site, other, &token).await,
    }
}

pub(super) async fn confirm(
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
    Client(network): Client,
) -> Result<Response, WebError> {
    let link = signup::confirm(&web.signups, &token, Some(network)).await?;
    confirmation_result(&web, site, link, &token).await
}

/// The page for a link that was confirmed, now or before, or that does not work.
async fn confirmation_result(web: &Web, site: Site, link: Link, token: &str) -> Result<Response, WebError> {
    let (status, failure) = match link {
        Link::Confirmed(newsletters) => {
            return Ok(page(&ConfirmedPage {
                site,
                newsletters,
                latest: latest_issues(web, token).await?,
            })?
            .into_response());
        }
        Link::Superseded => (StatusCode::GONE, ConfirmFailure::Superseded),
        Link::Used => (StatusCode::GONE, ConfirmFailure::Used),
        Link::Expired | Link::Open(_) => (StatusCode::GONE, ConfirmFailure::Expired),
        Link::Unknown => (StatusCode::NOT_FOUND, ConfirmFailure::Unknown),
    };
    let asked_for = signup::newsletters_of_link(&web.app, token).await?;
    let public = web.newsletters().await?;
    let shown = page(&ConfirmFailedPage {
        within: site.words.within(web.app.config.signup.token_ttl),
        site,
        failure,
        can_sign_up: match failure {
            ConfirmFailure::Unknown => !public.is_empty(),
            // A removed newsletter cannot be had by signing up again.
            ConfirmFailure::Expired | ConfirmFailure::Used | ConfirmFailure::Superseded => {
                public.iter().any(|known| asked_for.contains(&known.slug))
            }
        },
        new_link: format!("/confirm/{}/new", encode(token)),
    })?;
    Ok((status, shown).into_response())
}

/// The newest issue of each newsletter that a link has confirmed, if the archive has one.
async fn latest_issues(web: &Web, token: &str) -> Result<Vec<NewestIssue>, WebError> {
    let mut latest = Vec::new();
    let confirmed = signup::newsletters_of_link(&web.app, token).await?;
    let public = web.newsletters().await?;
    let mut tx = web.app.store.read().await?;
    for newsletter in public.iter().filter(|known| confirmed.contains(&known.slug)) {
        let past = tx.past_issues(Some(newsletter.id), None, 1).await?;
        latest.extend(past.into_iter().map(|issue| NewestIssue {
            href: archived_issue_path(&issue.newsletter_slug, issue.number),
            subject: issue.subject,
            language: language_of(&web.app, newsletter),
        }));
    }
    Ok(latest)
}

/// POST `/confirm/{token}/new`: signs up again, as the link was for. The answer is that of any sign-up.
pub(super) async fn new_link(
    _: OwnPage,
    State(web): Shared,
    Path(token): Path<String>,
    Client(network): Client,
) -> Result<Response, WebError> {
    let begun = Instant::now();
    let Some(mut request) = signup::request_again(&web.app, &token, Some(network)).await? else {
        return Ok(Redirect::to(&format!("/confirm/{}", encode(&token))).into_response());
    };
    // A newsletter may have been removed since, and a topic may be gone.
    let public = web.newsletters().await?;
    request
        .newsletters
        .retain(|slug| public.iter().any(|known| known.slug == *slug));
    if request.newsletters.is_empty() {
        return Err(WebError::NotFound);
    }
    let requested = match web.signups.request(request.clone()).await {
        Err(SignupError::Topic(_)) => {
            request.topics.clear();
            web.signups.request(request).await
        }
        requested => requested,
    };
    match requested {
        Ok(()) => {
            hide_duration(begun).await;
            Ok(Redirect::to("/subscribe/sent").into_response())
        }
        Err(SignupError::TooMany) => Ok(too_many()),
        Err(SignupError::Template(error)) => Err(askama::Error::custom(error).into()),
        Err(SignupError::Store(error)) => Err(error.into()),
        Err(_) => Err(WebError::NotFound),
    }
}

/// GET `/confirm/{token}/new`: the page with the button.
pub(super) async fn back(Path(token): Path<String>) -> Redirect {
    Redirect::to(&format!("/confirm/{}", encode(&token)))
}

/// Encodes a token for a path, as the mailed link has it.
pub(super) fn encode(token: &str) -> String {
    percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%5F", "_")
        .replace("%2D", "-")
}

/// The page for a link of a digest without a subscription. The link of a test mail is valid and does nothing. One that was not made by
/// this site may be a damaged one, so the page says how to unsubscribe.
pub(super) fn no_subscription(web: &Web, site: Site, token: &str) -> Result<Response, WebError> {
    let words = &site.words;
    let (status, texts) = if unsubscribe::is_of_test(&web.app, token) {
        let happened = words.test_link_happened();
        (
            StatusCode::OK,
            [words.test_link_title(), happened, words.test_link_next()],
        )
    } else if unsubscribe::is_signed(&web.app, token) {
        return erased(site);
    } else {
        let happened = words.bad_link_happened();
        (
            StatusCode::NOT_FOUND,
            [words.bad_link_title(), happened, words.bad_link_next()],
        )
    };
    explained(site, status, texts)
}

/// The page for a link whose subscriber is not on record any more.
pub(super) fn erased(site: Site) -> Result<Response, WebError> {
    let words = &site.words;
    let happened = words.nothing_on_record_happened();
    let texts = [words.nothing_on_record_title(), happened, words.subscribe_again_next()];
    explained(site, StatusCode::GONE, texts)
}
