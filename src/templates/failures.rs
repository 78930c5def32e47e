//! The templates that failed on real data since the process started.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::TemplateFault;

#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<Found>);

#[derive(Debug, Default)]
struct Found {
    /// Those of which the operators were not told yet.
    pending: BTreeMap<&'static str, TemplateFault>,
    /// All that failed. The first fault of each is enough for a notice.
    known: BTreeSet<&'static str>,
}

impl Failures {
    pub(super) fn add(&self, name: &'static str, fault: TemplateFault) {
        let mut found = self.lock();
        if found.known.insert(name) {
            found.pending.insert(name, fault);
        }
    }

    /// One that is pending, which is pending no more.
    pub(super) fn take(&self) -> Option<(&'static str, TemplateFault)> {
        self.lock().pending.pop_first()
    }

    pub(super) fn put_back(&self, name: &'static str, fault: TemplateFault) {
        self.lock().pending.insert(name, fault);
    }

    fn lock(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
