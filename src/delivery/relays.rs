//! The ways to the relays: whom to connect to, at what pace, and how the relays are.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::NaiveDate;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::pace::Pace;
use crate::app::App;
use crate::config::Warmup;
use crate::mail::health::BrokenInARow;
use crate::mail::relay::Relay;
use crate::mail::smtp::{SendError, Session, Timeouts};

/// How often a relay is asked how it is, while it lets us in and while it does not.
const WATCH_UP: Duration = Duration::from_mins(1);
const WATCH_DOWN: Duration = Duration::from_secs(2);

/// Connects to the first relay that lets us in, and records in [`App::health`] whether there is one.
///
/// # Errors
/// What the last one said, in words that say what to do.
pub async fn connect(app: &App) -> Result<Session, SendError> {
    let mut failure = SendError::NoRelay;
    for (relay, timeouts) in app.relays() {
        match Session::connect(relay, &timeouts, hello(app)).await {
            Ok(session) => {
                app.broken_in_a_row.succeeded();
                app.health.up();
                return Ok(session);
            }
            Err(error) => failure = error,
        }
    }
    if app.broken_in_a_row.failed(&failure) {
        app.health.down(&failure.to_string(), app.clock.now());
    }
    Err(failure)
}

/// Asks the relay how it is, until it lets us in: `/readyz` and the log know it before the first mail does.
pub async fn watch(app: Arc<App>, stop: CancellationToken) {
    loop {
        let wait = match connect(&app).await {
            Ok(session) => {
                session.quit().await;
                WATCH_UP
            }
            Err(_) => WATCH_DOWN,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn hello(app: &App) -> &str {
    app.config.site.url.host().trim_matches(['[', ']'])
}

/// One relay, and how fast it may be gone at.
#[derive(Debug)]
pub struct Lane {
    /// Which of the relays, from 0.
    pub index: usize,
    /// Its share of the messages.
    pub weight: u32,
    /// The most connections.
    pub connections: usize,
    /// A connection is closed after this many messages.
    pub messages_per_connection: usize,
    /// How many messages a second all connections may send, if there is a limit.
    pub rate: Option<DefaultDirectRateLimiter>,
    /// The daily cap of a new sending address.
    pub warmup: Warmup,
    /// How many messages may go out before more are asked for of the day's cap; below any count where there is no cap.
    allowance: AtomicI64,
    /// The day that the allowance is of.
    day: Mutex<NaiveDate>,
    relay: Relay,
    timeouts: Timeouts,
    pace: Mutex<Pace>,
    /// Refusals of the kind that only an operator can mend, in a row.
    pub refusals: AtomicU32,
    /// New connections to this relay that broke or stalled.
    pub broken_in_a_row: BrokenInARow,
}

/// Where there is no cap.
const UNLIMITED: i64 = i64::MAX / 2;

impl Lane {
    /// One for each relay; several stand in for one another.
    #[must_use]
    pub fn all(app: &App) -> Vec<Arc<Self>> {
        let relays = app.relays().zip(&app.config.relays).enumerate();
        let lanes = relays.map(|(index, ((relay, timeouts), set))| {
            let even = |rate: NonZeroU32| RateLimiter::direct(Quota::per_second(rate).allow_burst(NonZeroU32::MIN));
            Arc::new(Self {
                index,
                weight: set.weight,
                connections: set.connections,
                messages_per_connection: set.messages_per_connection,
                rate: set.rate_per_second.map(even),
                warmup: set.warmup.clone(),
                allowance: AtomicI64::new(if set.warmup.started.is_some() { 0 } else { UNLIMITED }),
                day: Mutex::new(app.clock.now().date_naive()),
                relay: relay.clone(),
                timeouts,
                pace: Mutex::new(Pace::new(set.connections)),
                refusals: AtomicU32::new(0),
                broken_in_a_row: BrokenInARow::default(),
            })
        });
        lanes.collect()
    }

    /// What the relay is called in the account of warm-up: its address without the login.
    #[must_use]
    pub fn name(&self) -> String {
        self.relay.to_string()
    }

    /// Opens a session.
    ///
    /// # Errors
    /// What the relay said, in words that say what to do.
    pub async fn connect(&self, app: &App) -> Result<Session, SendError> {
        Session::connect(&self.relay, &self.timeouts, hello(app)).await
    }

    /// Whether the connection with this number may be used now; if not, when to ask again at the latest.
    pub fn admits(&self, connection: usize) -> Result<(), Duration> {
        let now = Instant::now();
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = pace.closed_until(now) {
            return Err(until - now);
        }
        if connection < pace.limit() {
            Ok(())
        } else {
            Err(Duration::from_millis(200))
        }
    }

    /// The relay wants less of us.
    pub fn slow_down(&self, jitter: f64) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = pace.limit();
        pace.slow_down(limit, Instant::now(), jitter);
    }

    /// A message went well.
    pub fn went_well(&self) {
        self.refusals.store(0, Ordering::Relaxed);
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.went_well(Instant::now());
    }

    /// Takes one message of the day's cap.
    pub fn spend(&self) -> bool {
        self.allowance
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left > 0).then(|| left - 1)
            })
            .is_ok()
    }

    /// Gives one back that did not go out.
    pub fn unspend(&self) {
        self.allowance.fetch_add(1, Ordering::Relaxed);
    }

    /// How many may still go out.
    #[must_use]
    pub fn allowance(&self) -> i64 {
        self.allowance.load(Ordering::Relaxed)
    }

    /// Whether today's warm-up cap of the sending address is used up.
    #[must_use]
    pub fn has_used_up_its_day(&self) -> bool {
        self.warmup.started.is_some() && self.allowance() <= 0
    }

    /// The day that the allowance is of.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        *self.day.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// On a new day, what is left of another one's cap is void.
    pub fn turn_to(&self, today: NaiveDate) {
        let mut day = self.day.lock().unwrap_or_else(PoisonError::into_inner);
        if *day != today {
            *day = today;
            self.allowance.store(0, Ordering::Relaxed);
        }
    }

    /// Adds what was taken of the day's cap, or lifts the cap.
    pub fn allow(&self, more: Option<i64>) {
        match more {
            Some(more) => {
                self.allowance.fetch_add(more, Ordering::Relaxed);
            }
            None => self.allowance.store(UNLIMITED, Ordering::Relaxed),
        }
    }
}
