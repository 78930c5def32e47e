//! What an operator does on the page of a reader.

use axum::extract::{Path, RawForm, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::console::{Console, Notice, done};
use super::super::forms::field;
use super::choices;
use super::page::{gone, view};
use super::path::reader_path;
use super::subscribe_form::SubscribeForm;
use crate::domain::ids::{SubscriberId, SubscriptionId};
use crate::domain::states::SubscriptionState;
use crate::operators::SignedIn;
use crate::preferences::{ChangedBy, PreferenceError, save, zone_of};
use crate::readers;
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::suppressions::Lifted;
use crate::web::error::{WebError, page as render};
use crate::web::field_problems::add_preference_problems;
use crate::web::pages::FieldProblems;
use crate::web::preferences::FormFields;
use crate::web::state::{Shared, Web};

/// The reader whom a route names by id.
pub(super) async fn find(web: &Web, console: &Console, reader: SubscriberId) -> Result<Subscriber, WebError> {
    match web.app.store.read().await?.subscriber(reader).await? {
        Some(subscriber) => Ok(subscriber),
        None => Err(WebError::answered(gone(console.clone())?)),
    }
}

/// The subscription that a form names, if it belongs to the reader.
async fn subscription_of(web: &Web, reader: SubscriberId, body: &[u8]) -> Result<Subscription, WebError> {
    let id: SubscriptionId = field(body, "subscription").parse().map_err(|_| WebError::NotFound)?;
    let found = web.app.store.read().await?.subscription(id).await?;
    found
        .filter(|subscription| subscription.subscriber_id == reader)
        .ok_or(WebError::NotFound)
}

/// POST `…/subscribe`: a confirmation mail for another newsletter.
pub(super) async fn subscribe(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(reader): Path<SubscriberId>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let subscriber = find(&web, &console, reader).await?;
    let mut form = SubscribeForm::read(&body);
    if form.send(&web, &signed_in, &console.words, &subscriber.address).await? {
        return Ok(done(&reader_path(reader), Notice::SignupRequested).into_response());
    }
    let Some(mut shown) = view(&web, &console, reader).await? else {
        return gone(console);
    };
    form.newsletters = std::mem::take(&mut shown.form.newsletters);
    shown.form = form;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&shown)?).into_response())
}

/// Ends a subscription at once, also for queued deliveries.
pub(super) async fn unsubscribe(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(reader): Path<SubscriberId>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    find(&web, &console, reader).await?;
    let subscription = subscription_of(&web, reader, &body).await?;
    let ended = readers::unsubscribe(&web.app, &signed_in.actor(), subscription.id).await?;
    let notice = if ended {
        Notice::SubscriptionEnded
    } else {
        Notice::NothingDone
    };
    Ok(done(&reader_path(reader), notice).into_response())
}

/// POST `…/preferences`: topics, cadence, time zone, language and a pause.
pub(super) async fn save_preferences(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(reader): Path<SubscriberId>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let subscriber = find(&web, &console, reader).await?;
    let subscription = subscription_of(&web, reader, &body).await?;
    if !matches!(
        subscription.state,
        SubscriptionState::Confirmed | SubscriptionState::Paused
    ) {
        return Ok(done(&reader_path(reader), Notice::NothingDone).into_response());
    }
    let fields = FormFields::read(&body);
    let mut problems = FieldProblems::default();
    let change = fields.change(&console.words, &mut problems);
    let stored = web.app.store.read().await?.preferences(subscription.id).await?;
    let now = choices::fingerprint(&stored, zone_of(Some(&subscriber)));
    let is_stale = field(&body, "seen") != now;
    if is_stale {
        problems.of_page = Some(console.words.reader_conflict());
    }
    if problems.is_empty() {
        let by = ChangedBy::Operator(signed_in.actor());
        match save(&web.app, &subscription, &change, by).await {
            Ok(_) => return Ok(done(&reader_path(reader), Notice::PreferencesSaved).into_response()),
            Err(PreferenceError::Store(error)) => return Err(error.into()),
            Err(PreferenceError::Template(error)) => return Err(error.into()),
            Err(error) => add_preference_problems(&mut problems, &error, &console.words),
        }
    }
    let Some(mut shown) = view(&web, &console, reader).await? else {
        return gone(console);
    };
    let concerned = shown.subscriptions.iter_mut().find(|shown| shown.id == subscription.id);
    if let Some(form) = concerned.and_then(|shown| shown.preferences.as_mut()) {
        form.keep(&fields, problems);
    }
    let status = if is_stale {
        StatusCode::CONFLICT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok((status, render(&shown)?).into_response())
}

/// Suppresses the address of the reader.
pub(super) async fn suppress(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(reader): Path<SubscriberId>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let subscriber = find(&web, &console, reader).await?;
    let reason = field(&body, "reason");
    let suppressed = readers::suppress(&web.app, &signed_in.actor(), &subscriber.address, &reason).await?;
    let notice = if suppressed.changed {
        Notice::Suppressed
    } else {
        Notice::SuppressedBefore
    };
    Ok(done(&reader_path(reader), notice).into_response())
}

/// Lifts the suppression of the reader's address.
pub(super) async fn lift(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(reader): Path<SubscriberId>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let subscriber = find(&web, &console, reader).await?;
    let reason = field(&body, "reason");
    let lifted = readers::lift_address(&web.app, &signed_in.actor(), &subscriber.address, &reason).await?;
    Ok(done(&reader_path(reader), lift_notice(lifted)).into_response())
}

/// What the page says after a suppression was to be lifted.
pub(crate) const fn lift_notice(lifted: Lifted) -> Notice {
    match lifted {
        Lifted::Lifted => Notice::SuppressionLifted,
        Lifted::ComplaintRemains => Notice::ComplaintRemains,
        Lifted::IsComplaint => Notice::NotLifted,
        Lifted::WasNotSuppressed | Lifted::IsOutdated => Notice::NothingDone,
    }
}

/// POST `…/export`: the file is the answer.
pub(super) async fn export(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(reader): Path<SubscriberId>,
) -> Result<Response, WebError> {
    let subscriber = find(&web, &console, reader).await?;
    let document = readers::export(&web.app, &signed_in.actor(), &subscriber.address).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"reader.json\""),
        ),
    ];
    Ok((headers, format!("{document:#}")).into_response())
}
