//! The relays: connecting to them, their limits, and whether they are available.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::relay_login::connect;
use super::routes::{Route, Routes};
use super::throttle::Throttle;
use super::token_notices::TokenNotices;
use crate::app::App;
use crate::domain::redact::without_addresses;
use crate::domain::sending_status::RelayStatus;
use crate::feeds::access_token::AccessTokens;
use crate::mail::health::BrokenInARow;
use crate::mail::relay::Relay;
use crate::mail::smtp::{SendError, Session, Timeouts};
use crate::metrics::RelayMetrics;

/// How often [`probe_relays`] connects to a relay while one is available.
const PROBE_INTERVAL: Duration = Duration::from_mins(1);
/// The same while no relay is available.
const PROBE_INTERVAL_UNAVAILABLE: Duration = Duration::from_secs(2);

/// How often a connection numbered above the relay's limit asks whether the limit has grown. A poll is enough: the limit grows by one
/// step after many accepted messages.
const LIMIT_POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Connects to the first relay of a route that accepts a connection. For the route of transactional mails it records in
/// [`App::health`] whether there is one. The number is the relay's index in the settings.
///
/// # Errors
/// The error of the last relay, if none accepts a connection.
pub(super) async fn connect_on(app: &App, route: Route) -> Result<(usize, Session), SendError> {
    let mut failure = SendError::NoRelay;
    let routes = Routes::new(&app.config);
    let relays = app.relays().zip(&app.config.relays).enumerate();
    for (index, ((relay, timeouts), settings)) in relays.filter(|(index, _)| routes.is_member(route, *index)) {
        let (tokens, hello) = (tokens_of(app, index), settings.helo_name(app.smtp_name()));
        match connect(relay, tokens, &timeouts, hello).await {
            Ok(session) => {
                let session = session.with_headers(&settings.transactional_headers);
                if route == routes.of_transactional {
                    app.broken_in_a_row.succeeded();
                    app.health.up();
                }
                return Ok((index, session.measured_for(&app.relay_metrics(relay))));
            }
            Err(error) => failure = error,
        }
    }
    // `failed` counts a connection that broke, and returns true once the relay itself counts as unavailable.
    if route == routes.of_transactional && app.broken_in_a_row.failed(&failure) {
        app.health.down(&failure.to_string(), app.clock.now());
    }
    Err(failure)
}

fn tokens_of(app: &App, relay: usize) -> Option<&AccessTokens> {
    app.access_tokens.get(relay)?.as_ref()
}

