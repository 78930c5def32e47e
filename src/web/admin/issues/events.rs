//! How far an issue is, as server-sent events ([HTML §9.2](https://html.spec.whatwg.org/multipage/server-sent-events.html)). Each event
//! has the part of the page that changed, so the script only puts it in place.
//!
//! A stream reads the database for a moment, and holds no connection of it between two readings.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::super::console::Console;
use super::super::issue_path::IssuePath;
use super::super::session;
use super::progress::ProgressView;
use crate::domain::ids::IssueId;
use crate::web::error::WebError;
use crate::web::live_issues::IssueProgress;
use crate::web::server::ServerStop;
use crate::web::state::{Shared, Web};

/// The time between two reads of the session and the issue.
const INTERVAL: Duration = Duration::from_secs(1);
/// A stream without news sends a comment after this time, so that no proxy closes it.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream ends after this time. The browser opens a new one.
const LIFETIME: Duration = Duration::from_mins(10);

/// A stream of one browser.
struct LiveStream {
    web: Arc<Web>,
    console: Console,
    headers: HeaderMap,
    issue: IssueId,
    /// What the browser shows.
    shown: Option<Arc<IssueProgress>>,
    is_first_read: bool,
    said_at: Instant,
    ends_at: Instant,
    has_ended: bool,
    stop: ServerStop,
    _permit: OwnedSemaphorePermit,
}

pub(super) async fn events(
    State(web): Shared,
    console: Console,
    Extension(stop): Extension<ServerStop>,
    headers: HeaderMap,
    Path(path): Path<IssuePath>,
) -> Result<Response, WebError> {
    let issue = path.find(&mut web.app.store.read().await?).await?.id;
    let Some(permit) = web.live.permit() else {
        return Ok((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "30")]).into_response());
    };
    let now = Instant::now();
    let live = LiveStream {
        web: Arc::clone(&web),
        console,
        headers,
        issue,
        shown: None,
        is_first_read: true,
        said_at: now,
        ends_at: now + LIFETIME,
        has_ended: false,
        stop,
        _permit: permit,
    };
    let events = stream::unfold(live, |mut live| async move {
        let event = live.next().await?;
        Some((Ok::<_, Infallible>(event), live))
    });
    Ok(Sse::new(events).into_response())
}

impl LiveStream {
    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        if self.has_ended {
            return None;
        }
        loop {
            // The first event is sent at once. If the database is unavailable then, the next read waits like any other.
            if !std::mem::take(&mut self.is_first_read) {
                tokio::select! {
                    () = self.stop.stopped() => return None,
                    () = tokio::time::sleep(INTERVAL) => {}
                }
            }
            if Instant::now() >= self.ends_at {
                return None;
            }
            // The stream ends with the session.
            match session::signed_in(&self.web, &self.headers).await {
                Ok(Some(_)) => {}
                Ok(None) => return Some(self.last("signed-out")),
                // The database is unavailable for a moment.
                Err(_) => return Some(self.comment()),
            }
            match self.web.live.progress(&self.web.app, self.issue).await {
                Ok(Some(progress)) if self.shown.as_ref() != Some(&progress) => return self.event(progress),
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(_) => return Some(self.comment()),
            }
            if self.said_at.elapsed() >= HEARTBEAT {
                return Some(self.comment());
            }
        }
    }

    fn event(&mut self, progress: Arc<IssueProgress>) -> Option<Event> {
        let html = ProgressView::new(&self.console, &progress).render().ok()?;
        let is_live = progress.is_live();
        self.shown = Some(progress);
        self.said_at = Instant::now();
        if is_live {
            return Some(Event::default().event("progress").data(html));
        }
        // The buttons of the page depend on the state, so the browser loads it again.
        Some(self.last("state"))
    }

    fn last(&mut self, name: &str) -> Event {
        self.has_ended = true;
        Event::default().event(name).data(name)
    }

    fn comment(&mut self) -> Event {
        self.said_at = Instant::now();
        Event::default().comment("")
    }
}
