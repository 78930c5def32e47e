//! The links in mails: GET shows a button and changes nothing, POST acts.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::client::Client;
use super::error::{WebError, page};
use super::pages::{
    ConfirmFailedPage, ConfirmFailure, ConfirmPage, ConfirmedPage, ErrorPage, UnsubscribePage, UnsubscribedPage,
};
use super::{Shared, Web};
use crate::domain::consent::ConsentSource;
use crate::domain::states::SubscriptionState;
use crate::signup::{self, Link};
use crate::store::subscriptions::Subscription;
use crate::unsubscribe;

/// GET `/confirm/{token}`
pub async fn confirm_page(State(web): Shared, Path(token): Path<String>) -> Result<Response, WebError> {
    let link = signup::look_up(&web.app, &token).await?;
    match link {
        Link::Open(newsletters) => {
            let action = format!("/confirm/{}", encode(&token));
            Ok(page(&ConfirmPage {
                site: web.site(),
                newsletters,
                action,
            })?
            .into_response())
        }
        other => after(&web, other),
    }
}

/// POST `/confirm/{token}`
pub async fn confirm(
    State(web): Shared,
    Path(token): Path<String>,
    Client(network): Client,
) -> Result<Response, WebError> {
    let link = signup::confirm(&web.app, &token, Some(network)).await?;
    after(&web, link)
}

fn after(web: &Web, link: Link) -> Result<Response, WebError> {
    let (status, failure) = match link {
        Link::Confirmed(newsletters) => {
            return Ok(page(&ConfirmedPage {
                site: web.site(),
                newsletters,
            })?
            .into_response());
        }
        Link::Used => (StatusCode::GONE, ConfirmFailure::Used),
        Link::Expired | Link::Open(_) => (StatusCode::GONE, ConfirmFailure::Expired),
        Link::Unknown => (StatusCode::NOT_FOUND, ConfirmFailure::Unknown),
    };
    Ok((
        status,
        page(&ConfirmFailedPage {
            site: web.site(),
            failure,
        })?,
    )
        .into_response())
}

/// GET `/unsubscribe/{token}`: the button, or the page that says that the subscription has ended.
pub async fn unsubscribe_page(State(web): Shared, Path(token): Path<String>) -> Result<Response, WebError> {
    let Some(there) = unsubscribe::look_up(&web.app, &token).await? else {
        return no_subscription(&web, &token);
    };
    if there.state == SubscriptionState::Unsubscribed {
        return left(&web, there);
    }
    let token = encode(&token);
    Ok(page(&UnsubscribePage {
        site: web.site(),
        newsletter: there.newsletter_name,
        action: format!("/unsubscribe/{token}"),
        rather: format!("/preferences/{token}"),
    })?
    .into_response())
}

/// POST `/unsubscribe/{token}`, by the button or in one click (RFC 8058): urlencoded, multipart or empty, it is the
/// address that counts. Done before the answer; no redirect, no cookie; a second time changes nothing.
pub async fn unsubscribe(
    State(web): Shared,
    Path(token): Path<String>,
    Client(network): Client,
    body: Bytes,
) -> Result<Response, WebError> {
    let Some(there) = unsubscribe::look_up(&web.app, &token).await? else {
        return no_subscription(&web, &token);
    };
    let one_click = body.windows(9).any(|part| part.eq_ignore_ascii_case(b"One-Click"));
    let source = if one_click {
        ConsentSource::OneClick
    } else {
        ConsentSource::Page
    };
    unsubscribe::unsubscribe(&web.app, there.id, &source, Some(network)).await?;
    left(&web, there)
}

fn left(web: &Web, there: Subscription) -> Result<Response, WebError> {
    let back = format!("/subscribe?newsletter={}", there.newsletter_slug);
    Ok(page(&UnsubscribedPage {
        site: web.site(),
        newsletter: there.newsletter_name,
        back,
    })?
    .into_response())
}

/// A token as it stood in the address.
pub fn encode(token: &str) -> String {
    percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%5F", "_")
        .replace("%2D", "-")
}

/// The page for a link without a subscription. The link of a test copy is valid and does nothing. Any other link was not made
/// by this site, so the page says how to unsubscribe.
pub fn no_subscription(web: &Web, token: &str) -> Result<Response, WebError> {
    let (status, title, happened, next) = if unsubscribe::is_of_test(&web.app, token) {
        (
            StatusCode::OK,
            "This link is from a test",
            "This link is from a test email. It belongs to no subscription, so it does nothing.",
            "Every reader’s email has a link of their own in this place.",
        )
    } else {
        (
            StatusCode::NOT_FOUND,
            "This link doesn’t work",
            "It may be mistyped or cut off. Nothing was changed.",
            "Open the email again and use the link at its foot, or your mail program’s unsubscribe button.",
        )
    };
    let shown = page(&ErrorPage {
        site: web.site(),
        status: status.as_u16(),
        title: title.into(),
        happened: happened.into(),
        next: next.into(),
    })?;
    Ok((status, shown).into_response())
}
