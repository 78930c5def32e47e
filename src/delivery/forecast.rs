//! Forecasts how long the sending of an issue takes: computes the time under each limit, and the slowest limit governs.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::Serialize;

use crate::config::Warmup;

/// The assumed time of a message on a connection to a real relay, from MAIL to the reply after the final dot.
pub const MESSAGE_TIME: Duration = Duration::from_millis(100);

/// The input of a forecast.
#[derive(Clone, Debug)]
pub(super) struct ForecastInput {
    /// When the issue would start.
    pub(super) now: DateTime<Utc>,
    pub(super) recipients: u64,
    /// Messages a second that this machine builds, signs and records.
    pub(super) machine_rate: f64,
    /// The relays; empty if mail is captured.
    pub(super) relays: Vec<RelayLimits>,
    /// The recipient domains with limits.
    pub(super) domains: Vec<DomainLimits>,
}

/// The limits of a relay.
#[derive(Clone, Debug)]
pub(super) struct RelayLimits {
    pub(super) connections: usize,
    /// Messages a second at most; `None` is no limit.
    pub(super) rate: Option<f64>,
    /// The relay's share of the messages, relative to the other weights; at least 1.
    pub(super) weight: u32,
    /// The most messages on a day; `None` is no limit.
    pub(super) max_per_day: Option<u32>,
    /// The daily caps of a new sending address.
    pub(super) warmup: Warmup,
    /// How many messages of today's cap are used.
    pub(super) taken_today: i64,
}

impl RelayLimits {
    /// The most messages on a day; `None` is no limit.
    fn daily_cap(&self, day: NaiveDate) -> Option<u32> {
        [self.max_per_day, self.warmup.cap(day)].into_iter().flatten().min()
    }
}

/// The limits of a group of recipient domains.
#[derive(Clone, Debug)]
pub(super) struct DomainLimits {
    /// The first of the domains.
    pub(super) name: String,
    /// Concurrent messages at most.
    pub(super) connections: usize,
    /// Messages a second at most; `None` is no limit.
    pub(super) rate: Option<f64>,
    /// How many recipients have these domains.
    pub(super) recipients: u64,
}

/// The time under one limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Limit {
    /// What is limited: this machine, the relays, or a domain.
    pub what: String,
    /// How many recipients the limit concerns.
    pub recipients: u64,
    /// How long their messages take at least, in seconds.
    pub seconds: f64,
}

/// How long the sending of an issue takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// How long it takes at least, in seconds, if nothing is deferred.
    pub seconds: f64,
    /// The name of the slowest limit.
    pub governed_by: String,
    /// All limits, the slowest first.
    pub limits: Vec<Limit>,
    /// The constant [`MESSAGE_TIME`] in milliseconds.
    pub assumed_ms_per_message: u128,
}

pub(super) fn forecast(input: &ForecastInput) -> Forecast {
    let limit = |what: &str, recipients, seconds| Limit {
        what: what.to_owned(),
        recipients,
        seconds,
    };
    let mut limits = vec![limit(
        "this machine",
        input.recipients,
        seconds_for(input.recipients, input.machine_rate),
    )];
    if !input.relays.is_empty() {
        let rate = relays_rate(&input.relays);
        limits.push(limit(
            "the relays",
            input.recipients,
            seconds_for(input.recipients, rate),
        ));
        if let Some(seconds) = capped_seconds(input, rate) {
            limits.push(limit("the relays' daily caps", input.recipients, seconds));
        }
    }
    for domain in input.domains.iter().filter(|domain| domain.recipients > 0) {
        let seconds = seconds_for(domain.recipients, message_rate(domain.connections, domain.rate));
        limits.push(limit(&domain.name, domain.recipients, seconds));
    }
    limits.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    Forecast {
        seconds: limits[0].seconds,
        governed_by: limits[0].what.clone(),
        limits,
        assumed_ms_per_message: MESSAGE_TIME.as_millis(),
    }
}

/// Messages a second over this many connections, and at most `max_rate`.
#[expect(clippy::cast_precision_loss, reason = "thousands of connections at most")]
fn message_rate(connections: usize, max_rate: Option<f64>) -> f64 {
    let rate = connections as f64 / MESSAGE_TIME.as_secs_f64();
    max_rate.map_or(rate, |max_rate| max_rate.min(rate))
}

/// Messages a second over all relays. Each relay takes its share, so the one that is slowest for its share governs.
fn relays_rate(relays: &[RelayLimits]) -> f64 {
    let weights: f64 = relays.iter().map(|relay| f64::from(relay.weight)).sum();
    let slowest = relays
        .iter()
        .map(|relay| message_rate(relay.connections, relay.rate) / f64::from(relay.weight))
        .fold(f64::INFINITY, f64::min);
    slowest * weights
}

/// How long the daily caps of all relays make the sending take, in seconds. `None` if a relay has no cap today, because it takes the
/// share of the others.
fn capped_seconds(input: &ForecastInput, rate: f64) -> Option<f64> {
    let today = input.now.date_naive();
    let mut left = input.recipients;
    let mut day = today;
    // `None` if a relay has no cap on that day.
    let capacity = |day: NaiveDate| -> Option<u64> {
        let caps = input.relays.iter().map(|relay| {
            let taken = if day == today { relay.taken_today } else { 0 };
            let cap = i64::from(relay.daily_cap(day)?);
            Some(u64::try_from(cap - taken).unwrap_or(0))
        });
        caps.sum()
    };
    capacity(today)?;
    while let Some(capacity) = capacity(day).filter(|capacity| *capacity < left) {
        left -= capacity;
        day = day.checked_add_days(Days::new(1))?;
    }
    let last_day = day.and_time(NaiveTime::MIN).and_utc().max(input.now);
    let wait = (last_day - input.now).to_std().unwrap_or_default();
    Some(wait.as_secs_f64() + seconds_for(left, rate))
}

