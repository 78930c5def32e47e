//! The delivery report of an issue and its editions: every frozen recipient in exactly one state, each state explained, with totals.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use uuid::Uuid;

use super::issue_state::{ControlError, find};
use super::report_file::{Counts, Header, RecipientLine, ReportFileError, Totals, Writer};
use crate::app::App;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::redact::without_addresses;
use crate::domain::states::{DeliveryState, IssueState};
use crate::store::deliveries::ReportedDelivery;
use crate::store::delivery_lists::DeliveryWithAddress;
use crate::store::issues::Issue;
use crate::store::{StoreError, Tx};

/// Rows read by one query.
const PAGE: i64 = 10_000;
/// Different reasons in a report. Further ones are counted together.
const MAX_REASONS: usize = 200;
/// Characters of a reason that is not a reply.
const MAX_REASON_LENGTH: usize = 80;

/// The delivery report of an issue.
#[derive(Clone, Debug, Serialize)]
pub struct DeliveryReport {
    /// The id of the issue.
    pub id: IssueId,
    /// The state of the issue as a whole.
    pub state: IssueState,
    /// How many editions of the issue are included.
    pub editions: usize,
    /// How many recipients were frozen, as stored when the issue started.
    pub frozen: i64,
    /// How many recipients there are now: rows, counted one by one, and compacted deliveries.
    pub recipients: i64,
    /// How many deliveries were compacted, so that their rows no longer exist.
    pub compacted: i64,
    /// How many deliveries are in each state, counted by the database.
    pub deliveries: Counts,
    /// The same for each reason, such as a suppression, that the subscriber left, or the codes of the relay's last reply.
    pub reasons: Vec<Reason>,
    /// Deliveries whose state has no explanation: accepted without an attempt, or ended or deferred without a reason.
    pub unexplained: i64,
    /// Deliveries that are open although the issue or their edition has ended.
    pub left_behind: i64,
    /// Recipients with more than one delivery, such as one of the issue and one of an edition.
    pub twice: i64,
    /// Whether the report has no fault ([`Self::faults`]).
    pub balanced: bool,
}

/// How many deliveries are in a state for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The state that the deliveries are in.
    pub state: DeliveryState,
    /// The reason; empty if nothing has happened yet.
    pub reason: String,
    /// The number of deliveries.
    pub count: i64,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The issue does not exist, or the database failed.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The file cannot be written.
    #[error(transparent)]
    File(#[from] ReportFileError),
}

impl From<StoreError> for ReportError {
    fn from(error: StoreError) -> Self {
        Self::Control(error.into())
    }
}

