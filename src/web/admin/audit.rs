//! The audit log: who changed what, and how it was before.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use chrono::{DateTime, Days, NaiveDate, Utc};

use super::console::Console;
use super::forms::field;
use crate::audit::{FieldChange, changed_fields};
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
        changes: changed_fields(entry.old_values.as_deref(), entry.new_values.as_deref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_form_begins_at_midnight_and_other_texts_are_no_day() {
        assert_eq!(
            start_of("2026-11-26", 1).map(|at| at.to_rfc3339()),
            Some("2026-11-27T00:00:00+00:00".into())
        );
        assert_eq!(start_of("yesterday", 0), None);
    }
}