/// Connects to a relay from time to time, so that `/readyz` and the log report an unavailable relay before the first mail.
pub(crate) async fn probe_relays(app: Arc<App>, stop: CancellationToken) {
    let route = Routes::new(&app.config).of_transactional;
    let mut notices = TokenNotices::default();
    loop {
        let wait = match connect_on(&app, route).await {
            Ok((_, session)) => {
                session.quit().await;
                PROBE_INTERVAL
            }
            Err(_) => PROBE_INTERVAL_UNAVAILABLE,
        };
        if let Err(error) = notices.notify_operators(&app).await {
            tracing::error!(%error, "notice of missing access tokens not queued; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Whether a connection may send.
pub(super) enum Admission {
    Admitted,
    /// Not now. Ask again after this time.
    AskAfter(Duration),
}

/// A relay with its limits, shared by its connections.
#[derive(Debug)]
pub(super) struct RelayHandle {
    /// The index in the settings, from 0.
    pub(super) index: usize,
    /// The relay's share of the messages.
    pub(super) weight: u32,
    /// The number of connections.
    pub(super) connections: usize,
    /// A connection is closed after this many messages.
    pub(super) messages_per_connection: usize,
    /// Messages a second over all connections; `None` is no limit.
    pub(super) rate: Option<DefaultDirectRateLimiter>,
    /// Whether the relay is within its send window.
    is_open: AtomicBool,
    /// How many messages of its portions of the day's cap this process may still send; [`UNLIMITED`] without a cap.
    allowance: AtomicI64,
    /// Whether the last attempt to take a portion found the day's cap used up.
    cap_reached: AtomicBool,
    /// The day of `allowance`.
    day: Mutex<NaiveDate>,
    relay: Relay,
    timeouts: Timeouts,
    pub(super) metrics: RelayMetrics,
    throttle: Mutex<Throttle>,
    /// Failures to connect in a row that only an operator can fix, such as a wrong password.
    pub(super) permanent_failures: AtomicU32,
    /// New connections that broke or stalled in a row.
    pub(super) broken_in_a_row: BrokenInARow,
    /// Why mail waits for this relay; `None` if it accepts connections or another relay sends its mail.
    trouble: Mutex<Option<String>>,
}

/// The allowance of a relay without a cap: more than any number of messages, and far from an overflow.
const UNLIMITED: i64 = i64::MAX / 2;

impl RelayHandle {
    /// A handle for each relay of the settings.
    pub(super) fn all(app: &App) -> Vec<Arc<Self>> {
        let relays = app.relays().zip(&app.config.relays).enumerate();
        let handles = relays.map(|(index, ((relay, timeouts), settings))| {
            // Without bursts: the messages of a second are spread over it.
            let limiter = |rate: NonZeroU32| RateLimiter::direct(Quota::per_second(rate).allow_burst(NonZeroU32::MIN));
            Arc::new(Self {
                index,
                weight: settings.weight,
                connections: settings.connections,
                messages_per_connection: settings.messages_per_connection,
                rate: settings.rate_per_second.map(limiter),
                is_open: AtomicBool::new(settings.send_window.is_none()),
                allowance: AtomicI64::new(if settings.has_daily_cap() { 0 } else { UNLIMITED }),
                day: Mutex::new(app.clock.now().date_naive()),
                relay: relay.clone(),
                timeouts,
                metrics: app.relay_metrics(relay),
                throttle: Mutex::new(Throttle::new(settings.connections)),
                cap_reached: AtomicBool::new(false),
                permanent_failures: AtomicU32::new(0),
                broken_in_a_row: BrokenInARow::default(),
                trouble: Mutex::default(),
            })
        });
        handles.collect()
    }

    /// The relay's address without the login.
    pub(super) fn name(&self) -> String {
        self.relay.to_string()
    }

    pub(super) async fn connect(&self, app: &App) -> Result<Session, SendError> {
        let settings = &app.config.relays[self.index];
        let (tokens, hello) = (tokens_of(app, self.index), settings.helo_name(app.smtp_name()));
        let session = connect(&self.relay, tokens, &self.timeouts, hello).await?;
        Ok(session.with_headers(&settings.headers).measured_for(&self.metrics))
    }

    /// How fast the relay is used at `now`.
    pub(super) fn status(&self, now: DateTime<Utc>) -> RelayStatus {
        let throttle = self.throttle();
        RelayStatus {
            name: self.name(),
            limit: u64::try_from(throttle.limit()).unwrap_or(u64::MAX),
            max: u64::try_from(self.connections).unwrap_or(u64::MAX),
            paused_until: throttle.paused_until_time(now),
            trouble: self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// Records why mail waits for this relay, or that it does not. Returns whether the reason is new.
    pub(super) fn set_trouble(&self, reason: Option<&str>) -> bool {
        let reason = reason.map(without_addresses);
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *trouble != reason;
        *trouble = reason;
        is_new
    }

    /// Whether the throttle permits the connection with this number to send.
    pub(super) fn admission(&self, connection: usize) -> Admission {
        let now = Instant::now();
        let throttle = self.throttle();
        if let Some(until) = throttle.paused_until(now) {
            return Admission::AskAfter(until - now);
        }
        if connection < throttle.limit() {
            Admission::Admitted
        } else {
            Admission::AskAfter(LIMIT_POLL_INTERVAL)
        }
    }

    /// The relay asked us to slow down. The limit is halved, and not the number of messages in flight: connections that are idle for
    /// a moment would count as a lower limit.
    pub(super) fn slow_down(&self, jitter: f64) {
        let mut throttle = self.throttle();
        let limit = throttle.limit();
        throttle.slow_down(limit, Instant::now(), jitter);
    }

    pub(super) fn message_accepted(&self) {
        self.permanent_failures.store(0, Ordering::Relaxed);
        self.throttle().message_accepted(Instant::now());
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one message from the allowance. Returns false if it is used up, or outside of the send window.
    pub(super) fn take_allowance(&self) -> bool {
        if !self.is_open.load(Ordering::Relaxed) {
            return false;
        }
        self.allowance
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left > 0).then(|| left - 1)
            })
            .is_ok()
    }

    /// Returns one message that was not accepted to the allowance.
    pub(super) fn return_allowance(&self) {
        self.allowance.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn allowance(&self) -> i64 {
        self.allowance.load(Ordering::Relaxed)
    }

    /// Whether the relay may send an issue now, by its daily cap and its send window.
    pub(super) fn may_send(&self) -> bool {
        self.is_open.load(Ordering::Relaxed) && self.allowance() > 0
    }

    /// Whether the relay waits for its send window, or for the next day because the cap is used up and this process has no allowance
    /// left. False between two portions.
    pub(super) fn waits_long(&self) -> bool {
        !self.is_open.load(Ordering::Relaxed) || (self.cap_reached.load(Ordering::Relaxed) && self.allowance() <= 0)
    }

    /// Sets whether the relay is within its send window; logs a change.
    pub(super) fn set_open(&self, is_open: bool) {
        if self.is_open.swap(is_open, Ordering::Relaxed) != is_open {
            let state = if is_open { "open" } else { "closed" };
            tracing::info!(
                relay.address = self.name(),
                relay.send_window = state,
                "send window changed"
            );
        }
    }

    /// Sets whether the day's cap is used up; logs it.
    pub(super) fn set_cap_reached(&self, is_reached: bool) {
        if !self.cap_reached.swap(is_reached, Ordering::Relaxed) && is_reached {
            tracing::info!(
                relay.address = self.name(),
                "daily cap used up; issues wait for the next day"
            );
        }
    }

    /// The day whose cap the allowance was taken from.
    pub(super) fn day(&self) -> NaiveDate {
        *self.day.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the day. A new day ends the allowance of the day before, because it counts towards that day's cap.
    pub(super) fn set_day(&self, today: NaiveDate) {
        let mut day = self.day.lock().unwrap_or_else(PoisonError::into_inner);
        if *day != today {
            *day = today;
            self.allowance.store(0, Ordering::Relaxed);
            self.set_cap_reached(false);
        }
    }

    /// Adds a portion of the day's cap.
    pub(super) fn add_allowance(&self, messages: i64) {
        self.allowance.fetch_add(messages, Ordering::Relaxed);
    }

    /// Ends the cap, because this day has none.
    pub(super) fn lift_cap(&self) {
        self.allowance.store(UNLIMITED, Ordering::Relaxed);
        self.set_cap_reached(false);
    }
}
