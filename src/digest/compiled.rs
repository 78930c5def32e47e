//! The result of compiling: a draft with the decision on each article, or the reason why there is no issue.

use std::sync::Arc;

use super::decisions::Decision;
use super::inputs::Inputs;
use crate::domain::ids::{ArticleId, CorrectionId};
use crate::store::issues::Issue;

/// The result of compiling the next issue.
#[derive(Clone, Debug)]
pub enum Compiled {
    /// A draft that can be stored.
    Issue(Box<Draft>),
    /// There is nothing to send.
    Nothing(NothingToSend),
}

impl Compiled {
    /// Names the issue in the current span, which is called `compile`. An issue that is not stored has no name there, because no other
    /// span will be about it.
    pub(super) fn name_in_span(&self) {
        if let Self::Issue(draft) = self {
            tracing::Span::current().record("issue.id", tracing::field::display(draft.issue.id));
        }
    }
}

/// Why there is no issue, and the decision on each waiting article.
#[derive(Clone, Debug)]
pub struct NothingToSend {
    /// For the operator, with what to do next.
    pub reason: String,
    /// One for each candidate. A position is the one in an issue without `min_stories`.
    pub decisions: Vec<Decision>,
}

/// A compiled issue that is not stored yet, and the decision on each waiting article.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The issue, in state `draft`.
    pub issue: Issue,
    /// Stored with the issue, so that it can be compiled again.
    pub inputs: Inputs,
    /// One for each candidate of `inputs`, those in the issue first.
    pub decisions: Vec<Decision>,
    /// The corrections that the issue lists.
    pub corrections: Vec<CorrectionId>,
    /// The articles that waited and are not candidates.
    pub non_candidates: Vec<NonCandidate>,
}

/// A waiting article that is not a candidate. It is recorded as left out, so that it does not wait forever.
#[derive(Clone, Debug)]
pub struct NonCandidate {
    pub(super) article: ArticleId,
    /// Shared, because thousands of articles can have the same reason.
    pub(super) reason: Arc<str>,
}
