//! Why a run could not be made or its draft could not be sent.

use crate::delivery::control::ControlError;
use crate::digest::CompileError;
use crate::digest::drafts::EditError;
use crate::notices::NoticeError;
use crate::store::StoreError;

/// Why a run could not be made or its draft could not be sent. The scheduler logs it and tries again.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The database failed, or a row of it does not parse.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The issue could not be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The inputs of a draft could not be read.
    #[error(transparent)]
    Draft(#[from] EditError),
    /// Sending the issue could not be started.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The notice to the operators could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
}
