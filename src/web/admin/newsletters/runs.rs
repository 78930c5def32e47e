//! The coming runs of a schedule, in local time and UTC.

use askama::Template;

use super::super::console::Console;
use crate::domain::cron::CronSchedule;
use crate::domain::skip_days::SkipDays;
use crate::domain::time_zone::TimeZone;
use crate::schedule::coming_runs::{ClockChange, coming_runs};
use crate::web::error::WebError;
use crate::web::pages::Stamp;
use crate::web::state::Web;

/// How many coming issues are shown.
const RUNS: usize = 10;

#[derive(Debug)]
pub(super) struct RunLine {
    pub(super) local: Stamp,
    pub(super) utc: Stamp,
    /// What a change of the clock does, or why there is no issue.
    pub(super) note: Option<String>,
}

/// The runs of a schedule, or why there are none.
#[derive(Debug, Default)]
pub(super) struct Runs {
    pub(super) lines: Vec<RunLine>,
    /// What is wrong with the schedule.
    pub(super) problem: Option<String>,
}

impl Runs {
    /// The runs of a cron line. `zone` and `skip` are as typed.
    pub(super) fn of(web: &Web, console: &Console, line: &str, zone: &str, skip: &str) -> Self {
        if line.is_empty() {
            return Self::default();
        }
        let problem = |text: String| Self {
            lines: Vec::new(),
            problem: Some(text),
        };
        let zone: TimeZone = match if zone.is_empty() { "UTC" } else { zone }.parse() {
            Ok(zone) => zone,
            Err(error) => return problem(error.to_string()),
        };
        let schedule = match CronSchedule::parse(line) {
            Ok(schedule) => schedule,
            Err(error) => return problem(error.to_string()),
        };
        let skip: SkipDays = match skip.parse() {
            Ok(skip) => skip,
            Err(error) => return problem(error.to_string()),
        };
        let words = &console.words;
        let runs = coming_runs(&schedule, zone, &skip, web.app.clock.now(), RUNS).into_iter();
        let lines = runs.map(|run| RunLine {
            local: Stamp::in_zone(run.due, zone),
            utc: Stamp::utc(run.due),
            note: match (run.skipped, run.clock) {
                (Some(day), _) => Some(words.run_no_issue(day)),
                (None, Some(ClockChange::Skipped)) => Some(words.run_clock_skips()),
                (None, Some(ClockChange::Twice)) => Some(words.run_clock_repeats()),
                (None, None) => None,
            },
        });
        Self {
            lines: lines.collect(),
            problem: None,
        }
    }
}

/// The list of runs by itself, for the script of the form.
#[derive(Debug, Template)]
#[template(path = "admin/coming_runs.html")]
struct Fragment<'a> {
    console: &'a Console,
    runs: &'a Runs,
}

pub(super) fn fragment(console: &Console, runs: &Runs) -> Result<String, WebError> {
    Ok(Fragment { console, runs }.render()?)
}
