//! The confirmation and unsubscribe links of mails. GET shows a button and changes nothing, POST acts: link scanners open every
//! address in a mail.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::client::Client;
use super::error::{WebError, page};
use super::pages::{
    ConfirmFailedPage, ConfirmFailure, ConfirmPage, ConfirmedPage, ErrorPage, Site, UnsubscribePage, UnsubscribedPage,
};
use super::state::{Shared, Web};
use crate::domain::consent::ConsentSource;
use crate::domain::states::SubscriptionState;
use crate::signup::{self, Link};
use crate::store::subscriptions::Subscription;
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
            return Ok(page(&ConfirmedPage { site, newsletters })?.into_response());
        }
        Link::Used => (StatusCode::GONE, ConfirmFailure::Used),
        Link::Expired | Link::Open(_) => (StatusCode::GONE, ConfirmFailure::Expired),
        Link::Unknown => (StatusCode::NOT_FOUND, ConfirmFailure::Unknown),
    };
    let asked_for = signup::newsletters_of_link(&web.app, token).await?;
    let public = web.newsletters().await?;
    let shown = page(&ConfirmFailedPage {
        site,
        failure,
        can_sign_up: match failure {
            ConfirmFailure::Unknown => !public.is_empty(),
            // A removed newsletter cannot be had by signing up again.
            ConfirmFailure::Expired | ConfirmFailure::Used => {
                public.iter().any(|known| asked_for.contains(&known.slug))
            }
        },
    })?;
    Ok((status, shown).into_response())
}

/// GET `/unsubscribe/{token}`: a button, or if the subscription has ended already, a page that says so.
pub(super) async fn unsubscribe_page(
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let Some(subscription) = unsubscribe::look_up(&web.app, &token).await? else {
        return no_subscription(&web, site, &token);
    };
    if subscription.state == SubscriptionState::Unsubscribed {
        return unsubscribed(&web, site, subscription).await;
    }
    let token = encode(&token);
    Ok(page(&UnsubscribePage {
        site,
        newsletter: subscription.newsletter_name,
        action: format!("/unsubscribe/{token}"),
        preferences: format!("/preferences/{token}"),
    })?
    .into_response())
}

/// POST `/unsubscribe/{token}`, by the button or in one click ([RFC 8058](https://www.rfc-editor.org/rfc/rfc8058)).
///
/// The token in the path decides; the body may be urlencoded, multipart or empty. The subscription has ended before the answer is
/// sent, without a redirect or cookie. A second request changes nothing.
pub(super) async fn unsubscribe(
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
    Client(network): Client,
    body: Bytes,
) -> Result<Response, WebError> {
    let Some(subscription) = unsubscribe::look_up(&web.app, &token).await? else {
        return no_subscription(&web, site, &token);
    };
    let one_click = body.windows(9).any(|part| part.eq_ignore_ascii_case(b"One-Click"));
    let source = if one_click {
        ConsentSource::OneClick
    } else {
        ConsentSource::Page
    };
    unsubscribe::unsubscribe(&web.app, subscription.id, &source, Some(network)).await?;
    unsubscribed(&web, site, subscription).await
}

async fn unsubscribed(web: &Web, site: Site, subscription: Subscription) -> Result<Response, WebError> {
    let slug = &subscription.newsletter_slug;
    let takes_signups = web.takes_signups(slug).await?;
    Ok(page(&UnsubscribedPage {
        site,
        newsletter: subscription.newsletter_name,
        subscribe: takes_signups.then(|| format!("/subscribe?newsletter={slug}")),
    })?
    .into_response())
}

/// Encodes a token for a path, as the mailed link has it.
pub(super) fn encode(token: &str) -> String {
    percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%5F", "_")
        .replace("%2D", "-")
}

/// The page for a link without a subscription. The link of a test mail is valid and does nothing. Any other link was not made
/// by this site, so the page says how to unsubscribe.
pub(super) fn no_subscription(web: &Web, site: Site, token: &str) -> Result<Response, WebError> {
    let words = &site.words;
    let (status, title, happened, next) = if unsubscribe::is_of_test(&web.app, token) {
        (
            StatusCode::OK,
            words.test_link_title(),
            words.test_link_happened(),
            words.test_link_next(),
        )
    } else {
        (
            StatusCode::NOT_FOUND,
            words.bad_link_title(),
            words.bad_link_happened(),
            words.bad_link_next(),
        )
    };
    let shown = page(&ErrorPage {
        site,
        status: status.as_u16(),
        title,
        happened,
        next,
    })?;
    Ok((status, shown).into_response())
}
