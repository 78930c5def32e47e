//! What a process remembers about each issue that it sends.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::ids::IssueId;

/// A value for each issue, shared by the tasks of all connections.
#[derive(Debug, Default)]
pub(super) struct PerIssue<T>(Mutex<HashMap<IssueId, T>>);

impl<T: Default> PerIssue<T> {
    /// Reads or changes the value of an issue, which is the default one at first.
    pub(super) fn with<R>(&self, issue: IssueId, access: impl FnOnce(&mut T) -> R) -> R {
        // No panic can leave a value half changed that matters: the values are counts, and the database has the states.
        let mut issues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        access(issues.entry(issue).or_default())
    }

    /// Forgets issues that are not being sent.
    pub(super) fn retain(&self, sending: &[IssueId]) {
        let mut issues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        issues.retain(|issue, _| sending.contains(issue));
    }
}
