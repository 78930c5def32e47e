//! `/api/v1/subscriptions`: sign-ups by programs and by scripts of listed pages.

use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::body;
use super::failure::Failure;
use super::input::{self, FieldErrors, text, texts, texts_schema};
use crate::domain::article_input::FieldError;
use crate::domain::consent::ConsentSource;
use crate::domain::page_url::PageUrl;
use crate::domain::states::Cadence;
use crate::signup::proof::new_challenge;
use crate::signup::{SentForm, SentProof, ShownWords, SignupError, SignupRequest};
use crate::store::StoreError;
use crate::text::plain::uncut_line;
use crate::web::client::Client;
use crate::web::error::OVERLOAD_RETRY_AFTER;
use crate::web::field_problems::signup_field;
use crate::web::origin::PostedFrom;
use crate::web::problem::{InvalidAnswer, Problem, ProblemAnswer};
use crate::web::signup::hide_duration;
use crate::web::signup_fields::{MAX_WORDS, is_listed};
use crate::web::state::{Shared, Web};
use crate::words::{Language, UnknownLanguage};

/// A sign-up.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SubscriptionRequest {
    /// The address to subscribe
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    email: Option<String>,
    /// Slugs of newsletters; default: the first newsletter
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    newsletters: Option<Vec<String>>,
    /// The person's name
    #[serde(deserialize_with = "text")]
    name: Option<String>,
    /// An IANA time zone, such as Europe/Berlin
    #[serde(deserialize_with = "text")]
    timezone: Option<String>,
    /// Topics to get; default: all
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    topics: Option<Vec<String>>,
    /// How often the person wants the newsletters: `every` or `weekly`; default: every issue
    #[schema(value_type = Option<String>)]
    cadence: Option<Cadence>,
    /// The language of mails, such as `de` or `pt-BR`; default: the newsletter's
    #[serde(deserialize_with = "text")]
    language: Option<String>,
    /// For the record of consent: the words that the person saw, at most 2,000 characters
    #[serde(deserialize_with = "text")]
    words: Option<String>,
    /// For the record of consent: the address of the page with the form, on this site or one of `signup.origins`
    #[serde(deserialize_with = "text")]
    page: Option<String>,
    /// The solution of a challenge of `/api/v1/challenge`, if a sign-up needs one
    #[serde(deserialize_with = "text")]
    altcha: Option<String>,
}

/// The answer to a sign-up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Accepted {
    /// Always `accepted`
    status: &'static str,
    /// What happens next
    detail: &'static str,
}

