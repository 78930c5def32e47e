//! The signals that ask a command to stop.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// SIGTERM and Control-C. From the moment that it exists neither ends the process by itself.
pub(crate) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Waits for SIGTERM or Control-C.
pub(crate) async fn wait_for_stop() -> anyhow::Result<()> {
    StopSignals::listen()?.received().await;
    Ok(())
}

/// Cancels `stop` at SIGTERM or Control-C. Abort the task when the command has ended.
pub(crate) fn cancel_at_stop(stop: &CancellationToken) -> JoinHandle<()> {
    let stop = stop.clone();
    tokio::spawn(async move {
        if wait_for_stop().await.is_ok() {
            stop.cancel();
        }
    })
}
