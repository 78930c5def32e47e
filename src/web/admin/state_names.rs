//! The names of states on pages of the console.

use std::borrow::Borrow;

use super::console::Console;
use crate::domain::states::{DeliveryState, IssueState};

impl Console {
    /// The name of an issue's state.
    pub(super) fn issue_state(&self, state: impl Borrow<IssueState>) -> String {
        let words = &self.words;
        match state.borrow() {
            IssueState::Draft => words.state_draft(),
            IssueState::Approved => words.state_approved(),
            IssueState::Sending => words.state_sending(),
            IssueState::Paused => words.state_paused(),
            IssueState::Sent => words.state_sent(),
            IssueState::Skipped => words.state_skipped(),
            IssueState::Cancelled => words.state_cancelled(),
        }
    }

    /// The name of a delivery's state.
    pub(super) fn delivery_state(&self, state: impl Borrow<DeliveryState>) -> String {
        let words = &self.words;
        match state.borrow() {
            DeliveryState::Queued => words.delivery_queued(),
            DeliveryState::Sending => words.delivery_sending(),
            DeliveryState::Accepted => words.delivery_accepted(),
            DeliveryState::Deferred => words.delivery_deferred(),
            DeliveryState::Rejected => words.delivery_rejected(),
            DeliveryState::Suppressed => words.delivery_suppressed(),
            DeliveryState::Expired => words.delivery_expired(),
            DeliveryState::InDoubt => words.delivery_in_doubt(),
            DeliveryState::Cancelled => words.state_cancelled(),
        }
    }
}
