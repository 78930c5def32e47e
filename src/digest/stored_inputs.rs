//! The inputs of an issue as its row stores them: complete, or as a difference from those of another issue.
//!
//! The inputs of a large issue take megabytes, and an issue can have dozens of editions. Nearly all editions differ from their issue
//! in topics, combined issues and language only, so just that difference is stored with them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::error::CompileError;
use super::inputs::{CombinedIssues, Inputs};
use super::placeholders::page_of_edition;
use crate::domain::ids::IssueId;
use crate::store::Tx;
use crate::words::Language;

/// Inputs as they are stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredInputs<'a> {
    Complete(Box<Cow<'a, Inputs>>),
    /// The inputs of `base` with other topics, combined issues and language.
    Difference {
        /// The issue that this is an edition of, or another edition of it.
        base: IssueId,
        topics: Vec<String>,
        combined_issues: Option<CombinedIssues>,
        language: Language,
    },
}

impl<'a> From<&'a Inputs> for StoredInputs<'a> {
    fn from(inputs: &'a Inputs) -> Self {
        Self::Complete(Box::new(Cow::Borrowed(inputs)))
    }
}

impl StoredInputs<'_> {
    /// The JSON that is stored with `issue`.
    pub(super) fn to_json(&self, issue: IssueId) -> Result<String, CompileError> {
        serde_json::to_string(self).map_err(|error| CompileError::Unreadable(format!("issue {issue}"), error))
    }
}

/// Reads the inputs of an issue or edition; `None` if they are not stored.
pub(super) async fn read_inputs(tx: &mut Tx, issue: IssueId) -> Result<Option<Inputs>, CompileError> {
    let mut id = issue;
    // The first difference counts: it is that of the edition itself, those of its bases belong to other editions.
    let mut difference = None;
    while let Some(json) = tx.issue_inputs(id).await? {
        let stored = match serde_json::from_str(&json) {
            Ok(stored) => stored,
            Err(error) => {
                let issue = format!("issue {}", tx.issue_name(id).await?);
                return Err(CompileError::Unreadable(issue, error));
            }
        };
        match stored {
            StoredInputs::Complete(inputs) => {
                let mut inputs = inputs.into_owned();
                if let Some((topics, combined_issues, language)) = difference {
                    inputs.topics = topics;
                    inputs.combined_issues = combined_issues;
                    inputs.language = language;
                    inputs.page_url = page_of_edition(inputs.page_url.as_deref());
                }
                return Ok(Some(inputs));
            }
            StoredInputs::Difference {
                base,
                topics,
                combined_issues,
                language,
            } => {
                difference = difference.or(Some((topics, combined_issues, language)));
                id = base;
            }
        }
    }
    Ok(None)
}
