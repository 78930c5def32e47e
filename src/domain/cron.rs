//! Schedules: five-field Unix cron lines, and the times at which they are due in a time zone.
//!
//! A field that begins with `*` is open. Open fields decide two things, as in Vixie's cron:
//!
//! - *Days.* If neither day field is open, a day that matches either of them is due. Otherwise it must match both.
//! - *Changes of the clock.* If neither minute nor hour is open, the line fires once for each matching time of the calendar: a time that
//!   the clock skips is due at the first instant after the gap, and a time that occurs twice is due at the first one. If minute or hour is
//!   open, the line fires whenever the clock shows a matching time: in both of two equal hours, and not in an hour that is skipped.

mod days;
mod error;
mod field;
mod schedule;
#[cfg(test)]
mod tests;

pub use error::CronError;
pub use schedule::CronSchedule;
