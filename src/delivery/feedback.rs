//! Decides which limits a reply changes: those of the recipient's domain, those of the relay, or neither.
//!
//! What each outcome of an attempt changes, in all modules. `feedback` decides the columns domain and relay, `retry` the delivery, and
//! `outcomes` the issue.
//!
//! | outcome | domain | relay | issue | delivery |
//! |---|---|---|---|---|
//! | `Accepted` | limit grows | limit grows | - | accepted |
//! | `Rejected` | - | - | - | rejected |
//! | `Deferred` | slower after ten in a row | - | - | deferred |
//! | `Slow`, 421 or a reply to MAIL | - | slower | as `SenderRefused` if 5xx | deferred |
//! | `Slow`, any other | slower | - | as `SenderRefused` if 5xx | deferred |
//! | `SenderRefused` 4xx | slower after ten in a row | slower once it concerns everybody | - | deferred |
//! | `SenderRefused` 5xx | slower after ten in a row | - | pauses once it concerns everybody | deferred |
//! | `RelayTrouble` 4xx | - | slower | - | deferred, no attempt counted |
//! | `RelayTrouble` 5xx or without a reply | - | - | pauses | queued, no attempt counted |
//! | `Lost` | - | - | - | deferred |
//! | `InDoubt` | - | - | - | in doubt, or deferred with `delivery.in_doubt = "resend"` |
//!
//! A deferred delivery expires instead if its next attempt would be later than its expiry.

use super::domains::DomainFeedback;
use crate::mail::reply::Stage;
use crate::mail::smtp::Outcome;

/// How a reply changes the limits of the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RelayFeedback {
    /// The relay accepted a message.
    Accepted,
    /// The relay asks us to slow down.
    SlowDown,
    Unchanged,
}

/// Decides whose limits a reply changes.
pub(super) fn feedback(outcome: &Outcome) -> (DomainFeedback, RelayFeedback) {
    match outcome {
        Outcome::Accepted(_) => (DomainFeedback::Accepted, RelayFeedback::Accepted),
        // A 421 closes the connection, so it comes from the relay itself. MAIL names no recipient.
        Outcome::Slow { reply, stage } if reply.code == 421 || matches!(stage, Stage::Session | Stage::Mail) => {
            (DomainFeedback::Unchanged, RelayFeedback::SlowDown)
        }
        // In reply to RCPT or the message, the relay passes on what the recipient's servers replied.
        Outcome::Slow { .. } => (DomainFeedback::SlowDown, RelayFeedback::Unchanged),
        // One deferral may concern the recipient only. `RecipientDomain` counts them, and slows down after ten in a row.
        Outcome::Deferred(_) | Outcome::SenderRefused(_) => (DomainFeedback::Deferred, RelayFeedback::Unchanged),
        Outcome::RelayTrouble { reply: Some(reply), .. } if reply.code < 500 => {
            (DomainFeedback::Unchanged, RelayFeedback::SlowDown)
        }
        Outcome::Rejected(_) | Outcome::RelayTrouble { .. } | Outcome::Lost(_) | Outcome::InDoubt(_) => {
            (DomainFeedback::Unchanged, RelayFeedback::Unchanged)
        }
    }
}
