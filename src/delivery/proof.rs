//! The account of an issue: every frozen recipient in exactly one state, each state explained, with sums.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use uuid::Uuid;

use super::control::{ControlError, find};
use super::record::{Header, Line, RecordError, Sums, Writer};
use crate::app::App;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::redact::without_addresses;
use crate::domain::states::{DeliveryState, IssueState};
use crate::store::deliveries::DeliveryLine;

/// Rows read at once.
const PAGE: i64 = 10_000;
/// Reasons told apart for all states together; what comes after them is summed up.
const MOST_REASONS: usize = 200;
/// Characters of a reason that is no reply.
const LONGEST_REASON: usize = 80;

/// How many deliveries are in each state, with a zero for states that none is in.
pub type Counts = BTreeMap<DeliveryState, i64>;

/// What an issue's recipients came to.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// The issue.
    pub id: IssueId,
    /// Where it stands.
    pub state: IssueState,
    /// How many were frozen, as was noted then.
    pub frozen: i64,
    /// Recipients there are now: rows, counted one by one, and folded ones.
    pub recipients: i64,
    /// How many of them were folded into totals, their rows being gone.
    pub folded: i64,
    /// How many are in each state, counted by the database.
    pub deliveries: Counts,
    /// The same told apart by reason: a suppression's, that the reader left, the codes of the relay's last reply.
    pub reasons: Vec<Reason>,
    /// Recipients whose state has no explanation: taken without an attempt, or ended or put off without a reason.
    pub unexplained: i64,
    /// Recipients who still wait although the issue has ended.
    pub left_behind: i64,
    /// Whether the sums are equal to each other and to the number frozen, every recipient is explained, and an issue that
    /// has ended waits for nobody.
    pub balanced: bool,
}

/// How many came to a state for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The state.
    pub state: DeliveryState,
    /// Why; empty where nothing has happened yet.
    pub reason: String,
    /// How many.
    pub count: i64,
}

/// Why no account was drawn up.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The issue, or the database.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The file.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<crate::store::StoreError> for ProofError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Control(error.into())
    }
}

impl Proof {
    /// What is wrong, in words; empty when the account balances.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut fault = |count: i64, what: &str| {
            if count != 0 {
                faults.push(format!("{count} {what}"));
            }
        };
        fault(self.frozen - self.recipients, "of those frozen are missing");
        fault(self.unexplained, "without an explanation");
        fault(self.left_behind, "still open although the issue has ended");
        if faults.is_empty() && !self.balanced {
            faults.push("the database's own count differs".into());
        }
        faults
    }
}

/// How many deliveries of an issue are in each state, with a zero for those that have none.
///
/// # Errors
/// [`ControlError`].
pub async fn count(app: &App, id: IssueId) -> Result<Counts, ControlError> {
    let mut counts = zeros();
    counts.extend(app.store.read().await?.count_deliveries(id).await?);
    Ok(counts)
}

/// Draws the account up from the rows themselves, and checks it against what was frozen and the database's own count.
///
/// # Errors
/// [`ControlError`].
pub async fn prove(app: &App, id: IssueId) -> Result<Proof, ControlError> {
    match draw_up(app, id, None).await {
        Ok((proof, _)) => Ok(proof),
        Err(ProofError::Control(error)) => Err(error),
        Err(ProofError::Record(_)) => unreachable!("no file was asked for"),
    }
}

/// [`prove`], with a line for each recipient written to a file on the way. The file is there whole or not at all. Returns
/// its digest too.
///
/// # Errors
/// [`ProofError`].
pub async fn prove_into(app: &App, id: IssueId, file: &Path) -> Result<(Proof, String), ProofError> {
    let (proof, digest) = draw_up(app, id, Some(Writer::create(file)?)).await?;
    Ok((proof, digest.unwrap_or_default()))
}

