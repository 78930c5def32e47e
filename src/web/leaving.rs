//! Leaving by the unsubscribe link of a mail, and the page after it, where the subscriber can undo it and say why. The links of that page
//! are signed and work for `privacy.undo_leaving_within`.

use axum::body::Bytes;
use axum::extract::{Path, RawForm, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::client::Client;
use super::error::{WebError, page};
use super::error_pages::explained;
use super::form::Form;
use super::links::{encode, no_subscription};
use super::origin::OwnPage;
use super::pages::{AfterLeaving, RestoredPage, Site, UnsubscribePage, UnsubscribedPage};
use super::state::{Shared, Web};
use crate::domain::consent::ConsentSource;
use crate::domain::counted::{LeavingReason, MAX_NOTE_CHARS};
use crate::domain::ids::SubscriptionId;
use crate::domain::states::SubscriptionState;
use crate::store::subscriptions::Subscription;
use crate::unsubscribe;
use crate::unsubscribe::undo::{self, UndoOutcome, UndoRefusal};
use crate::words::Words;

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
    let ended = unsubscribe::unsubscribe(&web.app, subscription.id, &source, Some(network)).await?;
    let by_button = Form::read(&body).has("button");
    if ended && by_button {
        // A page with an address of its own can be loaded again, also in another language.
        after_button(&web, site, subscription.id).await
    } else if ended {
        left(&web, site, subscription.id).await
    } else {
        unsubscribed(&web, site, subscription).await
    }
}

async fn unsubscribed(web: &Web, site: Site, subscription: Subscription) -> Result<Response, WebError> {
    let slug = &subscription.newsletter_slug;
    let takes_signups = web.takes_signups(slug).await?;
    Ok(page(&UnsubscribedPage {
        site,
        newsletter: subscription.newsletter_name,
        subscribe: takes_signups.then(|| format!("/subscribe?newsletter={slug}")),
        preferences: format!("/preferences/{}", web.app.keys.unsubscribe_token(subscription.id)),
        after: None,
    })?
    .into_response())
}

/// The answer to a reader who has just left by a button of the site.
pub(super) async fn after_button(web: &Web, site: Site, id: SubscriptionId) -> Result<Response, WebError> {
    let found = web.app.store.read().await?.subscription(id).await?;
    match found.and_then(|subscription| undo::token(&web.app, &subscription)) {
        Some(token) => Ok(Redirect::to(&format!("/unsubscribe/undo/{}", encode(&token))).into_response()),
        None => left(web, site, id).await,
    }
}

/// The page for a subscriber who has just left.
pub(super) async fn left(web: &Web, site: Site, id: SubscriptionId) -> Result<Response, WebError> {
    let found = web.app.store.read().await?.subscription(id).await?;
    let subscription = found.ok_or(WebError::NotFound)?;
    match undo::token(&web.app, &subscription) {
        Some(token) => after_leaving(web, site, subscription, &token, false),
        None => unsubscribed(web, site, subscription).await,
    }
}

fn after_leaving(
    web: &Web,
    site: Site,
    subscription: Subscription,
    token: &str,
    thanked: bool,
) -> Result<Response, WebError> {
    let token = encode(token);
    let reasons = LeavingReason::ALL.iter();
    let reasons = reasons
        .map(|reason| (reason.as_str(), label(*reason, &site.words)))
        .collect();
    Ok(page(&UnsubscribedPage {
        site,
        newsletter: subscription.newsletter_name,
        // The page has a button to undo it.
        subscribe: None,
        preferences: format!("/preferences/{}", web.app.keys.unsubscribe_token(subscription.id)),
        after: Some(AfterLeaving {
            undo: Some(format!("/unsubscribe/undo/{token}")),
            reason: format!("/unsubscribe/reason/{token}"),
            reasons,
            max_note: MAX_NOTE_CHARS,
            thanked,
        }),
    })?
    .into_response())
}

