//! `daywire issue deliveries`: lists the recipients of an issue and its editions.

use serde_json::json;

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::output;
use crate::delivery::control;
use crate::domain::ids::IssueId;
use crate::domain::states::DeliveryState;
use crate::store::delivery_lists::DeliveryWithAddress;

/// How many deliveries are read at once.
const PAGE_SIZE: i64 = 10_000;

/// Prints all deliveries, or only those in the given states.
pub(crate) async fn run(context: &Context, app: &App, id: IssueId, states: &[DeliveryState]) -> anyhow::Result<()> {
    let mut tx = app.store.read_snapshot().await?;
    control::require_issue(&mut tx, id).await?;
    let editions = tx.editions_of(id).await?.into_iter().map(|edition| edition.id);
    let (mut documents, mut rows) = (Vec::new(), Vec::new());
    for part in std::iter::once(id).chain(editions) {
        let name = tx.issue_name(part).await?;
        let mut after = None;
        loop {
            let page = tx.addressed_deliveries(part, after, PAGE_SIZE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.subscription_id);
            let wanted = |line: &&DeliveryWithAddress| states.is_empty() || states.contains(&line.state);
            for line in page.iter().filter(wanted) {
                if context.json {
                    documents.push(json!({
                        "issue": name,
                        "subscription": line.subscription_id,
                        "address": line.address,
                        "state": line.state,
                        "attempts": line.attempts,
                        "reply": line.last_reply,
                        "at": line.updated_at,
                    }));
                } else {
                    rows.push(vec![
                        line.address.clone().unwrap_or_else(|| line.subscription_id.to_string()),
                        line.state.to_string(),
                        output::time(line.updated_at),
                        line.last_reply.clone().unwrap_or_default(),
                    ]);
                }
            }
        }
    }
    if context.json {
        return output::json(&documents);
    }
    let nothing = if states.is_empty() {
        "it has no deliveries yet"
    } else {
        "no delivery is in this state"
    };
    output::table(&["address", "state", "since", "reply"], rows, nothing)
}
