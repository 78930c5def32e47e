//! `/api/v1/subscriptions/ID`: a reader's subscription to a newsletter, its preferences, and its end.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Deserialize;
use utoipa::ToSchema;

use super::bearer::{Bearer, ManageReaders, ReadReaders};
use super::body::Document;
use super::entity::{IfMatch, IfNoneMatch, KnownTag, SeenTag};
use super::failure::Failure;
use super::input::{FieldErrors, boolean, day, text, texts, texts_schema};
use super::named::Named;
use super::reader_documents::SubscriptionDocument;
use super::readers::no_reader;
use crate::domain::article_input::FieldError;
use crate::domain::ids::SubscriptionId;
use crate::domain::seen::Seen;
use crate::domain::states::{Cadence, SubscriptionState};
use crate::preferences::{ChangedBy, Pause, PreferenceChange, PreferenceError, save};
use crate::readers;
use crate::store::preferences::Preferences;
use crate::store::subscriptions::Subscription;
use crate::web::problem::ProblemAnswer;
use crate::web::state::{Shared, Web};
use crate::words::{Language, UnknownLanguage};

/// A subscription with its preferences and the document about it.
async fn seen(web: &Web, id: SubscriptionId) -> Result<(Subscription, Preferences, SubscriptionDocument), Failure> {
    let mut tx = web.app.store.read_snapshot().await?;
    let subscription = tx.subscription(id).await?.ok_or_else(|| {
        Failure::NotFound("There is no such subscription; GET /api/v1/readers/ID shows those of a reader.".to_owned())
    })?;
    let subscriber = tx.subscriber(subscription.subscriber_id).await?.ok_or_else(no_reader)?;
    let preferences = tx.preferences(id).await?;
    let details = readers::details(&web.app, &mut tx, subscription.clone()).await?;
    Ok((
        subscription,
        preferences,
        SubscriptionDocument::new(&subscriber, details),
    ))
}

#[utoipa::path(
    get, path = "/api/v1/subscriptions/{id}", operation_id = "showSubscription",
    summary = "One subscription: preferences, consent record and deliveries",
    params(("id" = Uuid, Path, description = "The subscription's id"), KnownTag),
    responses((status = 200, description = "The subscription", body = SubscriptionDocument)),
    security(("token" = ["readers"])),
)]
pub(super) async fn show(
    _: Bearer<ReadReaders>,
    State(web): Shared,
    Named(id): Named<SubscriptionId>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let (_, _, document) = seen(&web, id).await?;
    Ok(document.entity()?.unless(&known))
}

/// A change of preferences. Fields that are not given stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SubscriptionChange {
    /// Topics to get; an empty list is all topics
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    topics: Option<Vec<String>>,
    cadence: Option<Cadence>,
    /// The language of mails, such as `de` or `pt-BR`
    #[serde(deserialize_with = "text")]
    language: Option<String>,
    /// The reader's time zone (IANA), for all newsletters
    #[serde(deserialize_with = "text")]
    timezone: Option<String>,
    /// Nothing is sent before this day begins, at most a year from now
    #[serde(deserialize_with = "day")]
    pause_until: Option<NaiveDate>,
    /// true: a pause ends now
    #[serde(deserialize_with = "boolean")]
    resume: Option<bool>,
}

impl SubscriptionChange {
    fn requested(self, mut errors: FieldErrors) -> Result<PreferenceChange, Failure> {
        let language = self.language.map(|tag| {
            let language = Language::matching(&tag);
            if language.is_none() {
                errors.add("language", UnknownLanguage::new(&tag).to_string());
            }
            language
        });
        let timezone = self.timezone.map(|name| {
            let zone = name.parse::<Tz>().ok();
            if zone.is_none() {
                errors.add(
                    "timezone",
                    "`timezone` is no time zone; write one such as Europe/Berlin",
                );
            }
            zone
        });
        let ends_pause = self.resume == Some(true);
        if ends_pause && self.pause_until.is_some() {
            errors.add("resume", "give `pause_until` or `resume`, not both");
        }
        let pause = self.pause_until.map(Pause::Until).or(ends_pause.then_some(Pause::End));
        let names_nothing = self.topics.is_none()
            && self.cadence.is_none()
            && language.is_none()
            && timezone.is_none()
            && pause.is_none();
        if errors.is_empty() && names_nothing {
            errors.add("", "the document names nothing to change");
        }
        errors.finish()?;
        Ok(PreferenceChange {
            topics: self.topics,
            cadence: self.cadence,
            timezone: timezone.flatten(),
            language: language.flatten(),
            pause,
            seen: Seen::Any,
        })
    }
}

