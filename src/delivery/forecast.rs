//! How long an issue would take at the limits that are set: each limit for itself, and the slowest of them governs.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::Serialize;

use crate::config::Warmup;

/// What a message is taken to need on a connection to a real server, from MAIL to the answer after its final dot.
pub const MESSAGE_TIME: Duration = Duration::from_millis(100);

/// What is known before.
#[derive(Clone, Debug)]
pub struct Plan {
    /// When it would begin.
    pub now: DateTime<Utc>,
    /// How many readers it goes to.
    pub recipients: u64,
    /// Messages a second that this machine makes, signs and records.
    pub machine: f64,
    /// The relays; none if mail is captured.
    pub relays: Vec<RelayPlan>,
    /// The providers that have limits.
    pub domains: Vec<DomainPlan>,
}

/// A relay's limits.
#[derive(Clone, Debug)]
pub struct RelayPlan {
    /// The most connections.
    pub connections: usize,
    /// The most messages a second, if there is a limit.
    pub rate: Option<f64>,
    /// Its share of the messages.
    pub weight: u32,
    /// The daily caps of a new sending address.
    pub warmup: Warmup,
    /// How much of today's cap is used.
    pub taken_today: i64,
}

/// A provider's limits.
#[derive(Clone, Debug)]
pub struct DomainPlan {
    /// The first of its domains.
    pub name: String,
    /// The most messages at once.
    pub connections: usize,
    /// The most messages a second, if there is a limit.
    pub rate: Option<f64>,
    /// How many of the readers are there.
    pub recipients: u64,
}

/// What one limit comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Limit {
    /// Whose it is.
    pub what: String,
    /// How many readers it concerns.
    pub recipients: u64,
    /// How long it makes the sending at least.
    pub seconds: f64,
}

/// The whole forecast.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// How long the sending takes at least, if nothing is deferred.
    pub seconds: f64,
    /// The limit that governs.
    pub governed_by: String,
    /// Every limit, the slowest first.
    pub limits: Vec<Limit>,
    /// [`MESSAGE_TIME`] in milliseconds.
    pub assumed_ms_per_message: u128,
}

