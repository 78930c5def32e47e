//! `/api/v1/subscriptions`: sign-ups by programs and by scripts of listed pages.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::body;
use super::failure::Failure;
use crate::domain::consent::ConsentSource;
use crate::domain::json;
use crate::domain::page_url::PageUrl;
use crate::domain::states::Cadence;
use crate::signup::proof::new_challenge;
use crate::signup::{SentForm, SentProof, ShownWords, SignupError, SignupRequest};
use crate::store::StoreError;
use crate::text::plain::uncut_line;
use crate::web::client::Client;
use crate::web::error::OVERLOAD_RETRY_AFTER;
use crate::web::origin::PostedFrom;
use crate::web::problem::{Problem, ProblemAnswer};
use crate::web::signup::hide_duration;
use crate::web::signup_fields::{MAX_WORDS, is_listed};
use crate::web::state::{Shared, Web};
use crate::words::{Language, UnknownLanguage};

/// A sign-up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionRequest {
    /// The address to subscribe
    email: String,
    /// Slugs of newsletters; default: the first newsletter
    #[serde(default)]
    newsletters: Vec<String>,
    /// The person's name
    name: Option<String>,
    /// An IANA time zone, such as Europe/Berlin
    timezone: Option<String>,
    /// Topics to get; default: all
    #[serde(default)]
    topics: Vec<String>,
    /// How often the person wants the newsletters: `every` or `weekly`; default: every issue
    #[schema(value_type = Option<String>)]
    cadence: Option<Cadence>,
    /// The language of mails, such as `de` or `pt-BR`; default: the newsletter's
    #[serde(default, deserialize_with = "language")]
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
    /// For the record of consent: the words that the person saw, at most 2,000 characters
    words: Option<String>,
    /// For the record of consent: the address of the page with the form, on this site or one of `signup.origins`
    page: Option<String>,
    /// The solution of a challenge of `/api/v1/challenge`, if a sign-up needs one
    altcha: Option<String>,
}

/// Reads the tag of a language that Daywire has.
fn language<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Language>, D::Error> {
    let tag = Option::<String>::deserialize(deserializer)?;
    let matching = |tag: String| Language::matching(&tag).ok_or_else(|| D::Error::custom(UnknownLanguage::new(&tag)));
    tag.map(matching).transpose()
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
        (status = 422, response = ProblemAnswer),
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
    let request: SubscriptionRequest = match json::parse(&body).and_then(serde_json::from_value) {
        Ok(request) => request,
        Err(error) => {
            return match web.signups.count_invalid(network).await {
                Ok(()) => unprocessable(&format!("the body is not what is expected: {error}")),
                Err(refusal) => refused(&refusal),
            };
        }
    };
    let (source, words) = match shown(&web, &page, &request) {
        Ok(shown) => shown,
        Err(reason) => {
            return match web.signups.count_invalid(network).await {
                Ok(()) => unprocessable(&reason),
                Err(refusal) => refused(&refusal),
            };
        }
    };
    let request = SignupRequest {
        email: request.email,
        newsletters: request.newsletters,
        name: request.name,
        timezone: request.timezone,
        topics: request.topics,
        cadence: request.cadence,
        language: request.language,
        source,
        words,
        network: Some(network),
        honeypot_filled: false,
        form: SentForm::NotOurs,
        proof: request.altcha.map(SentProof::Work),
    };
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

/// What the record of consent says of the page: its address, and the words that it showed.
fn shown(web: &Web, caller: &PostedFrom, request: &SubscriptionRequest) -> Result<(ConsentSource, ShownWords), String> {
    let page = request
        .page
        .as_deref()
        .map(|text| named_page(web, caller, text))
        .transpose()?;
    let source = match (page, caller) {
        (Some(page), _) => ConsentSource::ApiOf(page.without_query()),
        (None, PostedFrom::Listed(origin)) => ConsentSource::ApiOf(origin.clone()),
        (None, PostedFrom::OwnSite) => ConsentSource::Api,
    };
    let words = request
        .words
        .as_deref()
        .map(uncut_line)
        .filter(|words| !words.is_empty());
    let Some(words) = words else {
        return Ok((source, ShownWords::Unknown));
    };
    if words.chars().count() > MAX_WORDS {
        return Err(format!("`words` must have at most {MAX_WORDS} characters"));
    }
    Ok((source, ShownWords::Given(words)))
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
        error => unprocessable(&error.to_string()),
    }
}

fn unprocessable(detail: &str) -> Response {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).into_response()
}
