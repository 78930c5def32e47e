//! What became of an issue, and what of it breaks a promise.

use serde::Serialize;
use serde_json::Value;

use crate::account::Account;
use crate::support::sink::Totals;

/// What became of an issue.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// What was done.
    pub scenario: String,
    /// On which database.
    pub database: String,
    /// The number of the issue.
    pub issue: u64,
    /// When it was done.
    pub moments: Vec<String>,
    /// Who was to get it.
    pub recipients: u32,
    /// How often a sender was ended.
    pub ends: u32,
    /// Who did not get it.
    pub lost: u32,
    /// Copies beyond the first.
    pub doubled: u32,
    /// How many of those there may be.
    pub allowed: u32,
    /// The longest that a sender took to end after SIGTERM, in seconds.
    pub slowest_end: f64,
    /// Seconds from the beginning until it was sent.
    pub seconds: f64,
    /// What the sink counted.
    pub sink: Totals,
    /// Whether it was given up.
    pub stuck: bool,
    /// What must not be.
    pub violations: Vec<String>,
}

/// What is not as promised.
pub fn broken_promises(
    account: &Account,
    allowed: u32,
    recipients: u32,
    proof: anyhow::Result<Value>,
) -> impl Iterator<Item = String> {
    let lost = account.first_lost.as_deref().unwrap_or("nobody");
    let mut broken = vec![
        (account.lost > 0).then(|| format!("{} recipients are lost, the first is {lost}", account.lost)),
        (account.doubled > allowed).then(|| format!("{} doubled, {allowed} allowed", account.doubled)),
        (account.changed_ids > 0).then(|| format!("{} copies have another Message-ID", account.changed_ids)),
        (account.shared_ids > 0).then(|| format!("{} Message-IDs went to two recipients", account.shared_ids)),
        (account.strangers > 0).then(|| format!("{} messages went to nobody we know", account.strangers)),
    ];
    broken.push(match proof {
        Err(error) => Some(format!("the account does not balance: {error:#}")),
        Ok(proof) if proof["balanced"] != true => Some(format!("the account does not balance: {proof}")),
        Ok(proof) if proof["deliveries"]["accepted"] != recipients => {
            Some(format!("not every recipient is accepted: {proof}"))
        }
        Ok(_) => None,
    });
    broken.into_iter().flatten()
}
