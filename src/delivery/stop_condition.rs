//! When a sender process ends without being stopped.

use crate::domain::ids::IssueId;

/// When a sender process ends without being stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCondition {
    /// Never. It sends every issue.
    Never,
    /// When this issue is no longer in the state `sending`. It sends no other issue.
    IssueEnded(IssueId),
    /// As [`Self::IssueEnded`], and also when this process can try no delivery of the issue now. Each delivery that is left is
    /// deferred, waits for its time zone, its domain, the next day's cap or the send window of its relay, or is leased by another process.
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
