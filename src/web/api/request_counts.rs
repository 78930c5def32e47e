//! How many requests each token made, and the header fields that say what is left: the
//! [RateLimit header fields for HTTP](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/).
//!
//! The counts are kept in memory, so that a read of the API writes nothing. Each process counts by itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::ids::OperatorTokenId;

/// The length of the period in which requests are counted, in seconds.
const PERIOD: i64 = 60;
/// If more tokens than this have counts, those whose period has ended are dropped.
const MAX_IDLE_COUNTS: usize = 1000;

/// The requests of each token in its current period.
#[derive(Debug, Default)]
pub(in crate::web) struct RequestCounts(Mutex<HashMap<OperatorTokenId, Period>>);

#[derive(Clone, Copy, Debug)]
struct Period {
    begin: DateTime<Utc>,
    requests: u32,
}

/// What is left for a token after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quota {
    pub(super) limit: u32,
    /// `None` if the request was one too many.
    pub(super) remaining: Option<u32>,
    /// Seconds until the period ends.
    pub(super) reset: i64,
}

impl RequestCounts {
    pub(super) fn count(&self, token: OperatorTokenId, limit: u32, now: DateTime<Utc>) -> Quota {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let length = TimeDelta::seconds(PERIOD);
        // A period that begins later was written before the clock was set back.
        let is_current = |period: &Period| (period.begin..period.begin + length).contains(&now);
        if counts.len() > MAX_IDLE_COUNTS {
            counts.retain(|_, period| is_current(period));
        }
        let new = Period {
            begin: now,
            requests: 0,
        };
        let period = counts.entry(token).or_insert(new);
        if !is_current(period) {
            *period = new;
        }
        let remaining = limit.checked_sub(period.requests + 1);
        if remaining.is_some() {
            period.requests += 1;
        }
        let left = period.begin + length - now;
        Quota {
            limit,
            remaining,
            // Rounded up, so that a client that waits this long is not too early.
            reset: (left.num_milliseconds() + 999) / 1000,
        }
    }
}

impl Quota {
    pub(super) fn add_to(self, response: &mut Response) {
        let fields = [
            ("ratelimit-policy", format!("\"token\";q={};w={PERIOD}", self.limit)),
            (
                "ratelimit",
                format!("\"token\";r={};t={}", self.remaining.unwrap_or(0), self.reset),
            ),
        ];
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn requests_are_counted_for_each_token_and_period() {
        let counts = RequestCounts::default();
        let start = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let (one, other) = (OperatorTokenId(Uuid::from_u128(1)), OperatorTokenId(Uuid::from_u128(2)));
        let remaining = |token, seconds| {
            let quota = counts.count(token, 2, start + TimeDelta::seconds(seconds));
            (quota.remaining, quota.reset)
        };
        assert_eq!(remaining(one, 0), (Some(1), 60));
        assert_eq!(remaining(one, 10), (Some(0), 50));
        assert_eq!(remaining(one, 59), (None, 1));
        assert_eq!(remaining(other, 59), (Some(1), 60));
        assert_eq!(remaining(one, 60), (Some(1), 60));
        assert_eq!(remaining(one, -5), (Some(1), 60), "the clock was set back");
    }
}