/// Forecasts from what is known.
#[must_use]
pub fn forecast(plan: &Plan) -> Forecast {
    let limit = |what: &str, recipients, seconds| Limit {
        what: what.to_owned(),
        recipients,
        seconds,
    };
    let mut limits = vec![limit(
        "this machine",
        plan.recipients,
        time(plan.recipients, plan.machine),
    )];
    if !plan.relays.is_empty() {
        let pace = relays_pace(&plan.relays);
        limits.push(limit("the relays", plan.recipients, time(plan.recipients, pace)));
        if let Some(seconds) = warming_up(plan, pace) {
            limits.push(limit("the relays' warm-up", plan.recipients, seconds));
        }
    }
    for domain in plan.domains.iter().filter(|domain| domain.recipients > 0) {
        let seconds = time(domain.recipients, pace(domain.connections, domain.rate));
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

/// Messages a second over so many connections, and at most at this rate.
#[expect(clippy::cast_precision_loss, reason = "thousands at most")]
fn pace(connections: usize, rate: Option<f64>) -> f64 {
    let pace = connections as f64 / MESSAGE_TIME.as_secs_f64();
    rate.map_or(pace, |rate| rate.min(pace))
}

/// Messages a second over all relays. They keep to their shares, so the one that is slowest for its share governs.
fn relays_pace(relays: &[RelayPlan]) -> f64 {
    let weights: f64 = relays.iter().map(|relay| f64::from(relay.weight)).sum();
    let slowest = relays
        .iter()
        .map(|relay| pace(relay.connections, relay.rate) / f64::from(relay.weight.max(1)))
        .fold(f64::INFINITY, f64::min);
    slowest * weights
}

/// How long it takes with the daily caps; none if a relay has none, for it carries on for the others.
fn warming_up(plan: &Plan, pace: f64) -> Option<f64> {
    let today = plan.now.date_naive();
    let mut left = plan.recipients;
    let mut day = today;
    // `None` as soon as one relay is without a cap.
    let capacity = |day: NaiveDate| -> Option<u64> {
        let caps = plan.relays.iter().map(|relay| {
            let taken = if day == today { relay.taken_today } else { 0 };
            let cap = i64::from(relay.warmup.cap(day)?);
            Some(u64::try_from(cap - taken).unwrap_or(0))
        });
        caps.sum()
    };
    capacity(today)?;
    while let Some(room) = capacity(day).filter(|room| *room < left) {
        left -= room;
        day = day.checked_add_days(Days::new(1))?;
    }
    let begin = day.and_time(NaiveTime::MIN).and_utc().max(plan.now);
    let wait = (begin - plan.now).to_std().unwrap_or_default();
    Some(wait.as_secs_f64() + time(left, pace))
}

#[expect(clippy::cast_precision_loss, reason = "readers, not stars")]
fn time(recipients: u64, per_second: f64) -> f64 {
    recipients as f64 / per_second.max(1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay(connections: usize, rate: Option<f64>, weight: u32) -> RelayPlan {
        RelayPlan {
            connections,
            rate,
            weight,
            warmup: Warmup {
                started: None,
                plan: vec![],
            },
            taken_today: 0,
        }
    }

    fn plan(recipients: u64, relays: Vec<RelayPlan>) -> Plan {
        Plan {
            now: "2026-11-23T18:00:00Z".parse().expect("a time"),
            recipients,
            machine: 1_000.0,
            relays,
            domains: vec![],
        }
    }

    fn governed(plan: &Plan) -> (String, f64) {
        let forecast = forecast(plan);
        assert!(forecast.limits.iter().all(|limit| limit.seconds <= forecast.seconds));
        (forecast.governed_by, forecast.seconds.round())
    }

    #[test]
    fn the_slowest_limit_governs() {
        let mut plan = plan(10_000, vec![relay(20, None, 1)]);
        assert_eq!(
            governed(&plan),
            ("the relays".into(), 50.0),
            "20 connections, 100 ms a message"
        );
        plan.machine = 10.0;
        assert_eq!(governed(&plan), ("this machine".into(), 1_000.0));
        plan.domains.push(DomainPlan {
            name: "slow.example".into(),
            connections: 2,
            rate: Some(0.5),
            recipients: 1_000,
        });
        assert_eq!(governed(&plan), ("slow.example".into(), 2_000.0));
        plan.domains[0].rate = None;
        assert_eq!(governed(&plan).0, "this machine", "2 connections make 20 a second");
    }

    #[test]
    fn without_a_relay_the_machine_governs() {
        assert_eq!(governed(&plan(5_000, vec![])), ("this machine".into(), 5.0));
        assert_eq!(governed(&plan(0, vec![])), ("this machine".into(), 0.0));
    }

    #[test]
    fn relays_add_up_and_keep_to_their_shares() {
        let even = plan(10_000, vec![relay(20, Some(50.0), 1), relay(20, Some(50.0), 1)]);
        assert_eq!(governed(&even), ("the relays".into(), 100.0));
        let shared = plan(10_000, vec![relay(20, Some(75.0), 3), relay(20, Some(25.0), 1)]);
        assert_eq!(governed(&shared), ("the relays".into(), 100.0));
        let held_up = plan(10_000, vec![relay(20, Some(75.0), 1), relay(20, Some(25.0), 1)]);
        assert_eq!(
            governed(&held_up),
            ("the relays".into(), 200.0),
            "the slower has half of it"
        );
    }

    fn new_relay(started: &str, taken_today: i64) -> RelayPlan {
        RelayPlan {
            warmup: Warmup {
                started: started.parse().ok(),
                plan: vec![200, 500, 1_000],
            },
            taken_today,
            ..relay(10, None, 1)
        }
    }

    #[test]
    fn a_warm_up_goes_on_from_day_to_day() {
        let hours = |hours: u32| f64::from(hours * 3600);
        // 150 of today's 200 are left at six in the evening.
        let today = plan(150, vec![new_relay("2026-11-23", 50)]);
        assert_eq!(governed(&today), ("the relays".into(), 2.0));
        let tomorrow = plan(650, vec![new_relay("2026-11-23", 50)]);
        assert_eq!(governed(&tomorrow), ("the relays' warm-up".into(), hours(6) + 5.0));
        let third_day = plan(651, vec![new_relay("2026-11-23", 50)]);
        assert_eq!(governed(&third_day), ("the relays' warm-up".into(), hours(30)));
        // After the last day there is no cap.
        let after = plan(11_650, vec![new_relay("2026-11-23", 50)]);
        assert_eq!(governed(&after), ("the relays' warm-up".into(), hours(54) + 100.0));
    }

    #[test]
    fn a_warm_up_that_has_not_begun_is_waited_for() {
        let later = plan(100, vec![new_relay("2026-11-25", 0)]);
        assert_eq!(governed(&later), ("the relays' warm-up".into(), 30.0 * 3600.0 + 1.0));
    }

    #[test]
    fn a_relay_without_a_cap_carries_on_for_a_new_one() {
        let both = plan(100_000, vec![new_relay("2026-11-23", 0), relay(10, None, 1)]);
        assert_eq!(governed(&both), ("the relays".into(), 500.0));
    }
}
