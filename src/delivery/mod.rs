//! Delivery of issues. Recipients are frozen, deliveries leased in batches and started one by one, and every outcome is recorded
//! before its connection sends the next message.
//!
//! `start` freezes the recipients of an issue. `sender` runs a `coordinator`, which leases deliveries into the queue of `dispatch`, and a
//! `connection_task` for each connection, which sends them and hands the outcomes to the `recorder`.

pub mod compaction;
pub mod control;
pub(crate) mod expected;
pub(crate) mod forecast;
pub mod nodes;
pub mod personalise;
pub mod preflight;
pub(crate) mod rehearsal;
pub(crate) mod relays;
pub mod report;
pub mod report_file;
pub mod retry;
pub mod sender;
pub mod settlement;
pub mod start;
pub mod test_mail;
pub(crate) mod transactional;

mod connection;
mod connection_task;
mod coordinator;
mod dispatch;
mod domains;
mod feedback;
mod issue_state;
mod job;
mod lease_release;
mod leased_issues;
mod local_time;
mod outcomes;
mod recorder;
mod refusals;
mod relay_shares;
mod stop_condition;
mod throttle;
mod warmup;