#[utoipa::path(
    post, path = "/api/v1/subscriptions", operation_id = "subscribe",
    summary = "Asks for a subscription, which the person confirms with the mailed link",
    request_body = SubscriptionRequest,
    responses(
        (status = 202, description = "The same answer for every acceptable address", body = Accepted),
        (status = 403, response = ProblemAnswer),
        (status = 413, response = ProblemAnswer),
        (status = 415, response = ProblemAnswer),
        (status = 422, response = InvalidAnswer),
        (status = 429, response = ProblemAnswer),
        (status = 503, response = ProblemAnswer),
    ),
    security(()),
)]
pub(super) async fn subscribe(
    page: PostedFrom,
    State(web): Shared,
    Client(network): Client,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let begun = Instant::now();
    // A browser sends `application/json` to another site only if that site allows it, but `text/plain` to any site.
    if body::content_type(&headers) != "application/json" {
        return Failure::ContentType("application/json").into_response();
    }
    let mut errors = FieldErrors::default();
    let request = match input::document(&body, &mut errors) {
        Ok(document) => signup_request(&web, &page, network, document, &mut errors),
        Err(failure) => {
            return match web.signups.count_invalid(network).await {
                Ok(()) => unprocessable(failure).into_response(),
                Err(refusal) => refused(&refusal),
            };
        }
    };
    if !errors.is_empty() {
        return match all_errors(&web, network, &request, errors).await {
            Ok(errors) => errors.into_failure().into_response(),
            Err(refusal) => refused(&refusal),
        };
    }
    match web.signups.request(request).await {
        Ok(()) => {
            hide_duration(begun).await;
            let accepted = Accepted {
                status: "accepted",
                detail: "If this address is not subscribed yet, a mail with a confirmation link is on its way.",
            };
            (StatusCode::ACCEPTED, axum::Json(accepted)).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// The sign-up of a document. It has no value for a field with an error.
fn signup_request(
    web: &Web,
    caller: &PostedFrom,
    network: IpAddr,
    document: SubscriptionRequest,
    errors: &mut FieldErrors,
) -> SignupRequest {
    let page = document.page.as_deref().map(|text| named_page(web, caller, text));
    let page = page.transpose().unwrap_or_else(|reason| {
        errors.add("page", reason);
        None
    });
    let source = match (page, caller) {
        (Some(page), _) => ConsentSource::ApiOf(page.without_query()),
        (None, PostedFrom::Listed(origin)) => ConsentSource::ApiOf(origin.clone()),
        (None, PostedFrom::OwnSite) => ConsentSource::Api,
    };
    let words = document.words.as_deref().map(uncut_line);
    let words = words.filter(|words| !words.is_empty());
    if words.as_ref().is_some_and(|words| words.chars().count() > MAX_WORDS) {
        errors.add("words", format!("`words` must have at most {MAX_WORDS} characters"));
    }
    let language = document.language.and_then(|tag| {
        let language = Language::matching(&tag);
        if language.is_none() {
            errors.add("language", UnknownLanguage::new(&tag).to_string());
        }
        language
    });
    SignupRequest {
        email: errors.require("email", document.email).unwrap_or_default(),
        newsletters: document.newsletters.unwrap_or_default(),
        name: document.name,
        timezone: document.timezone,
        topics: document.topics.unwrap_or_default(),
        cadence: document.cadence,
        language,
        source,
        words: words.map_or(ShownWords::Unknown, ShownWords::Given),
        network: Some(network),
        honeypot_filled: false,
        form: SentForm::NotOurs,
        proof: document.altcha.map(SentProof::Work),
    }
}

/// Counts an invalid request for its network, and adds what the sign-up service finds wrong to the errors that are known already.
async fn all_errors(
    web: &Web,
    network: IpAddr,
    request: &SignupRequest,
    mut errors: FieldErrors,
) -> Result<FieldErrors, SignupError> {
    web.signups.count_invalid(network).await?;
    if let Some(error) = web.signups.field_errors(request).await? {
        errors.add_all(field_errors(&error));
    }
    Ok(errors)
}

/// The errors of a refused sign-up with the names of the document's fields.
fn field_errors(error: &SignupError) -> Vec<FieldError> {
    let field = |error: &SignupError| match signup_field(error) {
        "newsletter" => "newsletters",
        "topic" => "topics",
        same => same,
    };
    let errors = error.each().iter();
    errors
        .map(|error| FieldError::new(field(error), error.to_string()))
        .collect()
}

/// The page that a caller names. It must be of this site or a listed one, and a script can only name a page of its own site.
fn named_page(web: &Web, caller: &PostedFrom, text: &str) -> Result<PageUrl, String> {
    let config = &web.app.config;
    let page =
        PageUrl::parse(text).ok_or("`page` must be the address of a page, such as https://www.example.org/news")?;
    let origin = page.origin();
    let is_right = match caller {
        PostedFrom::Listed(own) => *own == origin,
        PostedFrom::OwnSite => origin == config.site.url.origin() || is_listed(&origin, &config.signup.origins),
    };
    if !is_right {
        return Err(format!(
            "`page` is of {origin}; it must be of the site that calls, this site or one of `signup.origins`"
        ));
    }
    Ok(page)
}

#[utoipa::path(
    get, path = "/api/v1/challenge", operation_id = "getChallenge",
    summary = "Gets a challenge (ALTCHA, version 2) for a sign-up that needs a proof of work",
    responses((status = 200, description = "The challenge, valid for 15 minutes and one sign-up")),
    security(()),
)]
pub(super) async fn challenge(State(web): Shared) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json")];
    (headers, new_challenge(&web.app)).into_response()
}

fn refused(error: &SignupError) -> Response {
    match error {
        SignupError::TooMany => {
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, error.to_string());
            ([(header::RETRY_AFTER, "300")], problem).into_response()
        }
        SignupError::ProofRequired => {
            let detail = "There are many sign-ups at the moment, so each needs a proof of work. Get a challenge from /api/v1/challenge, and \
                          send its solution as `altcha`.";
            Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).into_response()
        }
        SignupError::Store(StoreError::Overloaded) => {
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
            ([(header::RETRY_AFTER, OVERLOAD_RETRY_AFTER)], problem).into_response()
        }
        error if error.is_ours() => {
            tracing::error!(%error, "sign-up failed");
            let detail = "Nothing was changed; try again in a minute.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).into_response()
        }
        error => Failure::Invalid(field_errors(error)).into_response(),
    }
}

/// Every body that is no sign-up gets status 422 here, also one that is not JSON.
fn unprocessable(failure: Failure) -> Failure {
    match failure {
        Failure::Malformed(detail) => Failure::Invalid(vec![FieldError::new("", detail)]),
        other => other,
    }
}
