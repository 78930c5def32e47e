//! The audit log. Rows are only added; triggers refuse everything else.

use chrono::{DateTime, Utc};
use const_format::concatcp;

use super::{Columns, Result, Tx, on, row};
use crate::domain::audit::{AuditAction, Way};
use crate::domain::ids::{AuditEntryId, OperatorId};

row! {
    /// Who changed what, when, and how it was before.
    #[derive(Clone, Debug)]
    pub struct AuditEntry {
        /// The id, which sorts by time.
        pub id: AuditEntryId,
        /// When the change was made.
        pub at: DateTime<Utc>,
        /// `None` for a person at the command line who named no operator.
        pub operator_id: Option<OperatorId>,
        /// The name of the operator at that time, or of the person at the command line.
        pub actor: String,
        /// How the change was made.
        pub way: Way,
        /// What was done to the object.
        pub action: AuditAction,
        /// The kind of what was changed, such as `operator`.
        pub object_kind: String,
        /// The name of what was changed.
        pub object_name: String,
        /// The changed fields before, as a JSON object; `None` if there was nothing.
        pub old_values: Option<String>,
        /// The changed fields after, as a JSON object; `None` if there is nothing.
        pub new_values: Option<String>,
    }
}

/// Which entries of the audit log are listed. Every condition that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// The name of the operator or person who made the change.
    pub actor: Option<String>,
    /// The first part of the action or all of it, such as `operator` or `operator.added`.
    pub action: Option<String>,
    /// The name of what was changed.
    pub object: Option<String>,
    /// Only entries at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Only entries before this time.
    pub until: Option<DateTime<Utc>>,
    /// Only entries that are older than this one.
    pub before: Option<AuditEntryId>,
}

impl Tx {
    pub(crate) async fn add_audit_entry(&mut self, entry: &AuditEntry) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO audit_log \
             (id, at, operator_id, actor, way, action, object_kind, object_name, old_values, new_values) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            entry.id,
            entry.at,
            entry.operator_id,
            &entry.actor,
            entry.way,
            entry.action,
            &entry.object_kind,
            &entry.object_name,
            entry.old_values.as_deref(),
            entry.new_values.as_deref()
        )?;
        Ok(())
    }

    /// The entries that a filter selects, the newest first.
    pub async fn audit_log(&mut self, filter: &AuditFilter, limit: i64) -> Result<Vec<AuditEntry>> {
        // A condition whose parameter is NULL always holds.
        Ok(on!(
            self,
            all as AuditEntry,
            concatcp!(
                "SELECT ",
                AuditEntry::COLUMNS,
                " FROM audit_log WHERE ($1 IS NULL OR actor = $1) \
             AND ($2 IS NULL OR action = $2 OR object_kind = $2) \
             AND ($3 IS NULL OR object_name = $3) \
             AND ($4 IS NULL OR at >= $4) AND ($5 IS NULL OR at < $5) AND ($6 IS NULL OR id < $6) \
             ORDER BY id DESC LIMIT $7"
            ),
            filter.actor.as_deref(),
            filter.action.as_deref(),
            filter.object.as_deref(),
            filter.since,
            filter.until,
            filter.before,
            limit
        )?)
    }
}
