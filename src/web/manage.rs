//! The page of all newsletters of a reader: joining, leaving and the address. Only a link that was mailed for the purpose opens it, because
//! the link of a digest may have been forwarded. For a digest's link, each action mails that link instead.

use axum::extract::{Path, RawForm, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::client::Client;
use super::error::{WebError, page};
use super::field_problems::address_problem;
use super::form::Form;
use super::leaving::after_button;
use super::links::{encode, erased};
use super::origin::OwnPage;
use super::pages::{ManageLine, ManagePage, Site};
use super::reader_link::{LinkSubscriber, managing_reader_of};
use super::state::{Shared, Web};
use crate::domain::address::EmailAddress;
use crate::domain::consent::ConsentSource;
use crate::domain::states::SubscriptionState;
use crate::preferences::address::{self, AddressRequestError};
use crate::preferences::{self, JoinOutcome};
use crate::store::subscriptions::Subscription;
use crate::unsubscribe;

/// A longer address or slug is cut; both are invalid.
const MAX_ADDRESS_CHARS: usize = 320;
const MAX_SLUG_CHARS: usize = 64;

/// The page, after something was saved or with what is wrong.
pub(super) async fn show(
    web: &Web,
    site: Site,
    reader: &LinkSubscriber,
    token: &str,
    outcome: ManageOutcome,
) -> Result<Response, WebError> {
    let action = format!("/preferences/{}", encode(token));
    let lines = lines(web, reader, &action).await?;
    let mut shown = ManagePage {
        site,
        address: reader.address.as_typed().to_owned(),
        newsletters: lines,
        action,
        saved: false,
        problem: None,
        address_problem: None,
        address_typed: String::new(),
    };
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    match outcome {
        ManageOutcome::None => status = StatusCode::OK,
        ManageOutcome::Saved => (status, shown.saved) = (StatusCode::OK, true),
        ManageOutcome::Problem(problem) => shown.problem = Some(problem),
        ManageOutcome::AddressProblem { problem, typed } => {
            (shown.address_problem, shown.address_typed) = (Some(problem), typed);
        }
    }
    Ok((status, page(&shown)?).into_response())
}

/// What the page says above the newsletters.
pub(super) enum ManageOutcome {
    None,
    Saved,
    Problem(String),
    /// A sentence about the new address, and the address as it was typed.
    AddressProblem {
        problem: String,
        typed: String,
    },
}

/// The newsletters of the site and those that the reader has.
async fn lines(web: &Web, reader: &LinkSubscriber, action: &str) -> Result<Vec<ManageLine>, WebError> {
    let public = web.newsletters().await?;
    let subscriptions = web.app.store.read().await?.subscriptions_of(reader.id).await?;
    let mut lines = Vec::new();
    for newsletter in &public {
        let own = subscriptions.iter().find(|own| own.newsletter_id == newsletter.id);
        lines.push(line(
            &newsletter.slug,
            &newsletter.name,
            &newsletter.description,
            own,
            action,
        ));
    }
    // A hidden newsletter still has subscribers.
    for own in subscriptions.iter().filter(|own| is_in_force(own)) {
        if public.iter().all(|newsletter| newsletter.id != own.newsletter_id) {
            lines.push(line(&own.newsletter_slug, &own.newsletter_name, "", Some(own), action));
        }
    }
    Ok(lines)
}

pub(super) fn is_in_force(subscription: &Subscription) -> bool {
    matches!(
        subscription.state,
        SubscriptionState::Confirmed | SubscriptionState::Paused
    )
}

fn line(slug: &str, name: &str, description: &str, own: Option<&Subscription>, action: &str) -> ManageLine {
    let in_force = own.filter(|own| is_in_force(own));
    ManageLine {
        slug: slug.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        is_paused: in_force.is_some_and(|own| own.state == SubscriptionState::Paused),
        settings: in_force.map(|_| format!("{action}/newsletters/{}", encode(slug))),
    }
}

/// The page of the link again, so that a page that is loaded again saves nothing.
fn back(token: &str, saved: bool) -> Response {
    let query = if saved { "?saved" } else { "" };
    Redirect::to(&format!("/preferences/{}{query}", encode(token))).into_response()
}

/// POST `/preferences/{token}/join` with `newsletter`.
pub(super) async fn join(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
    Client(network): Client,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let reader = managing_reader_of(&web, &site, &token).await?;
    let slug = Form::read(&body).trimmed("newsletter", MAX_SLUG_CHARS);
    let public = web.newsletters().await?;
    let Some(newsletter) = public.iter().find(|newsletter| newsletter.slug == slug) else {
        let problem = site.words.newsletter_closed();
        return show(&web, site, &reader, &token, ManageOutcome::Problem(problem)).await;
    };
    let problem = match preferences::join(&web.app, reader.id, newsletter, &site.words, Some(network)).await? {
        JoinOutcome::Joined => return Ok(back(&token, true)),
        JoinOutcome::Erased => return erased(site),
        JoinOutcome::NewsletterRemoved => site.words.newsletter_closed(),
        JoinOutcome::NotConfirmed => site.words.join_unconfirmed(),
        JoinOutcome::Suppressed => site.words.address_suppressed(),
    };
    show(&web, site, &reader, &token, ManageOutcome::Problem(problem)).await
}

/// POST `/preferences/{token}/leave` with `newsletter`.
pub(super) async fn leave(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
    Client(network): Client,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let reader = managing_reader_of(&web, &site, &token).await?;
    let slug = Form::read(&body).trimmed("newsletter", MAX_SLUG_CHARS);
    let subscriptions = web.app.store.read().await?.subscriptions_of(reader.id).await?;
    let mut in_force = subscriptions.iter().filter(|own| is_in_force(own));
    let Some(subscription) = in_force.find(|own| own.newsletter_slug == slug) else {
        return Ok(back(&token, false));
    };
    let ended = unsubscribe::unsubscribe(&web.app, subscription.id, &ConsentSource::Page, Some(network)).await?;
    if ended {
        after_button(&web, site, subscription.id).await
    } else {
        Ok(back(&token, false))
    }
}

/// POST `/preferences/{token}/address` with `email`, the new address.
pub(super) async fn change_address(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let reader = managing_reader_of(&web, &site, &token).await?;
    let typed = Form::read(&body).trimmed("email", MAX_ADDRESS_CHARS);
    let problem = match EmailAddress::parse(&typed) {
        Err(error) => address_problem(&error, &site.words),
        Ok(to) => match address::request(&web.app, reader.id, &to).await {
            Ok(()) => {
                let sent = format!("/preferences/{}/address/sent", encode(&token));
                return Ok(Redirect::to(&sent).into_response());
            }
            Err(AddressRequestError::Store(error)) => return Err(error.into()),
            Err(AddressRequestError::Template(error)) => return Err(error.into()),
            Err(AddressRequestError::Erased) => return erased(site),
            Err(AddressRequestError::Suppressed) => {
                format!(
                    "{} {}",
                    site.words.address_suppressed(),
                    site.words.address_suppressed_next()
                )
            }
            Err(AddressRequestError::Same) => site.words.address_same(),
            Err(AddressRequestError::TooMany) => site.words.too_many_changes(),
            Err(AddressRequestError::Blocked) => site.words.address_domain_blocked(to.domain()),
        },
    };
    let outcome = ManageOutcome::AddressProblem { problem, typed };
    show(&web, site, &reader, &token, outcome).await
}

/// Whether the page is shown after something was saved.
pub(super) fn is_saved(RawQuery(query): &RawQuery) -> bool {
    query
        .as_deref()
        .is_some_and(|query| query.split('&').any(|part| part == "saved"))
}
