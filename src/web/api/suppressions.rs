//! `/api/v1/suppressions`: the addresses that are never mailed. A suppression is named by the keyed hash of its address, so no path has
//! an address in it.

use std::fmt;
use std::str::FromStr;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bearer::{Bearer, ManageReaders, ReadReaders};
use super::body::Document;
use super::entity::{Entity, IfMatch, IfNoneMatch, KnownTag, SeenTag};
use super::failure::Failure;
use super::input::{FieldErrors, Query, text};
use super::named::Named;
use super::paging::{DEFAULT_PAGE_SIZE, Page, page_size, position};
use crate::domain::address::EmailAddress;
use crate::domain::states::SuppressionReason;
use crate::readers;
use crate::store::Tx;
use crate::store::suppression_lists::ListedSuppression;
use crate::store::suppressions::Lifted;
use crate::web::problem::ProblemAnswer;
use crate::web::state::Shared;

/// The bytes of a keyed hash.
const HASH_BYTES: usize = 32;

/// The keyed hash of an address, in hexadecimal.
#[derive(Clone, Debug)]
pub(super) struct SuppressionId(Vec<u8>);

impl fmt::Display for SuppressionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for SuppressionId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let hash = HEXLOWER.decode(text.as_bytes()).map_err(|_| ())?;
        if hash.len() != HASH_BYTES {
            return Err(());
        }
        Ok(Self(hash))
    }
}

/// A position in the list: the time and the keyed hash of the last suppression of a page.
#[derive(Clone, Debug)]
struct Position {
    at: DateTime<Utc>,
    id: SuppressionId,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.timestamp_micros(), self.id)
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('_').ok_or(())?;
        let digits = at.strip_prefix('-').unwrap_or(at);
        let is_number = (1..=16).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let at = at.parse().ok().filter(|_| is_number);
        Ok(Self {
            at: at.and_then(DateTime::from_timestamp_micros).ok_or(())?,
            id: id.parse()?,
        })
    }
}

/// The parameters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SuppressionQuery {
    /// Only suppressions for this reason
    reason: Option<SuppressionReason>,
    /// The number of suppressions on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "position")]
    #[param(value_type = Option<String>, pattern = "^-?[0-9]{1,16}_[0-9a-f]{64}$")]
    after: Option<Position>,
}

/// An address that is never mailed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suppression)]
pub(super) struct SuppressionDocument {
    /// The keyed hash of the address
    id: String,
    /// null: no reader has the address, so that only its hash is on record
    #[schema(required)]
    email: Option<String>,
    reason: SuppressionReason,
    /// The reply, the lines of a returned mail, an operator's note or the row of a file
    evidence: String,
    since: DateTime<Utc>,
    /// The evidence of a complaint beside an operator's suppression. It stays in force when the operator lifts theirs
    #[schema(required)]
    complaint: Option<String>,
    /// Whether an operator can lift it. Only the reader ends a suppression after a complaint, by a new confirmation
    can_be_lifted: bool,
}

impl From<ListedSuppression> for SuppressionDocument {
    fn from(suppression: ListedSuppression) -> Self {
        Self {
            id: HEXLOWER.encode(&suppression.address_hash),
            email: suppression.address.map(|address| address.as_typed().to_owned()),
            reason: suppression.reason,
            evidence: suppression.evidence,
            since: suppression.created_at,
            complaint: suppression.complaint,
            can_be_lifted: suppression.reason != SuppressionReason::Complaint,
        }
    }
}

impl SuppressionDocument {
    /// The suppression of an address that the sender of the request knows.
    pub(super) fn of(address: &EmailAddress, suppression: ListedSuppression) -> Self {
        Self {
            email: Some(address.as_typed().to_owned()),
            ..suppression.into()
        }
    }
}

async fn existing(tx: &mut Tx, id: &SuppressionId) -> Result<ListedSuppression, Failure> {
    let found = tx.listed_suppression(&id.0).await?;
    found.ok_or_else(|| {
        Failure::NotFound(
            "The address with this hash is not suppressed; GET /api/v1/suppressions lists the suppressions.".to_owned(),
        )
    })
}

