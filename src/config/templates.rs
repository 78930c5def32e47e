//! `[templates]`: the operator's own templates.

use std::path::PathBuf;

use serde::Deserialize;

use super::value::optional;

/// The settings of the section `[templates]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateSettings {
    /// The folder with templates that replace built-in ones.
    #[serde(deserialize_with = "optional")]
    pub dir: Option<PathBuf>,
}
