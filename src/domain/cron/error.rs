//! Why a text is not a schedule.

use thiserror::Error;

/// Why a text is not a schedule. Contained texts are shortened.
#[derive(Debug, Error)]
pub enum CronError {
    /// The line does not have five fields.
    #[error("a schedule has five fields (minute, hour, day of month, month, day of week), this one has {0}")]
    FieldCount(usize),
    /// The word, such as `@reboot`, names no time.
    #[error("`{0}` is not known; use @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually or five fields")]
    Word(String),
    /// An item is not a value of its field.
    #[error("`{text}` does not fit the {field} field; use {allowed}")]
    Value {
        /// The name of the field.
        field: &'static str,
        /// The item of the field that is invalid.
        text: String,
        /// The values that the field allows.
        allowed: &'static str,
    },
    /// The start of a range is after its end.
    #[error("the range `{text}` in the {field} field runs backwards; write it as two, `{instead}`")]
    Range {
        /// The name of the field.
        field: &'static str,
        /// The item of the field that is invalid.
        text: String,
        /// The equivalent two ranges.
        instead: String,
    },
    /// A step is not a number, is zero, or exceeds its field.
    #[error("`{text}` is not a step for the {field} field; use a number from 1 to {most}")]
    Step {
        /// The name of the field.
        field: &'static str,
        /// The item of the field that is invalid.
        text: String,
        /// The number of values of the field.
        most: u32,
    },
    /// The count after `#` is not from 1 to 5.
    #[error("`{0}` names no weekday of a month; use a number from 1 to 5 after the #, such as MON#2")]
    Nth(String),
    /// The line never fires, such as on 31 February.
    #[error("this schedule never fires: no year has a day that fits its day and month fields")]
    NeverFires,
    /// The cron crate refused the translated line.
    #[error("this schedule cannot be used: {0}")]
    Engine(#[from] ::cron::error::Error),
}
