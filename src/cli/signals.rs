//! The signals that ask a command to stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Waits for SIGTERM or Control-C.
pub(crate) async fn wait_for_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
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