#[expect(clippy::cast_precision_loss, reason = "recipients are far below 2^52")]
fn seconds_for(recipients: u64, per_second: f64) -> f64 {
    recipients as f64 / per_second.max(1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay(connections: usize, rate: Option<f64>, weight: u32) -> RelayLimits {
        RelayLimits {
            connections,
            rate,
            weight,
            max_per_day: None,
            warmup: Warmup {
                started: None,
                plan: vec![],
            },
            taken_today: 0,
        }
    }

    fn input(recipients: u64, relays: Vec<RelayLimits>) -> ForecastInput {
        ForecastInput {
            now: "2026-11-23T18:00:00Z".parse().expect("a time"),
            recipients,
            machine_rate: 1_000.0,
            relays,
            domains: vec![],
        }
    }

    fn governed(input: &ForecastInput) -> (String, f64) {
        let forecast = forecast(input);
        assert!(forecast.limits.iter().all(|limit| limit.seconds <= forecast.seconds));
        (forecast.governed_by, forecast.seconds.round())
    }

    #[test]
    fn the_slowest_limit_governs() {
        let mut input = input(10_000, vec![relay(20, None, 1)]);
        assert_eq!(
            governed(&input),
            ("the relays".into(), 50.0),
            "20 connections, 100 ms a message"
        );
        input.machine_rate = 10.0;
        assert_eq!(governed(&input), ("this machine".into(), 1_000.0));
        input.domains.push(DomainLimits {
            name: "slow.example".into(),
            connections: 2,
            rate: Some(0.5),
            recipients: 1_000,
        });
        assert_eq!(governed(&input), ("slow.example".into(), 2_000.0));
        input.domains[0].rate = None;
        assert_eq!(governed(&input).0, "this machine", "2 connections make 20 a second");
    }

    #[test]
    fn without_a_relay_the_machine_governs() {
        assert_eq!(governed(&input(5_000, vec![])), ("this machine".into(), 5.0));
        assert_eq!(governed(&input(0, vec![])), ("this machine".into(), 0.0));
    }

    #[test]
    fn relays_add_up_and_take_their_shares() {
        let even = input(10_000, vec![relay(20, Some(50.0), 1), relay(20, Some(50.0), 1)]);
        assert_eq!(governed(&even), ("the relays".into(), 100.0));
        let shared = input(10_000, vec![relay(20, Some(75.0), 3), relay(20, Some(25.0), 1)]);
        assert_eq!(governed(&shared), ("the relays".into(), 100.0));
        let held_up = input(10_000, vec![relay(20, Some(75.0), 1), relay(20, Some(25.0), 1)]);
        assert_eq!(
            governed(&held_up),
            ("the relays".into(), 200.0),
            "the slower has half of it"
        );
    }

    fn new_relay(started: &str, taken_today: i64) -> RelayLimits {
        RelayLimits {
            warmup: Warmup {
                started: started.parse().ok(),
                plan: vec![200, 500, 1_000],
            },
            taken_today,
            ..relay(10, None, 1)
        }
    }

    #[test]
    fn a_warmup_continues_from_day_to_day() {
        let hours = |hours: u32| f64::from(hours * 3600);
        // 150 of today's 200 are left at six in the evening.
        let today = input(150, vec![new_relay("2026-11-23", 50)]);
        assert_eq!(governed(&today), ("the relays".into(), 2.0));
        let tomorrow = input(650, vec![new_relay("2026-11-23", 50)]);
        assert_eq!(governed(&tomorrow), ("the relays' daily caps".into(), hours(6) + 5.0));
        let third_day = input(651, vec![new_relay("2026-11-23", 50)]);
        assert_eq!(governed(&third_day), ("the relays' daily caps".into(), hours(30)));
        // After the last day there is no cap.
        let after = input(11_650, vec![new_relay("2026-11-23", 50)]);
        assert_eq!(governed(&after), ("the relays' daily caps".into(), hours(54) + 100.0));
    }

    #[test]
    fn a_warmup_that_has_not_started_is_waited_for() {
        let later = input(100, vec![new_relay("2026-11-25", 0)]);
        assert_eq!(governed(&later), ("the relays' daily caps".into(), 30.0 * 3600.0 + 1.0));
    }

    #[test]
    fn a_cap_holds_on_every_day() {
        let capped = |max_per_day| RelayLimits {
            max_per_day: Some(max_per_day),
            ..relay(10, None, 1)
        };
        // Today, and the next two days.
        let late = input(2_500, vec![capped(1_000)]);
        assert_eq!(
            governed(&late),
            ("the relays' daily caps".into(), f64::from(30 * 3600) + 5.0)
        );
        let new = RelayLimits {
            max_per_day: Some(100),
            ..new_relay("2026-11-23", 0)
        };
        let (_, seconds) = governed(&input(200, vec![new]));
        assert!((seconds - f64::from(6 * 3600) - 1.0).abs() < f64::EPSILON, "{seconds}");
    }

    #[test]
    fn a_relay_without_a_cap_takes_the_share_of_a_new_one() {
        let both = input(100_000, vec![new_relay("2026-11-23", 0), relay(10, None, 1)]);
        assert_eq!(governed(&both), ("the relays".into(), 500.0));
    }
}
