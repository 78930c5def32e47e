//! What a reply says about the recipient's domain and about the relay, apart from the one message.

use super::domains::DomainFeedback;
use crate::mail::reply::Stage;
use crate::mail::smtp::Outcome;

/// What a reply says about the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RelayFeedback {
    /// The relay accepts mail.
    Accepted,
    /// The relay asks us to slow down.
    SlowDown,
    None,
}

/// Decides whom a reply concerns. A 421 closes the connection, so it is the relay's own. Any other request to slow down that answers
/// RCPT or the message is passed on from the recipient's servers.
pub(super) fn feedback(outcome: &Outcome) -> (DomainFeedback, RelayFeedback) {
    match outcome {
        Outcome::Accepted(_) => (DomainFeedback::Accepted, RelayFeedback::Accepted),
        Outcome::Slow { reply, stage } if reply.code == 421 || matches!(stage, Stage::Session | Stage::Mail) => {
            (DomainFeedback::None, RelayFeedback::SlowDown)
        }
        Outcome::Slow { .. } => (DomainFeedback::SlowDown, RelayFeedback::None),
        // A domain that refuses repeatedly is tried less often.
        Outcome::Deferred(_) | Outcome::SenderRefused(_) => (DomainFeedback::Deferred, RelayFeedback::None),
        Outcome::RelayTrouble { reply: Some(reply), .. } if reply.code < 500 => {
            (DomainFeedback::None, RelayFeedback::SlowDown)
        }
        Outcome::Rejected(_) | Outcome::RelayTrouble { .. } | Outcome::Lost(_) | Outcome::InDoubt(_) => {
            (DomainFeedback::None, RelayFeedback::None)
        }
    }
}
