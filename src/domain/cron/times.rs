//! Converts wall times to instants, across changes of the clock.

use std::collections::VecDeque;

use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use super::{CronSchedule, LAST_YEAR};

/// The instants of one schedule in one time zone, in order.
pub(super) struct Times<'a> {
    schedule: &'a CronSchedule,
    tz: Tz,
    /// The wall time reached so far; `None` after the last one.
    wall: Option<NaiveDateTime>,
    /// The instant of that wall time, if it was not returned yet.
    ahead: Option<DateTime<Utc>>,
    /// Second instants of wall times that occur twice.
    again: VecDeque<DateTime<Utc>>,
    /// All later results are after this instant.
    past: DateTime<Utc>,
}

impl<'a> Times<'a> {
    pub(super) fn new(schedule: &'a CronSchedule, tz: Tz, from: DateTime<Utc>) -> Self {
        // Wall times at the far ends of chrono's range would overflow.
        let past = from.max(DateTime::UNIX_EPOCH);
        let wall = (past.year() <= LAST_YEAR).then(|| {
            let wall = past.with_timezone(&tz).naive_local();
            // If the clock was set back, earlier wall times follow a second time.
            match tz.from_local_datetime(&wall) {
                MappedLocalTime::Ambiguous(first, second) => wall - (second - first),
                _ => wall,
            }
        });
        Self {
            schedule,
            tz,
            wall,
            ahead: None,
            again: VecDeque::new(),
            past,
        }
    }

    /// The first instant of the next wall time that has any.
    fn walk(&mut self) -> Option<DateTime<Utc>> {
        loop {
            self.wall = self.schedule.next_wall(self.wall?);
            let wall = self.wall?;
            match self.tz.from_local_datetime(&wall) {
                MappedLocalTime::Single(time) => return Some(time.to_utc()),
                MappedLocalTime::Ambiguous(first, second) => {
                    if self.schedule.keeps_clock {
                        self.again.push_back(second.to_utc());
                    }
                    return Some(first.to_utc());
                }
                MappedLocalTime::None if self.schedule.keeps_clock => {}
                MappedLocalTime::None => {
                    if let Some(end) = GapInfo::new(&wall, &self.tz).and_then(|gap| gap.end) {
                        return Some(end.to_utc());
                    }
                }
            }
        }
    }
}

impl Iterator for Times<'_> {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<DateTime<Utc>> {
        loop {
            if self.ahead.is_none() {
                self.ahead = self.walk();
            }
            let repeat_is_first = self
                .again
                .front()
                .is_some_and(|again| self.ahead.is_none_or(|ahead| *again < ahead));
            let time = if repeat_is_first {
                self.again.pop_front()
            } else {
                self.ahead.take()
            }?;
            if time > self.past {
                self.past = time;
                return Some(time);
            }
        }
    }
}
