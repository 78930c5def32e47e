//! The verdict on one issue: what the recipients received, and which guarantees that breaks.

use serde::Serialize;
use serde_json::Value;

use crate::received_copies::ReceivedCopies;
use crate::support::sink::Totals;

/// The result of sending one issue.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// The scenario.
    pub scenario: String,
    /// The database.
    pub database: String,
    /// The number of the issue.
    pub issue: u64,
    /// The injected faults.
    pub faults: Vec<String>,
    /// The number of recipients.
    pub recipients: u32,
    /// How many times a sender was stopped.
    pub stops: u32,
    /// Recipients who received nothing.
    pub lost: u32,
    /// Copies beyond the first.
    pub doubled: u32,
    /// How many doubled copies the guarantees allow.
    pub allowed: u32,
    /// The longest time that a sender took to end after SIGTERM, in seconds.
    pub slowest_stop: f64,
    /// Seconds from the start of the issue until it was sent.
    pub seconds: f64,
    /// The sink's counts.
    pub sink: Totals,
    /// Whether the issue made no progress and was given up.
    pub stuck: bool,
    /// The broken guarantees.
    pub violations: Vec<String>,
}

/// The broken guarantees, one sentence each.
pub fn broken_guarantees(
    copies: &ReceivedCopies,
    allowed: u32,
    recipients: u32,
    proof: anyhow::Result<Value>,
) -> impl Iterator<Item = String> {
    let first_lost = copies.first_lost.as_deref().unwrap_or("unknown");
    let mut broken = vec![
        (copies.lost > 0).then(|| format!("{} recipients are lost, the first is {first_lost}", copies.lost)),
        (copies.doubled > allowed).then(|| format!("{} doubled, {allowed} allowed", copies.doubled)),
        (copies.changed_ids > 0).then(|| format!("{} copies have another Message-ID", copies.changed_ids)),
        (copies.shared_ids > 0).then(|| format!("{} Message-IDs went to two recipients", copies.shared_ids)),
        (copies.unknown_recipients > 0).then(|| {
            format!(
                "{} messages went to addresses that are no recipients",
                copies.unknown_recipients
            )
        }),
    ];
    broken.push(match proof {
        Err(error) => Some(format!("the delivery report does not balance: {error:#}")),
        Ok(proof) if proof["balanced"] != true => Some(format!("the delivery report does not balance: {proof}")),
        Ok(proof) if proof["deliveries"]["accepted"] != recipients => {
            Some(format!("not every recipient is accepted: {proof}"))
        }
        Ok(_) => None,
    });
    broken.into_iter().flatten()
}
