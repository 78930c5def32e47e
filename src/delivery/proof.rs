//! The account of an issue: every frozen recipient in exactly one state, with sums.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::control::{ControlError, find};
use crate::app::App;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::{DeliveryState, IssueState};

/// Rows read at once.
const PAGE: i64 = 10_000;

/// What an issue's recipients came to.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// The issue.
    pub id: IssueId,
    /// Where it stands.
    pub state: IssueState,
    /// Recipients that were frozen, counted row by row.
    pub recipients: i64,
    /// How many are in each state, counted by the database.
    pub deliveries: BTreeMap<DeliveryState, i64>,
    /// Recipients whose state has no explanation: not sent, not tried, and no reason.
    pub unexplained: i64,
    /// Whether the sums are equal, every recipient is explained, and an issue that is sent waits for nobody.
    pub balanced: bool,
}

/// How many deliveries of an issue are in each state, with a zero for those that have none.
///
/// # Errors
/// [`ControlError`].
pub async fn count(app: &App, id: IssueId) -> Result<BTreeMap<DeliveryState, i64>, ControlError> {
    let mut counts: BTreeMap<_, _> = DeliveryState::ALL.iter().map(|state| (*state, 0)).collect();
    counts.extend(app.store.read().await?.count_deliveries(id).await?);
    Ok(counts)
}

/// Draws the account up from the rows themselves and checks it against the database's own count.
///
/// # Errors
/// [`ControlError`].
pub async fn prove(app: &App, id: IssueId) -> Result<Proof, ControlError> {
    // One transaction, so that an issue that is being sent is seen at one moment.
    let mut tx = app.store.read_snapshot().await?;
    let issue = find(&mut tx, id).await?;
    let mut deliveries: BTreeMap<_, _> = DeliveryState::ALL.iter().map(|state| (*state, 0)).collect();
    deliveries.extend(tx.count_deliveries(id).await?);
    let (mut recipients, mut unexplained) = (0, 0);
    let mut seen: BTreeMap<DeliveryState, i64> = BTreeMap::new();
    let mut after = SubscriptionId(Uuid::nil());
    loop {
        let page = tx.deliveries_after(id, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.subscription_id;
        for line in &page {
            recipients += 1;
            *seen.entry(line.state).or_default() += 1;
            let waits = matches!(line.state, DeliveryState::Queued | DeliveryState::Sending);
            unexplained += i64::from(!waits && line.last_reply.is_none());
        }
    }
    let equal = deliveries
        .iter()
        .all(|(state, count)| seen.get(state).copied().unwrap_or(0) == *count);
    let open: i64 = deliveries
        .iter()
        .filter(|(state, _)| state.is_open())
        .map(|(_, count)| count)
        .sum();
    let ended = matches!(issue.state, IssueState::Sent | IssueState::Cancelled);
    let balanced = equal && unexplained == 0 && (!ended || open == 0);
    Ok(Proof {
        id,
        state: issue.state,
        recipients,
        deliveries,
        unexplained,
        balanced,
    })
}
