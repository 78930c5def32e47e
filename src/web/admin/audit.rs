//! The audit log: who changed what, and how it was before.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::Value;

use super::console::Console;
use super::forms::field;
use crate::domain::audit::AuditAction;
use crate::store::audit_log::{AuditEntry, AuditFilter};
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::Shared;

/// The number of entries on a page.
const PAGE_SIZE: usize = 50;

#[derive(Debug, Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    console: Console,
    actor: String,
    action: String,
    object: String,
    from: String,
    to: String,
    /// Every action, for the menu.
    actions: Vec<&'static str>,
    entries: Vec<AuditLine>,
    /// The address of the next page, with older entries.
    older: Option<String>,
}

impl AuditPage {
    fn is_chosen(&self, action: &str) -> bool {
        self.action == action
    }
}

#[derive(Debug)]
struct AuditLine {
    time: Stamp,
    actor: String,
    way: &'static str,
    action: &'static str,
    object: String,
    changes: Vec<FieldChange>,
}

/// A field before and after; empty if there was or is none.
#[derive(Debug, PartialEq, Eq)]
struct FieldChange {
    name: String,
    old: String,
    new: String,
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, WebError> {
    let query = query.unwrap_or_default();
    let [actor, action, object, from, to, before] =
        ["actor", "action", "object", "from", "to", "before"].map(|name| field(query.as_bytes(), name));
    let set = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = AuditFilter {
        actor: set(&actor),
        action: set(&action),
        object: set(&object),
        since: start_of(&from, 0),
        until: start_of(&to, 1),
        before: before.parse().ok(),
    };
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(i64::MAX);
    let mut entries = web.app.store.read().await?.audit_log(&filter, limit).await?;
    let has_older = entries.len() > PAGE_SIZE;
    entries.truncate(PAGE_SIZE);
    let older = entries.last().filter(|_| has_older).map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("actor", &actor),
            ("action", &action),
            ("object", &object),
            ("from", &from),
            ("to", &to),
            ("before", &last.id.to_string()),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/admin/audit?{}", query.finish())
    });
    render(&AuditPage {
        console,
        actor,
        action,
        object,
        from,
        to,
        actions: AuditAction::ALL.iter().map(|action| action.as_str()).collect(),
        entries: entries.iter().map(line).collect(),
        older,
    })
}

/// The start of a day in UTC, and of a later one; `None` if the text is not a date.
fn start_of(day: &str, days_later: u64) -> Option<DateTime<Utc>> {
    let day: NaiveDate = day.trim().parse().ok()?;
    let day = day.checked_add_days(Days::new(days_later))?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

fn line(entry: &AuditEntry) -> AuditLine {
    AuditLine {
        time: Stamp::utc(entry.at),
        actor: entry.actor.clone(),
        way: entry.way.as_str(),
        action: entry.action.as_str(),
        object: entry.object_name.clone(),
        changes: changes(entry.old_values.as_deref(), entry.new_values.as_deref()),
    }
}

/// The fields that differ.
fn changes(old: Option<&str>, new: Option<&str>) -> Vec<FieldChange> {
    let parse = |text: Option<&str>| {
        let parsed = text.map(|text| serde_json::from_str::<Value>(text).unwrap_or_else(|_| text.into()));
        match parsed {
            None => serde_json::Map::new(),
            Some(Value::Object(fields)) => fields,
            Some(other) => std::iter::once((String::new(), other)).collect(),
        }
    };
    let (old, new) = (parse(old), parse(new));
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let shown = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    names
        .into_iter()
        .map(|name| FieldChange {
            name: name.clone(),
            old: shown(old.get(name)),
            new: shown(new.get(name)),
        })
        .filter(|change| change.old != change.new)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_fields_are_shown_with_both_values() {
        let change = |name: &str, old: &str, new: &str| FieldChange {
            name: name.into(),
            old: old.into(),
            new: new.into(),
        };
        assert_eq!(
            changes(
                Some(r#"{"role":"editor","n":1}"#),
                Some(r#"{"role":"owner","n":1,"email":null}"#)
            ),
            [change("role", "editor", "owner")]
        );
        assert_eq!(changes(None, Some(r#"{"n":2}"#)), [change("n", "", "2")]);
        assert_eq!(changes(None, None), []);
        assert_eq!(
            start_of("2026-11-26", 1).map(|at| at.to_rfc3339()),
            Some("2026-11-27T00:00:00+00:00".into())
        );
        assert_eq!(start_of("yesterday", 0), None);
    }
}