async fn draw_up(app: &App, id: IssueId, mut file: Option<Writer>) -> Result<(Proof, Option<String>), ProofError> {
    // One transaction, so that an issue that is being sent is seen at one moment.
    let mut tx = app.store.read_snapshot().await?;
    let issue = find(&mut tx, id).await?;
    let frozen = issue.recipients.unwrap_or(0);
    let folded: BTreeMap<_, _> = tx.folded_deliveries(id).await?.into_iter().collect();
    let mut deliveries = zeros();
    deliveries.extend(tx.count_deliveries(id).await?);
    if let Some(file) = &mut file {
        file.header(&Header {
            issue: id,
            newsletter: tx.newsletter(issue.newsletter_id).await?.slug,
            number: issue.number,
            state: issue.state,
            recipients: frozen,
            folded: folded.clone(),
        })?;
    }
    let mut tally = Tally::with(&folded);
    let mut after = SubscriptionId(Uuid::nil());
    loop {
        let page = tx.deliveries_after(id, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.subscription_id;
        for line in &page {
            tally.add(line);
            if let Some(file) = &mut file {
                file.line(&Line {
                    subscription: line.subscription_id,
                    state: line.state,
                    attempts: line.attempts,
                    reply: line.last_reply.as_deref().map(without_addresses),
                    at: line.updated_at,
                })?;
            }
        }
    }
    drop(tx);
    let ended = matches!(issue.state, IssueState::Sent | IssueState::Cancelled);
    let open = deliveries.iter().filter(|(state, _)| state.is_open());
    let left_behind = if ended { open.map(|(_, count)| count).sum() } else { 0 };
    let recipients: i64 = tally.counts.values().sum();
    let balanced = tally.counts == deliveries && recipients == frozen && tally.unexplained == 0 && left_behind == 0;
    let digest = match file {
        Some(file) => Some(file.finish(&Sums {
            recipients,
            deliveries: tally.counts.clone(),
        })?),
        None => None,
    };
    let proof = Proof {
        id,
        state: issue.state,
        frozen,
        recipients,
        folded: folded.values().sum(),
        deliveries,
        unexplained: tally.unexplained,
        reasons: tally.reasons(),
        left_behind,
        balanced,
    };
    Ok((proof, digest))
}

fn zeros() -> Counts {
    DeliveryState::ALL.iter().map(|state| (*state, 0)).collect()
}

/// What the rows come to, one after the other.
struct Tally {
    counts: Counts,
    reasons: BTreeMap<(DeliveryState, String), i64>,
    unexplained: i64,
}

impl Tally {
    fn with(folded: &Counts) -> Self {
        let mut tally = Self {
            counts: zeros(),
            reasons: BTreeMap::new(),
            unexplained: 0,
        };
        for (state, count) in folded {
            *tally.counts.entry(*state).or_default() += count;
            tally.reasons.insert((*state, "folded".into()), *count);
        }
        tally
    }

    fn add(&mut self, line: &DeliveryLine) {
        *self.counts.entry(line.state).or_default() += 1;
        let explained = match line.state {
            DeliveryState::Queued | DeliveryState::Sending => true,
            DeliveryState::Accepted | DeliveryState::InDoubt => line.attempts > 0 && line.last_reply.is_some(),
            _ => line.last_reply.is_some(),
        };
        self.unexplained += i64::from(!explained);
        let key = (line.state, reason(line.last_reply.as_deref().unwrap_or_default()));
        if self.reasons.len() < MOST_REASONS || self.reasons.contains_key(&key) {
            *self.reasons.entry(key).or_default() += 1;
        } else {
            *self.reasons.entry((line.state, "(other)".into())).or_default() += 1;
        }
    }

    fn reasons(self) -> Vec<Reason> {
        let reasons = self.reasons.into_iter();
        let reasons = reasons.map(|((state, reason), count)| Reason { state, reason, count });
        reasons.collect()
    }
}

/// What tells one reason from another: of a reply only its codes, since servers put names and numbers into the words.
fn reason(text: &str) -> String {
    let mut words = text.split(' ');
    let code = words.next().unwrap_or_default();
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()) {
        let enhanced = words.next().filter(|word| {
            let parts: Vec<_> = word.split('.').collect();
            parts.len() == 3 && parts.iter().all(|part| part.parse::<u16>().is_ok())
        });
        return enhanced.map_or_else(|| code.to_owned(), |enhanced| format!("{code} {enhanced}"));
    }
    without_addresses(text).chars().take(LONGEST_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_of_one_code_are_one_reason() {
        assert_eq!(reason("550 5.1.1 <ada@reader.example> unknown, id 7"), "550 5.1.1");
        assert_eq!(reason("450 try later"), "450");
        assert_eq!(reason("the reader left"), "the reader left");
        assert_eq!(reason("no route to ada@reader.example"), "no route to (address)");
        assert_eq!(reason(""), "");
    }

    #[test]
    fn however_many_reasons_there_are_every_recipient_is_counted() {
        let mut tally = Tally::with(&Counts::new());
        for n in 0..1_000_u32 {
            tally.add(&DeliveryLine {
                subscription_id: SubscriptionId(Uuid::from_u128(n.into())),
                state: DeliveryState::Suppressed,
                attempts: 0,
                last_reply: Some(format!("reason {n}")),
                updated_at: chrono::DateTime::UNIX_EPOCH,
            });
        }
        let reasons = tally.reasons();
        assert!(reasons.len() <= MOST_REASONS + 1);
        assert_eq!(reasons.iter().map(|reason| reason.count).sum::<i64>(), 1_000);
    }
}
