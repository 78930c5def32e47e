//! Sends the queued spans to the collector.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::document::document;
use super::span::EndedSpan;
use crate::config::{CollectorUrl, Config};
use crate::feeds::fetch::Fetcher;
use crate::feeds::post::Poster;

/// The time between two looks at the queue.
const INTERVAL: Duration = Duration::from_secs(2);
/// How many spans one request has at most.
const MAX_SPANS: usize = 512;
/// The time limit of a request.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The task that empties the queue.
pub(super) struct Exporter {
    queue: Receiver<EndedSpan>,
    dropped: Arc<AtomicU64>,
    poster: Poster,
    url: Url,
    /// How many spans are lost since the collector failed; `None` while it accepts them.
    lost: Option<u64>,
}

/// Why a request was in vain.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Post(#[from] crate::feeds::post::PostError),
    #[error("the collector answered {0}")]
    Status(u16),
}

impl Exporter {
    pub(super) fn new(
        config: &Config,
        collector: &CollectorUrl,
        queue: Receiver<EndedSpan>,
        dropped: Arc<AtomicU64>,
    ) -> Self {
        let fetcher = Fetcher::new(config.feeds.fetch_settings());
        Self {
            queue,
            dropped,
            // An operator names the collector, so it may be in a private network.
            poster: Poster::new(&fetcher, collector.allowed(), TIMEOUT),
            url: collector.traces(),
            lost: None,
        }
    }

    /// Sends what is queued every few seconds, and a last time at the end.
    pub(super) async fn run(mut self, ending: CancellationToken) {
        loop {
            let is_ending = tokio::select! {
                () = ending.cancelled() => true,
                () = tokio::time::sleep(INTERVAL) => false,
            };
            while let Some(spans) = self.take() {
                self.export(&spans).await;
            }
            if is_ending {
                return;
            }
        }
    }

    /// The spans of the next request; `None` if there is none.
    fn take(&mut self) -> Option<Vec<EndedSpan>> {
        let spans: Vec<_> = std::iter::from_fn(|| self.queue.try_recv().ok())
            .take(MAX_SPANS)
            .collect();
        (!spans.is_empty()).then_some(spans)
    }

    /// Sends spans once. Those that the collector does not accept are lost, so that the ones after them need not wait. The log has one line
    /// when it begins to fail and one when it accepts spans again.
    async fn export(&mut self, spans: &[EndedSpan]) {
        let result = self.send(spans).await;
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        match (result, self.lost) {
            (Ok(()), None) => {}
            (Ok(()), Some(lost)) => {
                self.lost = None;
                tracing::info!(span.count = lost + dropped, "spans exported again; some were lost");
            }
            (Err(error), lost) => {
                self.lost = Some(lost.unwrap_or(0) + dropped + spans.len() as u64);
                if lost.is_none() {
                    tracing::warn!(%error, "spans not exported; check log.otlp_endpoint and the collector");
                }
            }
        }
    }

    async fn send(&self, spans: &[EndedSpan]) -> Result<(), ExportError> {
        let answer = self
            .poster
            .post_json(&self.url, &[], document(spans).to_string())
            .await?;
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        Err(ExportError::Status(answer.status))
    }
}
