//! What can go wrong while the schedule is followed.

use crate::delivery::control::ControlError;
use crate::digest::CompileError;
use crate::digest::drafts::EditError;
use crate::domain::cron::CronError;
use crate::notices::NoticeError;
use crate::store::StoreError;

/// Why the schedule could not be followed.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The cron line cannot be read.
    #[error("newsletter {slug}: schedule: {source}")]
    Cron {
        /// The newsletter.
        slug: String,
        /// What is wrong.
        source: CronError,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The issue could not be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The inputs of a draft could not be read.
    #[error(transparent)]
    Draft(#[from] EditError),
    /// The issue could not be begun.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The operators could not be told.
    #[error(transparent)]
    Notice(#[from] NoticeError),
}
