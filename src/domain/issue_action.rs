//! What an operator asks to be done with an issue: which issue, who asks, and which version of it they saw.

use std::fmt;
use std::str::FromStr;

use super::audit::Actor;
use super::ids::IssueId;
use super::states::IssueState;

/// The content and the state of a draft at one moment. Two operators who work on one draft are kept apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DraftVersion {
    /// The number of changes to the content.
    pub revision: i64,
    /// The state: an approval does not change the content, but an operator must know of it before they change the draft.
    pub state: IssueState,
}

impl fmt::Display for DraftVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.revision, self.state)
    }
}

/// The text is not a version of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the version of a draft is a number and a state, such as 3-draft; load the page again")]
pub struct VersionError;

impl FromStr for DraftVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let (revision, state) = text.split_once('-').ok_or(VersionError)?;
        Ok(Self {
            revision: revision.parse().map_err(|_| VersionError)?,
            state: state.parse().map_err(|_| VersionError)?,
        })
    }
}

/// An issue that something is done with.
#[derive(Clone, Debug)]
pub struct IssueAction {
    pub(crate) id: IssueId,
    /// The operator, for the audit log; `None` if the program acts by itself.
    pub(crate) actor: Option<Actor>,
    /// The version that the operator saw; `None` acts on any version.
    pub(crate) seen: Option<DraftVersion>,
}

impl From<IssueId> for IssueAction {
    fn from(id: IssueId) -> Self {
        Self {
            id,
            actor: None,
            seen: None,
        }
    }
}

impl IssueAction {
    /// An operator acts on an issue.
    #[must_use]
    pub fn by(actor: Actor, id: IssueId) -> Self {
        Self {
            id,
            actor: Some(actor),
            seen: None,
        }
    }

    /// The action fails if the issue is no longer in this version.
    #[must_use]
    pub fn on(self, seen: DraftVersion) -> Self {
        Self {
            seen: Some(seen),
            ..self
        }
    }

    /// Whether the operator saw another version.
    pub(crate) fn is_outdated(&self, revision: i64, state: IssueState) -> bool {
        self.seen.is_some_and(|seen| seen != DraftVersion { revision, state })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_written_and_parsed() {
        let version = DraftVersion {
            revision: 12,
            state: IssueState::Approved,
        };
        assert_eq!(version.to_string(), "12-approved");
        assert_eq!("12-approved".parse(), Ok(version));
        for wrong in ["", "12", "x-draft", "1-lost"] {
            assert_eq!(wrong.parse::<DraftVersion>(), Err(VersionError), "{wrong}");
        }
    }
}
