//! What was started is ended, once: when its owner goes, or when a signal ends the program.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::signal::unix::{SignalKind, signal};

type Action = Box<dyn FnOnce() + Send>;

static OPEN: Mutex<BTreeMap<u64, Action>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Runs its action when dropped, or at the end by a signal.
#[derive(Debug)]
pub struct Undo(u64);

impl Undo {
    /// Remembers what to do.
    pub fn new(action: impl FnOnce() + Send + 'static) -> Self {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        if let Ok(mut open) = OPEN.lock() {
            open.insert(id, Box::new(action));
        }
        Self(id)
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        let action = OPEN.lock().ok().and_then(|mut open| open.remove(&self.0));
        if let Some(action) = action {
            action();
        }
    }
}

/// From now on Control-C, SIGTERM and a closed terminal undo what is open, the latest first, and end the program.
pub fn at_signals() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate, mut hang_up) = {
        let _inside = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        )
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
        });
        loop {
            let latest = OPEN.lock().ok().and_then(|mut open| open.pop_last());
            let Some((_, action)) = latest else { break };
            action();
        }
        std::process::exit(130);
    });
    Ok(())
}
