//! Cleanup that runs once: when its owner is dropped, or when a signal ends the program.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use tokio::signal::unix::{SignalKind, signal};

type Action = Box<dyn FnOnce() + Send>;

static OPEN: Mutex<BTreeMap<u64, Action>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(0);
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static ENDING: AtomicBool = AtomicBool::new(false);

/// Runs its action when it is dropped, or when a signal ends the program.
#[derive(Debug)]
pub struct Cleanup(u64);

impl Cleanup {
    /// Registers an action.
    pub fn new(action: impl FnOnce() + Send + 'static) -> Self {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        if let Ok(mut open) = OPEN.lock() {
            open.insert(id, Box::new(action));
        }
        Self(id)
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        run(|open| open.remove(&self.0));
    }
}

/// A new folder, which is removed when the cleanup runs.
pub fn scratch_folder() -> anyhow::Result<(PathBuf, Cleanup)> {
    let folder = tempfile::Builder::new().prefix("daywire-bench-").tempdir()?.keep();
    let to_remove = folder.clone();
    let cleanup = Cleanup::new(move || {
        let _ = std::fs::remove_dir_all(to_remove);
    });
    Ok((folder, cleanup))
}

/// Takes an action out and runs it. Returns false if there is none; another thread may still be running one.
fn run(take: impl FnOnce(&mut BTreeMap<u64, Action>) -> Option<Action>) -> bool {
    let action = OPEN.lock().ok().and_then(|mut open| {
        let action = take(&mut open);
        RUNNING.fetch_add(usize::from(action.is_some()), Ordering::SeqCst);
        action
    });
    let Some(action) = action else { return false };
    action();
    RUNNING.fetch_sub(1, Ordering::SeqCst);
    true
}

/// From now on SIGINT, SIGTERM and SIGHUP run all actions, the latest first, and end the program.
pub fn run_on_signals() -> anyhow::Result<()> {
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
        ENDING.store(true, Ordering::SeqCst);
        while run(|open| open.pop_last().map(|(_, action)| action)) || RUNNING.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
        std::process::exit(130);
    });
    Ok(())
}

/// Waits for the end of the program if a signal is ending it. Call this before `main` returns, so that it reports no errors that the
/// cleanup caused.
pub fn wait_for_signal_handler() {
    while ENDING.load(Ordering::SeqCst) {
        std::thread::park();
    }
}
