//! `daywire audit`: the audit log.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::context::Context;
use super::output;
use crate::audit::{FieldChange, changed_fields};
use crate::store::audit_log::{AuditEntry, AuditFilter};

/// Shows who changed what, and how it was before.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the entries of the audit log, the newest first.
    List {
        /// Only what this operator or person did.
        #[arg(long)]
        actor: Option<String>,
        /// Only this action, such as operator.added, or every action on one kind of object, such as operator.
        #[arg(long)]
        action: Option<String>,
        /// Only what was done to the object with this name.
        #[arg(long)]
        object: Option<String>,
        /// Only entries at this time (RFC 3339) or later.
        #[arg(long, value_name = "TIME")]
        since: Option<DateTime<Utc>>,
        /// At most this many entries.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let app = context.app().await?;
    let Command::List {
        actor,
        action,
        object,
        since,
        limit,
    } = command;
    let filter = AuditFilter {
        actor,
        action,
        object,
        since,
        ..AuditFilter::default()
    };
    let entries = app.store.read().await?.audit_log(&filter, limit).await?;
    let value = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or("null");
        serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!(text))
    };
    if context.json {
        let documents: Vec<_> = entries
            .iter()
            .map(|entry| {
                json!({
                    "id": entry.id,
                    "at": entry.at,
                    "actor": entry.actor,
                    "way": entry.way,
                    "action": entry.action,
                    "object": { "kind": entry.object_kind, "name": entry.object_name },
                    "before": value(&entry.old_values),
                    "after": value(&entry.new_values),
                })
            })
            .collect();
        return output::json(&documents);
    }
    let rows = entries.into_iter().map(|entry| {
        vec![
            output::time(entry.at),
            entry.actor.clone(),
            entry.way.to_string(),
            entry.action.to_string(),
            entry.object_name.clone(),
            shown_changes(&entry),
        ]
    });
    output::table(
        &["time", "who", "way", "action", "object", "changes"],
        rows.collect(),
        "the audit log has no such entry",
    )
}

/// The changed fields, each with its value before and after.
fn shown_changes(entry: &AuditEntry) -> String {
    let changes = changed_fields(entry.old_values.as_deref(), entry.new_values.as_deref());
    let shown = changes.into_iter().map(|FieldChange { name, old, new }| {
        let value = match (old.is_empty(), new.is_empty()) {
            (true, _) => new,
            (false, true) => format!("{old} removed"),
            (false, false) => format!("{old} -> {new}"),
        };
        if name.is_empty() {
            value
        } else {
            format!("{name}: {value}")
        }
    });
    shown.collect::<Vec<_>>().join("; ")
}
