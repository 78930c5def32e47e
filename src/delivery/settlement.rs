//! What operators decide about deliveries in doubt, which the relay may or may not have accepted.

use serde_json::json;

use super::issue_state::{ControlError, lock, transition_error};
use crate::app::App;
use crate::audit::record_for_issue;
use crate::domain::audit::AuditAction;
use crate::domain::issue_action::IssueAction;
use crate::domain::states::{DeliveryState, IssueState};

/// The reason that the delivery report shows for a delivery that was settled as accepted.
pub const SETTLED_AS_ACCEPTED: &str = "settled by an operator";
/// The reason that the delivery report shows for a delivery that was settled to be sent again. The next attempt replaces it.
const SETTLED_TO_RESEND: &str = "queued again by an operator";

/// A decision about the deliveries in doubt of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The relay accepted the messages; nothing more is sent.
    Accepted,
    /// The messages are sent again, with the same Message-ID.
    Resend,
}

/// Settles all deliveries in doubt of an issue. [`Settlement::Resend`] reopens an issue that was sent. Returns how many deliveries were
/// settled.
///
/// # Errors
/// [`ControlError::State`] if the issue was cancelled and its deliveries are to be sent again.
#[tracing::instrument(name = "settle", level = "error", skip_all, fields(issue.id, edition.of, delivery.count))]
pub async fn settle(app: &App, action: impl Into<IssueAction>, settlement: Settlement) -> Result<u64, ControlError> {
    let action = action.into();
    let id = action.id;
    tracing::Span::current().record("issue.id", id.to_string());
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    // A sender that ends the issue changes its state first, which locks the row. So either it waits for this transaction and finds the
    // queued deliveries, or it has ended the issue before, and this reads `sent` and reopens the issue.
    let issue = lock(&mut tx, id).await?;
    tracing::Span::current().record("edition.of", issue.edition_of.map(tracing::field::display));
    let state = issue.state;
    let settled = match settlement {
        Settlement::Accepted => {
            tx.resolve_in_doubt(id, DeliveryState::Accepted, SETTLED_AS_ACCEPTED, now)
                .await?
        }
        Settlement::Resend if state == IssueState::Cancelled => {
            return Err(transition_error(&mut tx, id, state, IssueState::Sending).await);
        }
        Settlement::Resend => {
            let settled = tx
                .resolve_in_doubt(id, DeliveryState::Queued, SETTLED_TO_RESEND, now)
                .await?;
            if settled > 0 && state == IssueState::Sent {
                tx.reopen_issue(id, now).await?;
            }
            settled
        }
    };
    if settled > 0 {
        let new = json!({ "deliveries": settled, "sent_again": settlement == Settlement::Resend });
        record_for_issue(&mut tx, app, &action, AuditAction::IssueSettled, None, Some(new)).await?;
    }
    tx.commit().await?;
    tracing::Span::current().record("delivery.count", settled);
    app.delivery_wakeup.notify_one();
    Ok(settled)
}
