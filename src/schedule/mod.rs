//! The schedule: cron lines in their time zones become runs that are due, each made once whatever the number of nodes.

mod error;
mod run;
mod scheduler;
mod sending;

pub use error::ScheduleError;
pub use run::RunOutcome;
pub use scheduler::{Scheduler, make_due, schedule_of};