impl DeliveryReport {
    /// What is wrong, each fault as text; empty if the report balances.
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

/// Counts the deliveries of an issue in each state, without its editions.
///
/// # Errors
/// [`ControlError::Store`].
pub async fn count(app: &App, id: IssueId) -> Result<Counts, ControlError> {
    let mut counts = zeros();
    counts.extend(app.store.read().await?.count_deliveries(id).await?);
    Ok(counts)
}

/// Counts the deliveries of an issue and its editions row by row, and compares that with the number frozen and the database's count.
///
/// # Errors
/// [`ControlError`] if the issue does not exist or the database fails. A report that does not balance is not an error.
pub async fn delivery_report(app: &App, id: IssueId) -> Result<DeliveryReport, ControlError> {
    match build(app, id, None).await {
        Ok((report, _)) => Ok(report),
        Err(ReportError::Control(error)) => Err(error),
        Err(ReportError::File(_)) => unreachable!("no file is written"),
    }
}

/// Builds the report and writes a line for each recipient to a file, with addresses if `addresses` is set. The file is written
/// completely or not at all. Also returns its digest.
///
/// # Errors
/// As [`delivery_report`], and [`ReportError::File`].
pub async fn write_report(
    app: &App,
    id: IssueId,
    file: &Path,
    addresses: bool,
) -> Result<(DeliveryReport, String), ReportError> {
    let output = Output {
        writer: Writer::create(file)?,
        addresses,
    };
    let (report, digest) = build(app, id, Some(output)).await?;
    let Some(digest) = digest else {
        unreachable!("a report that is written to a file has a digest");
    };
    Ok((report, digest))
}

/// The file that lines are written to.
struct Output {
    writer: Writer,
    addresses: bool,
}

async fn build(
    app: &App,
    id: IssueId,
    mut output: Option<Output>,
) -> Result<(DeliveryReport, Option<String>), ReportError> {
    // One snapshot, so that all counts of an issue that is being sent are of the same moment.
    let mut tx = app.store.read_snapshot().await?;
    let issue = find(&mut tx, id).await?;
    let mut parts = vec![PartCursor::new(&issue)];
    for edition in tx.editions_of(id).await? {
        parts.push(PartCursor::new(&find(&mut tx, edition.id).await?));
    }
    let (mut frozen, mut left_behind) = (0, 0);
    let (mut compacted, mut deliveries) = (Counts::new(), zeros());
    for part in &parts {
        frozen += part.frozen;
        add(&mut compacted, tx.compacted_deliveries(part.id).await?);
        let counts = tx.count_deliveries(part.id).await?;
        let open = counts.iter().filter(|(state, _)| part.has_ended && state.is_open());
        left_behind += open.map(|(_, count)| count).sum::<i64>();
        add(&mut deliveries, counts);
    }
    if let Some(output) = &mut output {
        output.writer.header(&Header {
            issue: id,
            newsletter: tx.newsletter(issue.newsletter_id).await?.slug,
            number: issue.number,
            state: issue.state,
            recipients: frozen,
            compacted: compacted.clone(),
        })?;
    }
    let mut counter = Counter::new(&compacted);
    let (mut last, mut twice) = (None, 0);
    // The rows of all parts are merged in the order of their subscriptions, so two deliveries to one recipient are adjacent.
    let addresses = output.as_ref().is_some_and(|output| output.addresses);
    while let Some((edition, address, line)) = next_row(&mut tx, &mut parts, addresses).await? {
        twice += i64::from(last.replace(line.subscription_id) == Some(line.subscription_id));
        counter.add(&line);
        if let Some(output) = &mut output {
            output.writer.line(&RecipientLine {
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
    let recipients: i64 = counter.counts.values().sum();
    let are_totals_equal = counter.counts == deliveries && recipients == frozen;
    let digest = match output {
        Some(output) => Some(output.writer.finish(&Totals {
            recipients,
            deliveries: counter.counts.clone(),
        })?),
        None => None,
    };
    let report = DeliveryReport {
        id,
        state: issue.state,
        editions: parts.len() - 1,
        frozen,
        recipients,
        compacted: compacted.values().sum(),
        deliveries,
        balanced: are_totals_equal && counter.unexplained == 0 && left_behind == 0 && twice == 0,
        unexplained: counter.unexplained,
        reasons: counter.reasons(),
        left_behind,
        twice,
    };
    Ok((report, digest))
}

/// A delivery, and its address if addresses were requested and it is still known.
type Row = (Option<String>, ReportedDelivery);

/// An issue or edition whose rows are read page by page.
struct PartCursor {
    id: IssueId,
    /// 0 is the issue itself.
    edition: i64,
    frozen: i64,
    has_ended: bool,
    /// Rows that were read and not counted yet, in reverse order.
    page: Vec<Row>,
    /// The subscription of the last row read; `None` once all rows were read.
    after: Option<SubscriptionId>,
}

impl PartCursor {
    fn new(issue: &Issue) -> Self {
        Self {
            id: issue.id,
            edition: issue.edition,
            frozen: issue.recipients.unwrap_or(0),
            has_ended: matches!(issue.state, IssueState::Sent | IssueState::Cancelled),
            page: Vec::new(),
            after: Some(SubscriptionId(Uuid::nil())),
        }
    }

    /// Reads the next page if the last one is used up.
    async fn read_page(&mut self, tx: &mut Tx, addresses: bool) -> Result<(), StoreError> {
        let (true, Some(after)) = (self.page.is_empty(), self.after) else {
            return Ok(());
        };
        self.page = if addresses {
            let rows = tx.addressed_deliveries(self.id, Some(after), PAGE).await?;
            rows.into_iter().map(DeliveryWithAddress::split).collect()
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
async fn next_row(
    tx: &mut Tx,
    parts: &mut [PartCursor],
    addresses: bool,
) -> Result<Option<(i64, Option<String>, ReportedDelivery)>, StoreError> {
    for part in &mut *parts {
        part.read_page(tx, addresses).await?;
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

/// Counts rows by state and reason.
struct Counter {
    counts: Counts,
    reasons: BTreeMap<(DeliveryState, String), i64>,
    unexplained: i64,
}

impl Counter {
    fn new(compacted: &Counts) -> Self {
        let mut counter = Self {
            counts: zeros(),
            reasons: BTreeMap::new(),
            unexplained: 0,
        };
        for (state, count) in compacted {
            *counter.counts.entry(*state).or_default() += count;
            counter.reasons.insert((*state, "compacted".into()), *count);
        }
        counter
    }

    fn add(&mut self, line: &ReportedDelivery) {
        *self.counts.entry(line.state).or_default() += 1;
        let is_explained = match line.state {
            DeliveryState::Queued | DeliveryState::Sending => true,
            DeliveryState::Accepted | DeliveryState::InDoubt => line.attempts > 0 && line.last_reply.is_some(),
            _ => line.last_reply.is_some(),
        };
        self.unexplained += i64::from(!is_explained);
        let key = (line.state, reason(line.last_reply.as_deref().unwrap_or_default()));
        if self.reasons.len() < MAX_REASONS || self.reasons.contains_key(&key) {
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

/// The reason that deliveries are grouped by. Of a reply these are its codes, because servers put names and numbers into the text.
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
    without_addresses(text).chars().take(MAX_REASON_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_with_equal_codes_have_one_reason() {
        assert_eq!(reason("550 5.1.1 <ada@reader.example> unknown, id 7"), "550 5.1.1");
        assert_eq!(reason("450 try later"), "450");
        assert_eq!(reason("the subscriber left"), "the subscriber left");
        assert_eq!(reason("no route to ada@reader.example"), "no route to (address)");
        assert_eq!(reason(""), "");
    }

    #[test]
    fn every_delivery_is_counted_even_with_too_many_reasons() {
        let mut counter = Counter::new(&Counts::new());
        for n in 0..1_000_u32 {
            counter.add(&ReportedDelivery {
                subscription_id: SubscriptionId(Uuid::from_u128(n.into())),
                state: DeliveryState::Suppressed,
                attempts: 0,
                last_reply: Some(format!("reason {n}")),
                updated_at: chrono::DateTime::UNIX_EPOCH,
            });
        }
        let reasons = counter.reasons();
        assert!(reasons.len() <= MAX_REASONS + 1);
        assert_eq!(reasons.iter().map(|reason| reason.count).sum::<i64>(), 1_000);
    }
}
