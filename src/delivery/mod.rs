//! Sending: recipients are frozen, leased in batches, begun one by one, and every outcome is recorded before the
//! connection goes on to the next.

pub mod begin;
pub mod compaction;
pub mod control;
pub mod expected;
pub mod forecast;
pub mod nodes;
pub mod pace;
pub mod personalise;
pub mod preflight;
pub mod proof;
pub mod record;
pub mod rehearsal;
pub mod relays;
pub mod retry;
pub mod sender;
pub mod transactional;

mod connection;
mod dispatch;
mod domains;
mod judge;
mod local_time;
mod put_back;
mod recorder;
mod refusals;
mod verdict;
mod warmup;
