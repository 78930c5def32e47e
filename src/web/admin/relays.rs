//! The relays and recipient domains: their limits by the settings, and how fast each process sends now.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use chrono::{DateTime, Utc};

use super::console::Console;
use crate::delivery::sending_report::sending_report;
use crate::domain::sending_status::{RelayWait, SendingStatus, WaitReason};
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::Shared;
use crate::words::Words;

#[derive(Debug, Template)]
#[template(path = "admin/relays.html")]
struct RelaysPage {
    console: Console,
    /// Whether there is no relay.
    is_captured: bool,
    relays: Vec<RelayLine>,
    processes: Vec<ProcessView>,
}

/// A relay by its settings.
#[derive(Debug)]
struct RelayLine {
    name: String,
    weight: u64,
    connections: usize,
    rate: String,
    cap: String,
    state: String,
    waits: bool,
}

/// A process that sends.
#[derive(Debug)]
struct ProcessView {
    name: String,
    trouble: Option<String>,
    relays: Vec<StatusLine>,
    domains: Vec<StatusLine>,
}

/// How fast a relay or a domain is used.
#[derive(Debug)]
struct StatusLine {
    name: String,
    at_once: String,
    waiting: String,
    state: String,
    is_paused: bool,
}

fn state(words: &Words, paused_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> (String, bool) {
    match paused_until.filter(|until| *until > now) {
        Some(until) => (words.relays_paused(Stamp::utc(until).shown(words)), true),
        None => (words.relays_goes_on(), false),
    }
}

impl ProcessView {
    fn new(words: &Words, name: String, status: SendingStatus, now: DateTime<Utc>) -> Self {
        let relays = status.relays.into_iter().map(|relay| {
            let (state, is_paused) = match relay.trouble {
                Some(reason) => (words.relays_trouble(reason), true),
                None => state(words, relay.paused_until, now),
            };
            StatusLine {
                at_once: words.relays_of(words.number(relay.limit), words.number(relay.max)),
                waiting: String::new(),
                name: relay.name,
                state,
                is_paused,
            }
        });
        let domains = status.domains.into_iter().map(|domain| {
            let (state, is_paused) = state(words, domain.paused_until, now);
            let limit = domain
                .limit
                .map_or_else(|| words.relays_no_limit(), |limit| words.number(limit));
            StatusLine {
                at_once: words.relays_of(words.number(domain.in_flight), limit),
                waiting: words.number(domain.waiting),
                name: domain.domain,
                state,
                is_paused,
            }
        });
        Self {
            relays: relays.collect(),
            domains: domains.collect(),
            trouble: status.trouble.map(|reason| words.relays_trouble(reason)),
            name,
        }
    }
}

pub(super) async fn page(State(web): Shared, console: Console) -> Result<Html<String>, WebError> {
    let words = &console.words;
    let now = web.app.clock.now();
    let report = sending_report(&web.app).await?;
    let relays = report.relays.into_iter().map(|relay| RelayLine {
        weight: u64::from(relay.weight),
        connections: relay.connections,
        rate: match relay.rate {
            Some(rate) => words.number(u64::from(rate)),
            None => words.relays_no_limit(),
        },
        cap: match relay.cap {
            Some(cap) => words.relays_of(words.number(relay.used.unsigned_abs()), words.number(u64::from(cap))),
            None => words.relays_no_limit(),
        },
        state: match relay.waits {
            None => words.relays_goes_on(),
            Some(RelayWait { reason, until }) => {
                let time = Stamp::utc(until).shown(words);
                match reason {
                    WaitReason::DailyCap => words.relays_cap_used(time),
                    WaitReason::SendWindow => words.relays_closed(time),
                }
            }
        },
        waits: relay.waits.is_some(),
        name: relay.name,
    });
    let processes = report.processes.into_iter();
    let processes = processes.map(|process| ProcessView::new(words, process.name, process.status, now));
    render(&RelaysPage {
        is_captured: web.app.config.captures_mail(),
        relays: relays.collect(),
        processes: processes.collect(),
        console,
    })
}
