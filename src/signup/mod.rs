//! Signing up with double opt-in: a request stores a pending subscription, a consent record and a confirmation mail, and the mailed
//! link confirms.
//!
//! 1. [`Signups::request`] checks a [`SignupRequest`] in a read transaction and renders its mail, or takes it from a cache (`mail_cache.rs`).
//! 2. One write transaction (`storing.rs`) stores the request with its mail, and counts it against the limits (`request_limits.rs`,
//!    `mailbox_limits.rs`).
//! 3. [`confirm`] uses the token of the link, once.
//!
//! The answer to a request is the same for every address, so that nobody can find out who is subscribed. Name, time zone and topics
//! of a request are stored with its token. They reach the subscription only through the link, because anybody can type an address.

pub(crate) mod account_mail;
mod check;
mod confirmation;
pub mod confirmation_mail;
pub mod form_words;
mod mail_cache;
pub(crate) mod mailbox_limits;
mod request;
mod request_limits;
mod requester;
mod signups;
mod storing;
mod suppressed;

pub(crate) use confirmation::newsletters_of_link;
pub use confirmation::{Link, confirm, look_up};
pub use mail_cache::TOKEN_PLACEHOLDER;
pub use request::{SignupError, SignupRequest};
pub use signups::Signups;
