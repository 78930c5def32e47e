//! Returned mail: what other servers and mail providers send back about our messages, and what follows from it.
//!
//! Every way in ([`listener`], [`imap_poller`], [`webhooks`], `cli/bounce.rs`) stores what it receives as a row ([`receive`]) before it
//! replies. [`process`] takes the rows, and changes subscriptions and suppressions: each row once, on any node. Three questions are
//! answered for each row, in files of their own:
//!
//! - `read/`: what kind of mail is it, which recipients does it name, and why did the message fail? A pure function.
//! - `origin.rs`: which of our messages is it about, and does a signature of ours prove that?
//! - `reason.rs`: what does the reason lead to? `soft_bounces.rs` decides when soft bounces pause a subscription, and
//!   `rates.rs` when many reports pause an issue.
//!
//! The relay's own permanent replies are recorded without a row, because they are known at once: `relay_replies.rs`.

mod content;
mod counter;
pub(crate) mod imap_poller;
pub(crate) mod listener;
pub(crate) mod origin;
pub(crate) mod process;
mod rate_alerts;
pub mod rates;
pub mod read;
pub mod reason;
pub(crate) mod receive;
pub(crate) mod relay_replies;
pub mod retention;
pub(crate) mod soft_bounces;
pub(crate) mod sources;
mod summed_log;
pub(crate) mod target;
pub(crate) mod webhooks;
