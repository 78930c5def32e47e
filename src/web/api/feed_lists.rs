//! `/api/v1/feeds/opml`: lists of feeds in the format of feed readers.

use axum::Json;
use axum::body::Body as Stream;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bearer::{Bearer, ManageFeeds, ReadReports};
use super::body;
use super::failure::Failure;
use super::input::{Query, text};
use super::newsletters::existing;
use crate::domain::article_input::FieldError;
use crate::domain::redact::without_secrets;
use crate::feeds::opml;
use crate::ingest::feed_export;
use crate::ingest::managing_feeds::{self, ImportError, Imported, RefusedReason};
use crate::web::problem::ProblemAnswer;
use crate::web::state::Shared;

/// The content types of a list. A file on disk often has one of the other two.
const CONTENT_TYPES: [&str; 3] = ["text/x-opml", "application/xml", "text/xml"];

/// Which newsletter reads the feeds.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportQuery {
    /// The slug of the newsletter that reads the feeds
    #[serde(deserialize_with = "text")]
    #[param(required = true, nullable = false)]
    newsletter: Option<String>,
}

/// Which feeds are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// Only the feeds of the newsletter with this slug; default: of all newsletters, each in a folder
    #[serde(deserialize_with = "text")]
    newsletter: Option<String>,
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportedFeeds {
    added: usize,
    /// How many the newsletter read before
    known: usize,
    /// The feeds that were not added
    refused: Vec<RefusedFeed>,
}

/// A feed that was not added.
#[derive(Debug, Serialize, ToSchema)]
struct RefusedFeed {
    title: String,
    reason: String,
}

impl From<Imported> for ImportedFeeds {
    fn from(imported: Imported) -> Self {
        let refused = imported.refused.into_iter().map(|feed| RefusedFeed {
            title: feed.title,
            reason: match feed.reason {
                RefusedReason::OnlySite(site) => format!(
                    "it has no xmlUrl; add {} by POST /api/v1/feeds, which looks for one",
                    without_secrets(&site)
                ),
                RefusedReason::NoAddress => "it has no address that can be read over http or https".to_owned(),
                RefusedReason::Address(error) => error.to_string(),
            },
        });
        Self {
            added: imported.added,
            known: imported.known,
            refused: refused.collect(),
        }
    }
}

#[utoipa::path(
    get, path = "/api/v1/feeds/opml", operation_id = "exportFeeds", summary = "The feeds as OPML, for other programs",
    params(ExportQuery),
    responses(
        (status = 200, description = "An OPML document", body = String, content_type = "text/x-opml"),
        (status = 404, response = ProblemAnswer),
    ),
    security(("token" = ["read"])),
)]
pub(super) async fn export(
    _: Bearer<ReadReports>,
    State(web): Shared,
    query: Query<ExportQuery>,
) -> Result<Response, Failure> {
    query.errors.finish()?;
    let slug = query.parameters.newsletter;
    let mut tx = web.app.store.read().await?;
    if let Some(slug) = &slug {
        existing(&mut tx, slug).await?;
    }
    let folders = feed_export::folders(&mut tx, slug.as_deref()).await?;
    let document = opml::write(&web.app.config.site.name, &folders);
    Ok(([(header::CONTENT_TYPE, "text/x-opml")], document).into_response())
}

#[utoipa::path(
    post, path = "/api/v1/feeds/opml", operation_id = "importFeeds",
    summary = "Lets a newsletter read all feeds of an OPML document",
    params(ImportQuery),
    request_body(
        description = "OPML, at most 1 MiB",
        content((String = "text/x-opml"), (String = "application/xml"), (String = "text/xml")),
    ),
    responses(
        (status = 200, description = "What was added, and what was not", body = ImportedFeeds),
        (status = 404, response = ProblemAnswer),
    ),
    security(("token" = ["write"])),
)]
pub(super) async fn import(
    Bearer { operator, .. }: Bearer<ManageFeeds>,
    State(web): Shared,
    query: Query<ImportQuery>,
    headers: HeaderMap,
    stream: Stream,
) -> Result<Json<ImportedFeeds>, Failure> {
    let Query { parameters, mut errors } = query;
    if !CONTENT_TYPES.contains(&body::content_type(&headers).as_str()) {
        return Err(Failure::ContentType("text/x-opml"));
    }
    let Some(slug) = errors.require("newsletter", parameters.newsletter) else {
        return Err(errors.into_failure());
    };
    errors.finish()?;
    let newsletter = existing(&mut web.app.store.read().await?, &slug).await?;
    let document = body::read(stream).await?;
    match managing_feeds::import(&web.app, &operator.actor(), &newsletter, document).await {
        Ok(imported) => Ok(Json(imported.into())),
        Err(ImportError::Store(error)) => Err(error.into()),
        Err(ImportError::List(error)) => {
            let detail = format!("this is not OPML, or it is incomplete: {error}");
            Err(Failure::Invalid(vec![FieldError::new("", detail)]))
        }
    }
}