/// The field that a refused change is about; `None` if it is the state of the subscription.
const fn field_of(error: &PreferenceError) -> Option<&'static str> {
    match error {
        PreferenceError::Begun(_) | PreferenceError::NoDay(_) | PreferenceError::TooLong { .. } => Some("pause_until"),
        PreferenceError::Topic(_) => Some("topics"),
        PreferenceError::NotConfirmed(_)
        | PreferenceError::NotPaused(_)
        | PreferenceError::Outdated
        | PreferenceError::TooMany
        | PreferenceError::Several(_)
        | PreferenceError::Template(_)
        | PreferenceError::Store(_) => None,
    }
}

impl From<PreferenceError> for Failure {
    fn from(error: PreferenceError) -> Self {
        match &error {
            PreferenceError::Store(_) | PreferenceError::Template(_) => Self::Internal(error.to_string()),
            PreferenceError::Outdated => Self::Changed,
            PreferenceError::Several(errors) => {
                let errors = errors.iter();
                Self::Invalid(
                    errors
                        .map(|error| FieldError::new(field_of(error).unwrap_or_default(), error.to_string()))
                        .collect(),
                )
            }
            one => match field_of(one) {
                Some(field) => Self::Invalid(vec![FieldError::new(field, one.to_string())]),
                None => Self::Conflict(one.to_string()),
            },
        }
    }
}

#[utoipa::path(
    patch, path = "/api/v1/subscriptions/{id}", operation_id = "changeSubscription",
    summary = "Changes the preferences of a confirmed subscription, pauses or resumes it. The reader gets no mail about it",
    params(("id" = Uuid, Path, description = "The subscription's id"), SeenTag),
    request_body(content(
        (SubscriptionChange = "application/json"),
        (SubscriptionChange = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The subscription with the change", body = SubscriptionDocument),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["readers"])),
)]
pub(super) async fn change(
    Bearer { operator, .. }: Bearer<ManageReaders>,
    State(web): Shared,
    Named(id): Named<SubscriptionId>,
    condition: IfMatch,
    Document { value, errors }: Document<SubscriptionChange>,
) -> Result<Response, Failure> {
    let mut requested = value.requested(errors)?;
    let (subscription, preferences, document) = seen(&web, id).await?;
    requested.seen = condition.seen(&document.entity()?, preferences)?;
    if !matches!(
        subscription.state,
        SubscriptionState::Confirmed | SubscriptionState::Paused
    ) {
        return Err(Failure::Conflict(format!(
            "The subscription is {}; only one that is confirmed or paused has preferences.",
            subscription.state
        )));
    }
    save(
        &web.app,
        &subscription,
        &requested,
        ChangedBy::Operator(operator.actor()),
    )
    .await?;
    let (_, _, document) = seen(&web, id).await?;
    Ok(document.entity()?.answer(StatusCode::OK))
}

#[utoipa::path(
    post, path = "/api/v1/subscriptions/{id}/unsubscribe", operation_id = "unsubscribe",
    summary = "Ends a subscription at once, also for deliveries that wait to be sent",
    params(("id" = Uuid, Path, description = "The subscription's id")),
    responses((status = 204, description = "The subscription has ended, now or before")),
    security(("token" = ["readers"])),
)]
pub(super) async fn unsubscribe(
    Bearer { operator, .. }: Bearer<ManageReaders>,
    State(web): Shared,
    Named(id): Named<SubscriptionId>,
) -> Result<StatusCode, Failure> {
    seen(&web, id).await?;
    readers::unsubscribe(&web.app, &operator.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
