//! When a sender ends by itself.

use crate::domain::ids::IssueId;

/// When a sender ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCondition {
    /// It never does, and sends every issue.
    Never,
    /// When this issue is sent, paused or cancelled. It sends no other issue.
    IssueEnded(IssueId),
    /// As [`Self::IssueEnded`], and also when no delivery of this issue can be tried now: the others are deferred, wait for their
    /// time zone or the next day's cap, or are leased by another process.
    NothingDue(IssueId),
}

impl StopCondition {
    /// The only issue to send, if there is one.
    pub(super) const fn issue(self) -> Option<IssueId> {
        match self {
            Self::Never => None,
            Self::IssueEnded(issue) | Self::NothingDue(issue) => Some(issue),
        }
    }
}
