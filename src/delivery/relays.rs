//! The way to a relay: the first that lets us in, and how the relays are.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::mail::smtp::{SendError, Session};

/// How often a relay is asked how it is, while it lets us in and while it does not.
const WATCH_UP: Duration = Duration::from_mins(1);
const WATCH_DOWN: Duration = Duration::from_secs(2);

/// Connects to the first relay that lets us in, and notes how it is.
///
/// # Errors
/// What the last one said, in words that say what to do.
pub async fn connect(app: &App) -> Result<Session, SendError> {
    let hello = app.config.site.url.host().trim_matches(['[', ']']);
    let mut failure = SendError::NoRelay;
    for (relay, timeouts) in app.relays() {
        match Session::connect(relay, &timeouts, hello).await {
            Ok(session) => {
                app.health.up();
                return Ok(session);
            }
            Err(error) => failure = error,
        }
    }
    app.health.down(&failure.to_string(), app.clock.now());
    Err(failure)
}

/// Asks the relay how it is, until it lets us in: `/readyz` and the log know it before the first mail does.
pub async fn watch(app: Arc<App>, stop: CancellationToken) {
    loop {
        if let Ok(session) = connect(&app).await {
            session.quit().await;
        }
        let wait = if app.health.trouble().is_some() {
            WATCH_DOWN
        } else {
            WATCH_UP
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}