/// The address in a document.
pub(super) fn address(errors: &mut FieldErrors, email: Option<String>) -> Option<EmailAddress> {
    let typed = errors.require("email", email)?;
    match EmailAddress::parse(typed.trim()) {
        Ok(address) => Some(address),
        Err(error) => {
            errors.add("email", format!("`email` is no address that can be mailed: {error}"));
            None
        }
    }
}

#[utoipa::path(
    get, path = "/api/v1/suppressions", operation_id = "listSuppressions",
    summary = "The addresses that are never mailed, the latest suppression first",
    params(SuppressionQuery),
    responses((status = 200, description = "A page of suppressions", body = Page<SuppressionDocument>)),
    security(("token" = ["readers"])),
)]
pub(super) async fn list(
    _: Bearer<ReadReaders>,
    State(web): Shared,
    query: Query<SuppressionQuery>,
) -> Result<Json<Page<SuppressionDocument>>, Failure> {
    query.errors.finish()?;
    let SuppressionQuery { reason, limit, after } = query.parameters;
    let limit = limit.unwrap_or(DEFAULT_PAGE_SIZE);
    let before = after.as_ref().map(|last| (last.at, last.id.0.as_slice()));
    let mut tx = web.app.store.read().await?;
    let suppressions = tx.newest_suppressions(reason, before, limit + 1).await?;
    let position = |last: &ListedSuppression| {
        let position = Position {
            at: last.created_at,
            id: SuppressionId(last.address_hash.clone()),
        };
        position.to_string()
    };
    Ok(Json(Page::new(
        suppressions,
        limit,
        position,
        SuppressionDocument::from,
    )))
}

/// An address to look for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AddressSearch {
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false, format = Email)]
    email: Option<String>,
}

/// Whether an address is suppressed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FoundSuppression {
    /// null: the address is not suppressed
    #[schema(required)]
    suppression: Option<SuppressionDocument>,
}

#[utoipa::path(
    post, path = "/api/v1/suppressions/search", operation_id = "findSuppression", summary = "Whether an address is suppressed, and why",
    request_body = AddressSearch,
    responses((status = 200, description = "The suppression, if there is one", body = FoundSuppression)),
    security(("token" = ["readers"])),
)]
pub(super) async fn search(
    _: Bearer<ReadReaders>,
    State(web): Shared,
    Document { value, mut errors }: Document<AddressSearch>,
) -> Result<Json<FoundSuppression>, Failure> {
    let Some(address) = address(&mut errors, value.email) else {
        return Err(errors.into_failure());
    };
    errors.finish()?;
    let hash = web.app.keys.address_hash(address.key());
    let found = web.app.store.read().await?.listed_suppression(&hash).await?;
    Ok(Json(FoundSuppression {
        suppression: found.map(|found| SuppressionDocument::of(&address, found)),
    }))
}

/// An address to suppress.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewSuppression {
    /// The address, which need not belong to a reader
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false, format = Email)]
    email: Option<String>,
    /// Why, for the record
    #[serde(deserialize_with = "text")]
    reason: Option<String>,
}

#[utoipa::path(
    post, path = "/api/v1/suppressions", operation_id = "addSuppression", summary = "Never mails an address again",
    request_body = NewSuppression,
    responses(
        (status = 200, description = "An operator suppressed the address before; that suppression is unchanged", body = SuppressionDocument),
        (
            status = 201, description = "The address is suppressed by an operator now", body = SuppressionDocument,
            headers(("Location" = String, description = "The path of the suppression in the API")),
        ),
    ),
    security(("token" = ["readers"])),
)]
pub(super) async fn add(
    Bearer { operator, .. }: Bearer<ManageReaders>,
    State(web): Shared,
    Document { value, mut errors }: Document<NewSuppression>,
) -> Result<Response, Failure> {
    let Some(address) = address(&mut errors, value.email) else {
        return Err(errors.into_failure());
    };
    errors.finish()?;
    let reason = value.reason.unwrap_or_default();
    let suppressed = readers::suppress(&web.app, &operator.actor(), &address, &reason).await?;
    let hash = web.app.keys.address_hash(address.key());
    let found = web.app.store.read().await?.listed_suppression(&hash).await?;
    let Some(found) = found else {
        let detail = "Another operator lifted the suppression at the same time. Repeat the request to add it again.";
        return Err(Failure::Conflict(detail.to_owned()));
    };
    let document = SuppressionDocument::of(&address, found);
    let location = format!("/api/v1/suppressions/{}", document.id);
    let (status, name) = if suppressed.changed {
        (StatusCode::CREATED, header::LOCATION)
    } else {
        (StatusCode::OK, header::CONTENT_LOCATION)
    };
    Ok(([(name, location)], (status, Json(document))).into_response())
}

