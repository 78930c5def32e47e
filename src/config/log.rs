//! `[log]`: how much is logged, and in which form.

use serde::Deserialize;
use tracing::level_filters::LevelFilter;

use super::value::required;

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The least important level that is logged.
    #[serde(deserialize_with = "required")]
    pub level: LevelFilter,
    /// For people or for programs.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A sentence and its fields.
    Text,
    /// A JSON object.
    Json,
}
