//! The delivery report of an issue and its editions: every frozen recipient in exactly one state, each state explained, with sums.

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
use crate::store::delivery_lists::AddressedDelivery;
use crate::store::issues::Issue;
use crate::store::{StoreError, Tx};

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
    /// How many editions of the issue are included.
    pub editions: usize,
    /// How many were frozen, as was noted then.
    pub frozen: i64,
    /// Recipients there are now: rows, counted one by one, and compacted ones.
    pub recipients: i64,
    /// How many of them were compacted into totals, their rows being gone.
    pub compacted: i64,
    /// How many are in each state, counted by the database.
    pub deliveries: Counts,
    /// The same told apart by reason: a suppression's, that the reader left, the codes of the relay's last reply.
    pub reasons: Vec<Reason>,
    /// Recipients whose state has no explanation: taken without an attempt, or ended or put off without a reason.
    pub unexplained: i64,
    /// Recipients still waiting although the issue or their edition has ended.
    pub left_behind: i64,
    /// Recipients with more than one delivery, such as one of the issue and one of an edition.
    pub twice: i64,
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

impl From<StoreError> for ProofError {
    fn from(error: StoreError) -> Self {
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
        fault(self.twice, "with more than one delivery");
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

/// [`prove`], which also writes a line for each recipient to a file, with addresses if `addresses`. The file is written
/// completely or not at all. Also returns its digest.
///
/// # Errors
/// [`ProofError`].
pub async fn prove_into(app: &App, id: IssueId, file: &Path, addresses: bool) -> Result<(Proof, String), ProofError> {
    let file = Out {
        writer: Writer::create(file)?,
        addresses,
    };
    let (proof, digest) = draw_up(app, id, Some(file)).await?;
    Ok((proof, digest.unwrap_or_default()))
}

/// Where the lines go.
struct Out {
    writer: Writer,
    addresses: bool,
}

async fn draw_up(app: &App, id: IssueId, mut out: Option<Out>) -> Result<(Proof, Option<String>), ProofError> {
    // One transaction, so that an issue that is being sent is seen at one moment.
    let mut tx = app.store.read_snapshot().await?;
    let issue = find(&mut tx, id).await?;
    let mut parts = vec![Part::new(&issue)];
    for edition in tx.editions_of(id).await? {
        parts.push(Part::new(&find(&mut tx, edition.id).await?));
    }
    let (mut frozen, mut left_behind) = (0, 0);
    let (mut compacted, mut deliveries) = (Counts::new(), zeros());
    for part in &parts {
        frozen += part.frozen;
        add(&mut compacted, tx.compacted_deliveries(part.id).await?);
        let counts = tx.count_deliveries(part.id).await?;
        let open = counts.iter().filter(|(state, _)| part.ended && state.is_open());
        left_behind += open.map(|(_, count)| count).sum::<i64>();
        add(&mut deliveries, counts);
    }
    if let Some(out) = &mut out {
        out.writer.header(&Header {
            issue: id,
            newsletter: tx.newsletter(issue.newsletter_id).await?.slug,
            number: issue.number,
            state: issue.state,
            recipients: frozen,
            compacted: compacted.clone(),
        })?;
    }
    let mut tally = Tally::with(&compacted);
    let (mut last, mut twice) = (None, 0);
    // All parts are merged in the order of the subscriptions, so that two deliveries to one recipient are adjacent.
    let addresses = out.as_ref().is_some_and(|out| out.addresses);
    while let Some((edition, address, line)) = next(&mut tx, &mut parts, addresses).await? {
        twice += i64::from(last.replace(line.subscription_id) == Some(line.subscription_id));
        tally.add(&line);
        if let Some(out) = &mut out {
            out.writer.line(&Line {
                subscription: line.subscription_id,
                address,
                edition,
                state: line.state,
                attempts: line.attempts,
                reply: line.last_reply.as_deref().map(without_addresses),
                at: line.updated_at,
            })?;
        }
    }
    drop(tx);
    let recipients: i64 = tally.counts.values().sum();
    let sums = tally.counts == deliveries && recipients == frozen;
    let digest = match out {
        Some(out) => Some(out.writer.finish(&Sums {
            recipients,
            deliveries: tally.counts.clone(),
        })?),
        None => None,
    };
    let proof = Proof {
        id,
        state: issue.state,
        editions: parts.len() - 1,
        frozen,
        recipients,
        compacted: compacted.values().sum(),
        deliveries,
        balanced: sums && tally.unexplained == 0 && left_behind == 0 && twice == 0,
        unexplained: tally.unexplained,
        reasons: tally.reasons(),
        left_behind,
        twice,
    };
    Ok((proof, digest))
}

/// A delivery, and its address if addresses were requested and it is still known.
type Row = (Option<String>, DeliveryLine);

/// An issue or edition, and the position up to which its rows were read.
struct Part {
    id: IssueId,
    /// 0: the issue itself.
    edition: i64,
    frozen: i64,
    ended: bool,
    /// Rows that were read and not counted yet, in reverse order.
    page: Vec<Row>,
    /// The subscription of the last row read; `None` once all rows were read.
    after: Option<SubscriptionId>,
}

impl Part {
    fn new(issue: &Issue) -> Self {
        Self {
            id: issue.id,
            edition: issue.edition,
            frozen: issue.recipients.unwrap_or(0),
            ended: matches!(issue.state, IssueState::Sent | IssueState::Cancelled),
            page: Vec::new(),
            after: Some(SubscriptionId(Uuid::nil())),
        }
    }

    /// Reads more rows if those read are used up.
    async fn fill(&mut self, tx: &mut Tx, addresses: bool) -> Result<(), StoreError> {
        let (true, Some(after)) = (self.page.is_empty(), self.after) else {
            return Ok(());
        };
        self.page = if addresses {
            let rows = tx.addressed_deliveries(self.id, Some(after), PAGE).await?;
            rows.into_iter().map(AddressedDelivery::split).collect()
        } else {
            let rows = tx.deliveries_after(self.id, after, PAGE).await?;
            rows.into_iter().map(|line| (None, line)).collect()
        };
        self.after = self.page.last().map(|(_, line)| line.subscription_id);
        self.page.reverse();
        Ok(())
    }
}

/// The next row of all parts in the order of the subscriptions, with the number of its edition.
async fn next(
    tx: &mut Tx,
    parts: &mut [Part],
    addresses: bool,
) -> Result<Option<(i64, Option<String>, DeliveryLine)>, StoreError> {
    for part in &mut *parts {
        part.fill(tx, addresses).await?;
    }
    let with_rows = parts.iter_mut().filter(|part| !part.page.is_empty());
    let first = with_rows.min_by_key(|part| part.page.last().map(|(_, line)| line.subscription_id));
    Ok(first.and_then(|part| {
        let (address, line) = part.page.pop()?;
        Some((part.edition, address, line))
    }))
}

fn add(counts: &mut Counts, more: impl IntoIterator<Item = (DeliveryState, i64)>) {
    for (state, count) in more {
        *counts.entry(state).or_default() += count;
    }
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
    fn with(compacted: &Counts) -> Self {
        let mut tally = Self {
            counts: zeros(),
            reasons: BTreeMap::new(),
            unexplained: 0,
        };
        for (state, count) in compacted {
            *tally.counts.entry(*state).or_default() += count;
            tally.reasons.insert((*state, "compacted".into()), *count);
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
        assert_eq!(reason("the subscriber left"), "the subscriber left");
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
