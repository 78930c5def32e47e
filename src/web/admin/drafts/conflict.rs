//! What the page of a draft shows if somebody else changed the draft while an operator decided about it.

use super::super::console::Console;
use super::super::issue_path::NamedIssue;
use crate::domain::audit::AuditAction;
use crate::domain::issue_action::DraftVersion;
use crate::store::audit_log::{AuditEntry, AuditFilter};
use crate::web::error::WebError;
use crate::web::pages::Stamp;
use crate::web::state::Web;
use crate::words::Words;

/// At most this many changes of others are listed.
const MAX_CHANGES: i64 = 20;

/// What others did, and what the operator wanted to do.
#[derive(Debug)]
pub(crate) struct Conflict {
    /// What each operator did, such as `ada changed it, 23 Nov 2025 · 07:09 CET`. Empty if the program changed the draft.
    pub(super) changes: Vec<String>,
    /// The address of the form.
    pub(super) action: String,
    /// The label of the button that was pressed.
    pub(super) wanted: String,
    /// The fields that were typed: label, name and value.
    pub(super) typed: Vec<(String, String, String)>,
    /// The other fields of the form, without the version.
    pub(super) hidden: Vec<(String, String)>,
}

impl Conflict {
    /// Reads who changed the draft since `seen`.
    pub(super) async fn read(
        web: &Web,
        console: &Console,
        issue: &NamedIssue,
        seen: Option<DraftVersion>,
        form: PostedForm,
    ) -> Result<Self, WebError> {
        let filter = AuditFilter {
            action: Some("issue".to_owned()),
            object: Some(issue.name()),
            ..AuditFilter::default()
        };
        let entries = web.app.store.read().await?.audit_log(&filter, MAX_CHANGES).await?;
        let words = &console.words;
        let seen = seen.map_or(-1, |seen| seen.revision);
        let (typed, hidden) = form
            .fields
            .into_iter()
            .partition(|(name, _)| label(words, name).is_some());
        let typed: Vec<(String, String)> = typed;
        Ok(Self {
            changes: entries
                .iter()
                .filter(|entry| revision(entry).is_some_and(|revision| revision >= seen))
                .filter_map(|entry| {
                    let time = Stamp::utc(entry.at).shown(words);
                    match entry.action {
                        AuditAction::IssueEdited if revision(entry).is_some_and(|revision| revision > seen) => {
                            Some(words.draft_changed_by(&entry.actor, time))
                        }
                        AuditAction::IssueApproved => Some(words.draft_approved_by(&entry.actor, time)),
                        AuditAction::IssueApprovalWithdrawn => Some(words.draft_withdrawn_by(&entry.actor, time)),
                        AuditAction::IssueSent => Some(words.draft_sent_by(&entry.actor, time)),
                        AuditAction::IssueCancelled => Some(words.draft_cancelled_by(&entry.actor, time)),
                        _ => None,
                    }
                })
                .collect(),
            action: form.action,
            wanted: form.button,
            typed: typed
                .into_iter()
                .filter_map(|(name, value)| Some((label(words, &name)?, name, value)))
                .collect(),
            hidden,
        })
    }
}

/// A form that was posted.
#[derive(Debug)]
pub(super) struct PostedForm {
    /// The address that it was posted to.
    pub(super) action: String,
    /// The label of the button that was pressed.
    pub(super) button: String,
    /// The fields without the version.
    pub(super) fields: Vec<(String, String)>,
}

/// The revision that an entry of the audit log names.
fn revision(entry: &AuditEntry) -> Option<i64> {
    let values: serde_json::Value = serde_json::from_str(entry.new_values.as_deref()?).ok()?;
    values.get("revision")?.as_i64()
}

/// The label of a field that an operator types; `None` for fields that the page fills in.
fn label(words: &Words, name: &str) -> Option<String> {
    match name {
        "title" => Some(words.story_headline()),
        "because" => Some(words.story_because()),
        "subject" => Some(words.draft_subject()),
        "intro" => Some(words.draft_intro()),
        "place" => Some(words.story_place()),
        "with" => Some(words.story_join_with()),
        "to" => Some(words.draft_test_to()),
        _ => None,
    }
}
