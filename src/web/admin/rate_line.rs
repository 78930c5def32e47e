//! How many of the accepted messages to a domain came back, as a row of a table (`templates/admin/rate_lines.html`).

use crate::store::returned_counts::RatesOf;
use crate::text::plain::percent;

#[derive(Debug)]
pub(super) struct RateLine {
    pub(super) name: String,
    pub(super) accepted: u64,
    pub(super) hard_bounces: String,
    pub(super) complaints: String,
}

impl From<RatesOf> for RateLine {
    fn from(rates: RatesOf) -> Self {
        let share = |part: i64| match rates.accepted {
            0 => part.to_string(),
            accepted => format!("{part} ({})", percent(part, accepted)),
        };
        Self {
            accepted: rates.accepted.unsigned_abs(),
            hard_bounces: share(rates.hard_bounces),
            complaints: share(rates.complaints),
            name: rates.name,
        }
    }
}
