//! What an answer says of the recipient's domain and of the relay, apart from the one message.

use super::domains::Heard;
use crate::mail::reply::Stage;
use crate::mail::smtp::Outcome;

/// What a relay's answer says of the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relay {
    /// It takes mail.
    Well,
    /// It wants less of us.
    SlowDown,
    /// Nothing.
    Nothing,
}

/// Both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Of the domain.
    pub domain: Heard,
    /// Of the relay.
    pub relay: Relay,
}

/// What an answer says. A 421 closes the connection, and is the relay's own word; any other request to slow down that is
/// said of a recipient or of a message is passed on from the recipient's side.
#[must_use]
pub fn of(answer: &Outcome) -> Verdict {
    let (domain, relay) = match answer {
        Outcome::Accepted(_) => (Heard::Well, Relay::Well),
        Outcome::Slow { reply, stage } if reply.code == 421 || matches!(stage, Stage::Session | Stage::Mail) => {
            (Heard::Nothing, Relay::SlowDown)
        }
        Outcome::Slow { .. } => (Heard::SlowDown, Relay::Nothing),
        // A domain that refuses repeatedly is tried less often.
        Outcome::Deferred(_) | Outcome::SenderRefused(_) => (Heard::Deferred, Relay::Nothing),
        Outcome::RelayTrouble { reply: Some(reply), .. } if reply.code < 500 => (Heard::Nothing, Relay::SlowDown),
        Outcome::Rejected(_) | Outcome::RelayTrouble { .. } | Outcome::Lost(_) | Outcome::InDoubt(_) => {
            (Heard::Nothing, Relay::Nothing)
        }
    };
    Verdict { domain, relay }
}
