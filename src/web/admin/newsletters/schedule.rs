//! A schedule as people choose it: days of the week and a time, or a cron line.

use super::super::forms::{field, fields};

/// The days of the week in cron lines, Monday first.
pub(super) const DAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

/// How the schedule is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// Issues are sent on demand.
    #[default]
    None,
    Days,
    Cron,
}

/// A schedule as the form shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) mode: Mode,
    /// Some of [`DAYS`], in their order.
    pub(super) days: Vec<&'static str>,
    /// Hours and minutes, such as `07:00`.
    pub(super) time: String,
    pub(super) cron: String,
}

/// What is missing in a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Day,
    Time,
}

impl Choice {
    /// The choice that was posted.
    pub(super) fn read(body: &[u8]) -> Self {
        let chosen = fields(body, "day");
        Self {
            mode: match field(body, "mode").as_str() {
                "days" => Mode::Days,
                "cron" => Mode::Cron,
                _ => Mode::None,
            },
            days: DAYS
                .into_iter()
                .filter(|day| chosen.iter().any(|chosen| chosen == day))
                .collect(),
            time: field(body, "time").trim().to_owned(),
            cron: field(body, "schedule").trim().to_owned(),
        }
    }

    /// The choice that a cron line is.
    pub(super) fn of(line: &str) -> Self {
        let as_days = || {
            let [minute, hour, "*", "*", days] = line.split_whitespace().collect::<Vec<_>>()[..] else {
                return None;
            };
            let (minute, hour): (u8, u8) = (minute.parse().ok()?, hour.parse().ok()?);
            Some((days_of(days)?, format!("{hour:02}:{minute:02}")))
        };
        let (mode, days, time) = match as_days() {
            _ if line.is_empty() => (Mode::None, Vec::new(), String::new()),
            Some((days, time)) => (Mode::Days, days, time),
            None => (Mode::Cron, Vec::new(), String::new()),
        };
        Self {
            mode,
            days,
            time,
            cron: line.to_owned(),
        }
    }

    /// The cron line; empty without a schedule.
    pub(super) fn line(&self) -> Result<String, Missing> {
        match self.mode {
            Mode::None => Ok(String::new()),
            Mode::Cron => Ok(self.cron.clone()),
            Mode::Days => {
                let days = match self.days.len() {
                    0 => return Err(Missing::Day),
                    7 => "*".to_owned(),
                    _ => self.days.join(","),
                };
                let (hour, minute) = self.time.split_once(':').ok_or(Missing::Time)?;
                // Browsers may add seconds.
                let minute = minute.split(':').next().unwrap_or(minute);
                let number = |text: &str, end: u8| text.parse().ok().filter(|number: &u8| *number < end);
                let (hour, minute) = (number(hour, 24), number(minute, 60));
                let (hour, minute) = hour.zip(minute).ok_or(Missing::Time)?;
                Ok(format!("{minute} {hour} * * {days}"))
            }
        }
    }

    pub(super) fn has(&self, day: &str) -> bool {
        self.days.contains(&day)
    }
}

/// The cron line in one of its equal forms.
pub(super) fn canonical(line: &str) -> String {
    Choice::of(line.trim())
        .line()
        .unwrap_or_else(|_| line.trim().to_owned())
}

/// The days of a field such as `*`, `MON-FRI` or `1,3`; `None` if it is something else.
fn days_of(text: &str) -> Option<Vec<&'static str>> {
    if text == "*" {
        return Some(DAYS.to_vec());
    }
    let index = |name: &str| -> Option<usize> {
        let by_name = DAYS.iter().position(|day| day.eq_ignore_ascii_case(name));
        // Sunday is 0 and 7.
        by_name.or_else(|| Some((name.parse::<usize>().ok().filter(|day| *day < 8)? + 6) % 7))
    };
    let mut chosen = [false; 7];
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (index(from)?, index(to)?);
        if from > to {
            return None;
        }
        chosen[from..=to].fill(true);
    }
    Some(
        DAYS.into_iter()
            .zip(chosen)
            .filter_map(|(day, is)| is.then_some(day))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_days_and_a_time_is_shown_as_such() {
        for (line, expected) in [
            ("0 7 * * MON-FRI", "0 7 * * MON,TUE,WED,THU,FRI"),
            ("5 19 * * 0,3", "5 19 * * WED,SUN"),
            ("30 6 * * *", "30 6 * * *"),
            ("0 7 * * 7", "0 7 * * SUN"),
            ("0 7 1 * *", "0 7 1 * *"),
            ("*/5 * * * *", "*/5 * * * *"),
            ("0 7 * * MON#2", "0 7 * * MON#2"),
            ("@daily", "@daily"),
            ("", ""),
        ] {
            assert_eq!(canonical(line), expected, "{line}");
        }
        assert_eq!(Choice::of("0 7 * * MON-FRI").time, "07:00");
        assert_eq!(Choice::of("@daily").mode, Mode::Cron);
    }

    #[test]
    fn a_choice_that_lacks_something_is_no_line() {
        let choice = |body: &str| Choice::read(body.as_bytes()).line();
        assert_eq!(choice("mode=days&time=07:00"), Err(Missing::Day));
        assert_eq!(choice("mode=days&day=MON&time=25:00"), Err(Missing::Time));
        assert_eq!(
            choice("mode=days&day=SUN&day=MON&time=07:05"),
            Ok("5 7 * * MON,SUN".into())
        );
        assert_eq!(choice("mode=none&schedule=x"), Ok(String::new()));
    }
}
