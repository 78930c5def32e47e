//! `[delivery]`: how an issue is shared out among senders, and how long they try.

use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::value::{list, required, whole};

/// `[delivery]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// What becomes of a message whose fate is not known.
    pub in_doubt: InDoubt,
    /// How long a sender may hold deliveries without a sign of life.
    #[serde(deserialize_with = "required")]
    pub lease: Duration,
    /// How many deliveries a sender takes at a time.
    #[serde(deserialize_with = "whole::<1, 100_000, _, _>")]
    pub batch: u32,
    /// The waits after the first passing refusal, the second, and so on; the last one repeats. Never empty.
    #[serde(deserialize_with = "waits")]
    pub retry_after: Vec<Duration>,
    /// A delivery that is this old is given up.
    #[serde(deserialize_with = "required")]
    pub expire_after: Duration,
}

/// What to do when the connection broke between the final dot and its answer (RFC 1047).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InDoubt {
    /// Send it again with the same Message-ID: perhaps twice, never not at all.
    Resend,
    /// Leave it until an operator decides: perhaps not at all, never twice.
    Hold,
}

fn waits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Duration>, D::Error> {
    let waits: Vec<Duration> = list(deserializer)?;
    if waits.is_empty() {
        return Err(D::Error::custom(
            "a list of at least one duration, such as [\"5m\", \"1h\"]",
        ));
    }
    Ok(waits)
}
