//! The delivery report of an issue and its editions: every frozen recipient in exactly one state, each state explained, with totals.

use std::path::Path;

use serde::Serialize;
use uuid::Uuid;

use super::issue_state::{ControlError, require_issue};
pub use super::reasons::Reason;
pub(crate) use super::reasons::reason_of_reply;
use super::reasons::{Counter, zeros};
use super::report_file::{Counts, Header, RecipientLine, ReportFileError, Totals, Writer};
use crate::app::App;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::redact::without_addresses;
use crate::domain::states::{DeliveryState, IssueState};
use crate::store::deliveries::ReportedDelivery;
use crate::store::delivery_lists::DeliveryWithAddress;
use crate::store::issues::Issue;
use crate::store::returned_counts::ReturnedCounts;
use crate::store::{StoreError, Tx};

const ROWS_PER_QUERY: i64 = 10_000;

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
    /// How many recipients had an accepted message come back as a bounce.
    pub bounces: BounceCounts,
    /// How many recipients complained about an accepted message.
    pub complaints: i64,
    /// `deliveries` for each reason, such as a suppression, that the subscriber left, or the codes of the relay's last reply.
    pub reasons: Vec<Reason>,
    /// Deliveries whose state has no explanation: accepted without an attempt, or ended or deferred without a reason.
    pub unexplained: i64,
    /// Deliveries that are not final although the issue or their edition has ended.
    #[serde(rename = "left_behind")]
    pub open_after_end: i64,
    /// Deliveries beyond the first of a recipient, such as one of the issue and one of an edition.
    #[serde(rename = "twice")]
    pub duplicates: i64,
    /// Whether every frozen recipient has exactly one delivery, each state is explained, and all counts agree.
    pub balanced: bool,
}

/// How many recipients had a message come back as a bounce, each in one of the kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BounceCounts {
    /// No later message can reach the recipient.
    pub hard: i64,
    /// The failure may end.
    pub soft: i64,
    /// The sender or the message was refused.
    pub other: i64,
}

impl From<ReturnedCounts> for BounceCounts {
    fn from(counts: ReturnedCounts) -> Self {
        Self {
            hard: counts.hard,
            soft: counts.soft,
            other: counts.other,
        }
    }
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
    /// What is wrong, each problem as text; empty if the report balances.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let counted = [
            (self.frozen - self.recipients, "of those frozen are missing"),
            (self.recipients - self.frozen, "more than were frozen"),
            (self.unexplained, "without an explanation"),
            (self.open_after_end, "still open although the issue has ended"),
            (self.duplicates, "with more than one delivery"),
        ];
        let counted = counted.into_iter().filter(|(count, _)| *count > 0);
        let mut problems: Vec<_> = counted.map(|(count, problem)| format!("{count} {problem}")).collect();
        if problems.is_empty() && !self.balanced {
            problems.push("the database's own count differs".into());
        }
        problems
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
    let issue = require_issue(&mut tx, id).await?;
    let mut cursors = vec![IssueCursor::new(&issue)];
    for edition in tx.editions_of(id).await? {
        cursors.push(IssueCursor::new(&require_issue(&mut tx, edition.id).await?));
    }
    let (mut frozen, mut open_after_end) = (0, 0);
    let (mut compacted, mut deliveries) = (Counts::new(), zeros());
    let mut returned = ReturnedCounts::default();
    for cursor in &cursors {
        frozen += cursor.frozen;
        add(&mut compacted, tx.compacted_deliveries(cursor.id).await?);
        let counts = tx.count_deliveries(cursor.id).await?;
        let open = counts.iter().filter(|(state, _)| cursor.has_ended && state.is_open());
        open_after_end += open.map(|(_, count)| count).sum::<i64>();
        add(&mut deliveries, counts);
        returned += tx.returned_counts(cursor.id).await?;
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
    let (mut last, mut duplicates) = (None, 0);
    // The rows of the issue and its editions are merged in the order of their subscriptions, so two deliveries to one recipient are adjacent.
    let addresses = output.as_ref().is_some_and(|output| output.addresses);
    while let Some((edition, address, line)) = next_row(&mut tx, &mut cursors, addresses).await? {
        duplicates += i64::from(last.replace(line.subscription_id) == Some(line.subscription_id));
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
        editions: cursors.len() - 1,
        frozen,
        recipients,
        compacted: compacted.values().sum(),
        deliveries,
        bounces: returned.into(),
        complaints: returned.complaints,
        balanced: are_totals_equal && counter.unexplained == 0 && open_after_end == 0 && duplicates == 0,
        unexplained: counter.unexplained,
        reasons: counter.reasons(),
        open_after_end,
        duplicates,
    };
    Ok((report, digest))
}

/// A delivery, and its address if addresses were requested and it is still known.
type Row = (Option<String>, ReportedDelivery);

/// An issue or edition whose rows are read page by page.
struct IssueCursor {
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

impl IssueCursor {
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
            let rows = tx.addressed_deliveries(self.id, Some(after), ROWS_PER_QUERY).await?;
            rows.into_iter().map(DeliveryWithAddress::split).collect()
        } else {
            let rows = tx.deliveries_after(self.id, after, ROWS_PER_QUERY).await?;
            rows.into_iter().map(|line| (None, line)).collect()
        };
        self.after = self.page.last().map(|(_, line)| line.subscription_id);
        self.page.reverse();
        Ok(())
    }
}

/// The next row of the issue and its editions in the order of the subscriptions, with the number of its edition.
async fn next_row(
    tx: &mut Tx,
    cursors: &mut [IssueCursor],
    addresses: bool,
) -> Result<Option<(i64, Option<String>, ReportedDelivery)>, StoreError> {
    for cursor in &mut *cursors {
        cursor.read_page(tx, addresses).await?;
    }
    let with_rows = cursors.iter_mut().filter(|cursor| !cursor.page.is_empty());
    let first = with_rows.min_by_key(|cursor| cursor.page.last().map(|(_, line)| line.subscription_id));
    Ok(first.and_then(|cursor| {
        let (address, line) = cursor.page.pop()?;
        Some((cursor.edition, address, line))
    }))
}

fn add(counts: &mut Counts, more: impl IntoIterator<Item = (DeliveryState, i64)>) {
    for (state, count) in more {
        *counts.entry(state).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_recipients_than_were_frozen_are_a_problem() {
        let report = DeliveryReport {
            id: IssueId(Uuid::nil()),
            state: IssueState::Sent,
            editions: 0,
            frozen: 2,
            recipients: 5,
            compacted: 0,
            deliveries: zeros(),
            bounces: BounceCounts::default(),
            complaints: 0,
            reasons: Vec::new(),
            unexplained: 0,
            open_after_end: 0,
            duplicates: 0,
            balanced: false,
        };
        assert_eq!(report.problems(), ["3 more than were frozen"]);
    }
}
