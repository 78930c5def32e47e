//! `[webhooks]`: how events are sent to other programs.

use std::time::Duration;

use serde::Deserialize;

use super::value::{list, required, whole};
use crate::feeds::guard::Allowed;

/// The settings of the section `[webhooks]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// The time limit of one attempt.
    #[serde(deserialize_with = "required")]
    pub timeout: Duration,
    /// How many messages one process sends to one webhook at once.
    #[serde(deserialize_with = "whole::<1, 100, _, _>")]
    pub concurrency: usize,
    /// How long a message is tried again before it fails.
    #[serde(deserialize_with = "required")]
    pub retry_for: Duration,
    /// How long every attempt must fail before a webhook is disabled.
    #[serde(deserialize_with = "required")]
    pub disable_after: Duration,
    /// How long messages that ended stay in the log.
    #[serde(deserialize_with = "required")]
    pub keep_log: Duration,
    /// Private hosts and networks to which events may be sent.
    #[serde(deserialize_with = "list")]
    pub allow: Vec<Allowed>,
}
