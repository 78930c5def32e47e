//! `/api/v1/audit-log`: who changed what, and how it was before.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::bearer::{Bearer, ReadAudit};
use super::failure::Failure;
use super::input::{Query, text, time};
use super::paging::{DEFAULT_PAGE_SIZE, Page, page_size, position};
use crate::domain::audit::{AuditAction, Way};
use crate::domain::ids::AuditEntryId;
use crate::store::audit_log::{AuditEntry, AuditFilter};
use crate::web::state::Shared;

/// The parameters of the list. Every condition that is set must hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Only changes by the operator with this name
    #[serde(deserialize_with = "text")]
    actor: Option<String>,
    /// Only this action, such as `operator.added`, or this kind of object, such as `operator`
    #[serde(deserialize_with = "text")]
    action: Option<String>,
    /// Only changes of the object with this name
    #[serde(deserialize_with = "text")]
    object: Option<String>,
    /// Only changes at this time or later
    #[serde(deserialize_with = "time")]
    since: Option<DateTime<Utc>>,
    /// Only changes before this time
    #[serde(deserialize_with = "time")]
    until: Option<DateTime<Utc>>,
    /// The number of entries on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "position")]
    #[param(value_type = Option<Uuid>)]
    after: Option<AuditEntryId>,
}

/// An entry of the audit log. Addresses in it are masked, and secrets are left out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(super) struct AuditDocument {
    id: AuditEntryId,
    at: DateTime<Utc>,
    /// The name of the operator at that time, or of the person at the command line
    actor: String,
    way: Way,
    action: AuditAction,
    /// The name of what was changed
    object: String,
    /// The changed fields before; null: there were none
    #[schema(required, value_type = Option<Object>)]
    before: Option<Value>,
    /// The changed fields after; null: there are none
    #[schema(required, value_type = Option<Object>)]
    after: Option<Value>,
}

impl TryFrom<AuditEntry> for AuditDocument {
    type Error = Failure;

    fn try_from(entry: AuditEntry) -> Result<Self, Failure> {
        let fields = |text: Option<String>| {
            let parsed = text.map(|text| serde_json::from_str(&text)).transpose();
            parsed.map_err(|error| Failure::Internal(format!("entry {} of the audit log: {error}", entry.id)))
        };
        Ok(Self {
            before: fields(entry.old_values)?,
            after: fields(entry.new_values)?,
            id: entry.id,
            at: entry.at,
            actor: entry.actor,
            way: entry.way,
            action: entry.action,
            object: entry.object_name,
        })
    }
}

#[utoipa::path(
    get, path = "/api/v1/audit-log", operation_id = "listAuditLog",
    summary = "Who changed what, and how it was before, the latest change first",
    params(AuditQuery),
    responses((status = 200, description = "A page of entries", body = Page<AuditDocument>)),
    security(("token" = ["admin"])),
)]
pub(super) async fn list(
    _: Bearer<ReadAudit>,
    State(web): Shared,
    query: Query<AuditQuery>,
) -> Result<Json<Page<AuditDocument>>, Failure> {
    query.errors.finish()?;
    let query = query.parameters;
    let limit = query.limit.unwrap_or(DEFAULT_PAGE_SIZE);
    let filter = AuditFilter {
        actor: query.actor,
        action: query.action,
        object: query.object,
        since: query.since,
        until: query.until,
        before: query.after,
    };
    let entries = web.app.store.read().await?.audit_log(&filter, limit + 1).await?;
    let documents = entries.into_iter().map(AuditDocument::try_from);
    let documents = documents.collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::new(
        documents,
        limit,
        |last| last.id.to_string(),
        |entry| entry,
    )))
}
