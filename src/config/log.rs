//! `[log]`: the level and format of the log.

use serde::Deserialize;
use tracing::level_filters::LevelFilter;

use super::value::required;

/// The settings of the section `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The lowest level that is logged.
    #[serde(deserialize_with = "required")]
    pub level: LevelFilter,
    /// Whether a log line is text or JSON.
    pub format: LogFormat,
}

/// The format of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line of text with fields.
    Text,
    /// One JSON object a line.
    Json,
}
