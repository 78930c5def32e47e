//! What an operator asks to be done with an article: which article, who asks, and which version of it they saw.

use super::audit::Actor;
use super::ids::ArticleId;

/// The content of an article at one moment. Two operators who edit one article are kept apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArticleVersion(pub(crate) u64);

/// An article that something is done with.
#[derive(Clone, Debug)]
pub struct ArticleAction {
    pub(crate) id: ArticleId,
    /// The operator, for the audit log; `None` if the program acts by itself.
    pub(crate) actor: Option<Actor>,
    /// The version that the operator saw; `None` acts on any version.
    pub(crate) seen: Option<ArticleVersion>,
}

impl From<ArticleId> for ArticleAction {
    fn from(id: ArticleId) -> Self {
        Self {
            id,
            actor: None,
            seen: None,
        }
    }
}

impl ArticleAction {
    /// An operator acts on an article.
    #[must_use]
    pub fn by(actor: Actor, id: ArticleId) -> Self {
        Self {
            actor: Some(actor),
            ..id.into()
        }
    }

    /// The action fails if the article has another content by then.
    #[must_use]
    pub fn on(self, seen: ArticleVersion) -> Self {
        Self {
            seen: Some(seen),
            ..self
        }
    }
}
