//! The traces of issues: spans of compiling, freezing, sending and settling, which are sent to the collector of `log.otlp_endpoint`.
//!
//! Code that does such work opens a span of `tracing` with the field `issue.id`. The [`layer`] reads the spans that end and puts them into
//! a queue, and [`export`] sends them by OTLP ([`document`]). The queue is bounded and a full one drops spans, so a collector that is slow
//! or unavailable neither delays any work nor takes up memory.

mod document;
mod export;
mod layer;
mod span;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::Layer as _;

use self::export::Exporter;
use self::layer::SpanLayer;
use crate::clock::{Clock, Rng};
use crate::config::Config;

/// How many spans wait at most. Each takes about half a kilobyte.
const QUEUE: usize = 2048;
/// How long the end of the process waits for the last spans to be sent.
const LAST_EXPORT_TIMEOUT: Duration = Duration::from_secs(2);

/// A layer of `tracing` for a registry.
pub(crate) type Layer = Box<dyn tracing_subscriber::Layer<tracing_subscriber::Registry> + Send + Sync>;

/// The export of a process's traces, which a command starts and the end of the program finishes. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces(Arc<Mutex<Option<Running>>>);

#[derive(Debug)]
struct Running {
    task: JoinHandle<()>,
    /// Makes the task send what is queued, and end.
    ending: CancellationToken,
}

impl Traces {
    /// Starts the export, and returns the layer that feeds it. `None` if no collector is set. It has to be called on a runtime.
    pub(crate) fn start(&self, config: &Config) -> Option<Layer> {
        let collector = config.log.otlp_endpoint.as_ref()?;
        let (sender, queue) = mpsc::channel(QUEUE);
        let layer = SpanLayer::new(sender, Clock::System, Rng::System);
        let exporter = Exporter::new(config, collector, queue, layer.dropped());
        let ending = CancellationToken::new();
        let task = tokio::spawn(exporter.run(ending.clone()));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Running { task, ending });
        Some(layer.with_filter(layer::spans_of_issues()).boxed())
    }

    /// Sends the spans that are queued, for [`LAST_EXPORT_TIMEOUT`] at most.
    pub(crate) async fn finish(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { mut task, ending }) = running else {
            return;
        };
        ending.cancel();
        if tokio::time::timeout(LAST_EXPORT_TIMEOUT, &mut task).await.is_err() {
            task.abort();
        }
    }
}