#[utoipa::path(
    get, path = "/api/v1/suppressions/{id}", operation_id = "showSuppression", summary = "One suppression",
    params(("id" = String, Path, description = "The keyed hash of the address"), KnownTag),
    responses((status = 200, description = "The suppression", body = SuppressionDocument)),
    security(("token" = ["readers"])),
)]
pub(super) async fn show(
    _: Bearer<ReadReaders>,
    State(web): Shared,
    Named(id): Named<SuppressionId>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let suppression = existing(&mut web.app.store.read().await?, &id).await?;
    Ok(Entity::new(&SuppressionDocument::from(suppression))?.unless(&known))
}

/// Why a suppression is lifted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LiftRequest {
    /// Why, for the record
    #[serde(deserialize_with = "text")]
    reason: Option<String>,
}

#[utoipa::path(
    post, path = "/api/v1/suppressions/{id}/lift", operation_id = "liftSuppression", summary = "Lifts a suppression",
    params(("id" = String, Path, description = "The keyed hash of the address"), SeenTag),
    request_body = LiftRequest,
    responses(
        (status = 200, description = "The operator's suppression is lifted, and this complaint is in force now", body = SuppressionDocument),
        (status = 204, description = "The address can be mailed again"),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["readers"])),
)]
pub(super) async fn lift(
    Bearer { operator, .. }: Bearer<ManageReaders>,
    State(web): Shared,
    Named(id): Named<SuppressionId>,
    condition: IfMatch,
    Document { value, errors }: Document<LiftRequest>,
) -> Result<Response, Failure> {
    errors.finish()?;
    let suppression = existing(&mut web.app.store.read().await?, &id).await?;
    let version = suppression.version();
    let seen = condition.seen(&Entity::new(&SuppressionDocument::from(suppression))?, version)?;
    let reason = value.reason.unwrap_or_default();
    let hashes = std::slice::from_ref(&id.0);
    let lifted = readers::lift(&web.app, &operator.actor(), hashes, &reason, &seen).await?;
    match lifted.first() {
        Some(Lifted::ComplaintRemains) => {
            let complaint = existing(&mut web.app.store.read().await?, &id).await?;
            Ok(Json(SuppressionDocument::from(complaint)).into_response())
        }
        Some(Lifted::IsOutdated) => Err(Failure::Changed),
        Some(Lifted::IsComplaint) => Err(Failure::Conflict(
            "The reader complained, so no operator lifts this suppression. A new confirmation by the reader ends it."
                .to_owned(),
        )),
        // If the suppression ended already, the request is fulfilled, so that is not an error.
        Some(Lifted::Lifted | Lifted::WasNotSuppressed) | None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

#[utoipa::path(
    post, path = "/api/v1/suppressions/export", operation_id = "exportSuppressions",
    summary = "All suppressions as CSV, which `daywire suppression import` reads. The audit log has who took them",
    responses((status = 200, description = "The file", body = String, content_type = "text/csv")),
    security(("token" = ["readers"])),
)]
pub(super) async fn export(
    Bearer { operator, .. }: Bearer<ReadReaders>,
    State(web): Shared,
) -> Result<Response, Failure> {
    let parts = readers::export_suppressions(&web.app, &operator.actor()).await?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], Body::from_stream(parts)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_written_and_parsed() {
        let hash = "ab".repeat(HASH_BYTES);
        for text in [format!("1795000000123456_{hash}"), format!("-9999999999999999_{hash}")] {
            let position: Position = text.parse().expect("it is a position");
            assert_eq!(position.to_string(), text);
        }
        for wrong in [
            String::new(),
            format!("+1_{hash}"),
            "1_ab".to_owned(),
            format!("1_{}", hash.to_uppercase()),
        ] {
            assert!(wrong.parse::<Position>().is_err(), "{wrong}");
        }
    }
}