fn label(reason: LeavingReason, words: &Words) -> String {
    match reason {
        LeavingReason::TooOften => words.leaving_too_often(),
        LeavingReason::TooLong => words.leaving_too_long(),
        LeavingReason::NotForMe => words.leaving_not_for_me(),
        LeavingReason::NeverAsked => words.leaving_never_asked(),
        LeavingReason::HardToRead => words.leaving_hard_to_read(),
        LeavingReason::Other => words.leaving_other(),
    }
}

/// GET `/unsubscribe/undo/{token}`: the page after leaving, until the subscription is restored.
pub(super) async fn undo_page(
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    match undo::look_up(&web.app, &token).await? {
        Ok(subscription) if subscription.state == SubscriptionState::Unsubscribed => {
            let thanked = query.is_some_and(|query| query.split('&').any(|part| part == "thanks"));
            after_leaving(&web, site, subscription, &token, thanked)
        }
        Ok(subscription) => undone(&web, site, UndoOutcome::Restored(subscription)).await,
        Err(failure) => undone(&web, site, failure).await,
    }
}

/// POST `/unsubscribe/undo/{token}`: the reader stays subscribed.
pub(super) async fn undo(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
    Client(network): Client,
) -> Result<Response, WebError> {
    let result = undo::undo(&web.app, &token, Some(network)).await?;
    undone(&web, site, result).await
}

async fn undone(web: &Web, site: Site, result: UndoOutcome) -> Result<Response, WebError> {
    let words = &site.words;
    let (status, texts) = match result {
        UndoOutcome::Restored(subscription) => {
            return Ok(page(&RestoredPage {
                site,
                newsletter: subscription.newsletter_name,
            })?
            .into_response());
        }
        UndoOutcome::Refused(subscription, refusal) => {
            let newsletter = &subscription.newsletter_name;
            let (happened, next) = match refusal {
                UndoRefusal::NewsletterRemoved => {
                    (words.undo_refused_removed(newsletter), words.other_newsletters_next())
                }
                UndoRefusal::Suppressed => (words.address_suppressed(), words.address_suppressed_next()),
                UndoRefusal::Changed => (
                    words.undo_refused_happened(newsletter),
                    how_to_subscribe(web, words, &subscription).await?,
                ),
            };
            (StatusCode::GONE, [words.undo_refused_title(), happened, next])
        }
        UndoOutcome::Expired => {
            let happened = words.undo_expired_happened(words.within(web.app.config.privacy.undo_leaving_within));
            let texts = [words.undo_expired_title(), happened, words.subscribe_again_next()];
            (StatusCode::GONE, texts)
        }
        UndoOutcome::Unknown => {
            let texts = [
                words.bad_link_title(),
                words.bad_link_happened(),
                words.subscribe_again_next(),
            ];
            (StatusCode::NOT_FOUND, texts)
        }
    };
    explained(site, status, texts)
}

/// How the reader gets a newsletter again. It may take no sign-ups.
pub(super) async fn how_to_subscribe(
    web: &Web,
    words: &Words,
    subscription: &Subscription,
) -> Result<String, WebError> {
    Ok(if web.takes_signups(&subscription.newsletter_slug).await? {
        words.not_subscribed_next()
    } else {
        words.not_subscribed_closed()
    })
}

/// GET `/unsubscribe/reason/{token}`: the page with the form.
pub(super) async fn back(Path(token): Path<String>) -> Redirect {
    Redirect::to(&format!("/unsubscribe/undo/{}", encode(&token)))
}

/// POST `/unsubscribe/reason/{token}`, which stores why the subscriber left.
pub(super) async fn give_reason(
    _: OwnPage,
    State(web): Shared,
    Path(token): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let form = Form::read(&body);
    let note = form.text("note");
    let page = format!("/unsubscribe/undo/{}", encode(&token));
    if !form.has("reason") && note.trim().is_empty() {
        return Ok(Redirect::to(&page).into_response());
    }
    // A note without a reason, and a word that is not on the form, count as another reason.
    let reason = form.text("reason").parse().unwrap_or(LeavingReason::Other);
    if undo::give_reason(&web.app, &token, reason, &note).await?.is_none() {
        return Err(WebError::NotFound);
    }
    Ok(Redirect::to(&format!("{page}?thanks")).into_response())
}
