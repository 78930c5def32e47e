//! `[delivery]`: how an issue is divided among senders, and how long they retry.

use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::value::{Setting, list, optional, required, whole};

/// The settings of the section `[delivery]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// What to do with a message in doubt.
    pub in_doubt: InDoubt,
    /// After this long without a heartbeat a sender loses its leases.
    #[serde(deserialize_with = "required")]
    pub lease: Duration,
    /// How many deliveries a sender leases at once.
    #[serde(deserialize_with = "whole::<1, 100_000, _, _>")]
    pub batch: u32,
    /// The limits for large providers.
    #[serde(deserialize_with = "list")]
    pub limits: Vec<DomainLimit>,
    /// The waits after the first temporary refusal, the second, and so on; the last one repeats. Never empty.
    #[serde(deserialize_with = "waits")]
    pub retry_after: Vec<Duration>,
    /// The age at which a delivery expires.
    #[serde(deserialize_with = "required")]
    pub expire_after: Duration,
    /// How long after its end an issue's deliveries are compacted into sums; `None` is never.
    #[serde(deserialize_with = "optional")]
    pub compact_after: Option<Duration>,
}

/// The limits for a group of domains that share their servers.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainLimit {
    /// The domains in lower case, at least one.
    pub domains: Vec<String>,
    /// The most messages at once to all these domains.
    pub connections: usize,
    /// The most messages a second to all these domains; `None` means no limit.
    pub rate_per_second: Option<f64>,
}

impl Setting for DomainLimit {
    const ALLOWED: &'static str = "DOMAIN …: N connections, or DOMAIN …: N connections, R per second";

    fn read(text: &str) -> Option<Self> {
        let (domains, limits) = text.split_once(':')?;
        let (connections, rate) = limits.split_once(',').map_or((limits, None), |(c, r)| (c, Some(r)));
        let number = |text: &str, unit: &[&str]| {
            let (number, rest) = text.trim().split_once(' ')?;
            unit.contains(&rest.trim()).then_some(())?;
            number.parse::<f64>().ok().filter(|n| *n > 0.0 && *n <= 1e6)
        };
        let connections = number(connections, &["connections", "connection"]).filter(|n| n.fract() == 0.0)?;
        let rate_per_second = match rate {
            Some(rate) => Some(number(rate, &["per second"])?),
            None => None,
        };
        let domains: Option<Vec<String>> = domains
            .split_whitespace()
            .map(|domain| idna::domain_to_ascii_strict(domain).ok())
            .collect();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number from 1 to a million"
        )]
        let connections = connections as usize;
        Some(Self {
            domains: domains.filter(|domains| !domains.is_empty())?,
            connections,
            rate_per_second,
        })
    }
}

/// What to do if the connection breaks between the final dot and the reply ([RFC 1047](https://www.rfc-editor.org/rfc/rfc1047)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InDoubt {
    /// Send the message again with the same Message-ID. The recipient may get it twice.
    Resend,
    /// Hold the delivery until an operator decides. The recipient may not get the message.
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
