//! `[digest]`: the limits of an issue.

use serde::Deserialize;

use super::value::whole;

/// The settings of the section `[digest]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// The most stories in one issue, unless the newsletter says otherwise.
    #[serde(deserialize_with = "whole::<1, 500, _, _>")]
    pub max_stories: usize,
    /// The most editions of one issue.
    #[serde(deserialize_with = "whole::<0, 10_000, _, _>")]
    pub max_editions: usize,
    /// At most this many waiting articles are compiled into one issue.
    #[serde(deserialize_with = "whole::<1, 1_000_000, _, _>")]
    pub max_candidates: usize,
    /// Whether the picture of an article is shown, which is at its publisher's server.
    pub images: bool,
}
