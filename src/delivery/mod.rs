//! Delivery of issues: freezes the recipients, leases their deliveries in batches, sends each message, and records every outcome
//! before its connection sends the next message.
//!
//! | purpose | modules, in reading order |
//! |---|---|
//! | start of an issue | `preflight`, `start` (freezes the recipients), `local_time` |
//! | core path | `sender` (one per process) runs `coordinator` (leases) → `dispatch` and `queue` (in memory) → `connection_task` (one per SMTP connection) → `recorder` (commits) |
//! | parts of the core path | `job`, `personalise` (one recipient's message), `connection` (SMTP states), `outcomes` (methods of `ConnectionTask`), `lease_release` (methods of `Coordinator`), `leased_issues`, `stop_condition` |
//! | retries | `feedback` (table: what each outcome changes), `retry` |
//! | limits | `relays`, `relay_login`, `token_notices`, `routes`, `relay_shares`, `daily_caps`, `domains`, `throttle`, `sender_rejections`, `recipient_refusals` |
//! | upkeep | `nodes` (heartbeats, dead processes), `compaction` |
//! | operator's actions | `control`, `issue_state` (state changes and their errors), `settlement`, `test_mail` |
//! | reports | `report`, `reasons`, `report_file`, `expected_audience`, `sending_report` |
//! | rehearsal | `rehearsal`, `forecast` |
//! | other mail | `transactional` |
//!
//! Words that these modules use in one meaning only:
//!
//! - A *process* is one running daywire. Its row in the database is a *node*, with a heartbeat. The column `process` of a node holds the
//!   operating system's identity of the process ([`crate::process::current`]). It is `None` where the system does not offer one.
//! - A *lease* gives one node the right to send a delivery. It ends with the outcome, with a release, or when the node is reclaimed. The
//!   setting `delivery.lease` is the time without a heartbeat after which a node is reclaimed.
//! - A *sender* is a process that sends issues. The address that a message comes from is the *From address*.
//! - A *recipient* is a subscription that an issue was frozen for; a *subscriber* may get the next issue.

pub mod compaction;
pub mod control;
pub(crate) mod expected_audience;
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
pub(crate) mod sending_report;
pub mod settlement;
pub mod start;
pub mod test_mail;
pub(crate) mod transactional;

mod connection;
mod connection_task;
mod coordinator;
mod daily_caps;
mod dispatch;
mod domains;
mod feedback;
mod issue_state;
mod job;
mod lease_release;
mod leased_issues;
mod list_headers;
mod local_time;
mod outcomes;
mod per_issue;
mod personalise_error;
mod queue;
mod reasons;
mod recipient_refusals;
mod recorder;
pub(crate) mod relay_login;
mod relay_shares;
mod routes;
mod sender_rejections;
mod status;
mod stop_condition;
mod throttle;
mod token_notices;
