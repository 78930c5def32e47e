//! Sends mail by SMTP: a session to a relay, the messages that it sends, and their outcomes.

pub use super::outcome::{Envelope, Outcome, SendError};
pub use super::outgoing::Outgoing;
pub use super::session::{Session, Timeouts};
pub use super::transfer::Delivered;
