//! The schedule: decides when each newsletter's issues are compiled and sent, for the scheduler loop of each process.
//!
//! A run is the work for one due time of a newsletter's cron line. It is compiled as a draft the newsletter's lead time ahead, and
//! [`sending`] starts the draft when it is due. A row of `runs`, unique by newsletter and due time, records each run. So any number
//! of processes makes one issue.

pub(crate) mod coming_runs;
mod draft_notices;
mod error;
mod next_issue;
mod outcome;
mod run;
mod scheduler;
mod sending;

pub use error::ScheduleError;
pub(crate) use next_issue::{is_sent_more_than_weekly, longest_wait, next_issue};
pub use outcome::RunOutcome;
pub use scheduler::Scheduler;
