//! Where a batch of entries comes from.

use crate::domain::ids::NewsletterId;
use crate::domain::scope::Scope;

/// Where entries come from, and where they arrive.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The scope in which their guids and keys identify an article.
    pub scope: Scope,
    /// The publisher's name, as readers see it.
    pub source_name: String,
    /// The newsletters in which they arrive.
    pub newsletters: Vec<NewsletterId>,
    /// Whether the site may show the whole text: the newsroom wrote it, or an operator allowed it. It is false for a feed, because
    /// a feed has a flag of its own, which can change later.
    pub full_text: bool,
}
