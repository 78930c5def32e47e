//! Webhooks out: other programs get the events that they ask for, signed by the
//! [Standard Webhooks specification](https://www.standardwebhooks.com). The webhooks of mail providers, which come in, are in `bounce/`.
//!
//! The documents and the console call the address of such a program a webhook. The code calls it an endpoint, because `bounce/webhooks` is
//! about the webhooks that come in. `webhook_endpoints` is its table.
//!
//! - The transaction that makes a change also writes its events (`store/webhook_events.rs`).
//! - `sending.rs` sends them: the loop of the service, with leases, so that any number of processes can run it. `attempt.rs` is one
//!   request, and `outcome.rs` says what follows from its answer.
//! - `endpoints.rs` adds, changes and removes endpoints, and `replay.rs` sends messages again.
//!
//! Every message is sent at least once. While one about a reader waits, later ones about the same reader are not sent to that endpoint.

mod attempt;
mod endpoints;
mod error;
mod outcome;
mod replay;
mod sending;

pub use attempt::{TestAnswer, test};
pub(crate) use endpoints::field_errors;
pub use endpoints::{EndpointChange, NewEndpoint, add, change, remove, rotate};
pub use error::{MAX_ENDPOINTS, MAX_NAME_CHARS, WebhookError};
pub use replay::replay;
pub(crate) use sending::{purge, run};
