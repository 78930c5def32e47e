//! Log lines that a stranger can cause as often as they like. The first one is written at once, and later ones at most once a minute with
//! their count.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const INTERVAL: Duration = Duration::from_mins(1);

/// Source and reason of a line.
type Key = (&'static str, &'static str);

/// How often each line was caused since it was last written.
#[derive(Debug, Default)]
pub(in crate::bounce) struct SummedLog(Mutex<BTreeMap<Key, u64>>);

impl SummedLog {
    /// Calls `write` with 1, or within a minute with how many calls there were.
    pub(in crate::bounce) fn add(self: &Arc<Self>, key: Key, write: impl Fn(u64) + Send + 'static) {
        self.add_every(INTERVAL, key, write);
    }

    fn add_every(self: &Arc<Self>, interval: Duration, key: Key, write: impl Fn(u64) + Send + 'static) {
        if let Some(count) = self.lock().get_mut(&key) {
            // The task of an earlier call writes it.
            *count += 1;
            return;
        }
        self.lock().insert(key, 0);
        write(1);
        let log = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(interval).await;
                let Some(count) = log.take(key) else { return };
                write(count);
            }
        });
    }

    /// The count since the last line. If there is none, the next call writes at once again.
    fn take(&self, key: Key) -> Option<u64> {
        let mut counts = self.lock();
        let count = counts.get_mut(&key).map(std::mem::take).filter(|count| *count > 0);
        if count.is_none() {
            counts.remove(&key);
        }
        count
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits until `condition` holds.
    async fn until(condition: impl Fn() -> bool) {
        let waiting = async {
            while !condition() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waiting)
            .await
            .expect("it holds soon");
    }

    #[tokio::test]
    async fn a_flood_becomes_one_line_at_once_and_one_for_each_interval() {
        let (log, lines) = (Arc::new(SummedLog::default()), Arc::new(Mutex::new(Vec::new())));
        let lines_now = || lines.lock().expect("no test panics").clone();
        let cause = |reason| {
            let lines = Arc::clone(&lines);
            log.add_every(Duration::from_millis(20), ("smtp", reason), move |count| {
                lines.lock().expect("no test panics").push((reason, count));
            });
        };
        for _ in 0..1000 {
            cause("forged_tag");
        }
        cause("other");
        assert_eq!(lines_now(), [("forged_tag", 1), ("other", 1)]);
        until(|| lines_now().len() == 3).await;
        assert_eq!(lines_now()[2], ("forged_tag", 999));
        until(|| log.lock().is_empty()).await;
        assert_eq!(lines_now().len(), 3, "nothing happened since");
        cause("forged_tag");
        assert_eq!(lines_now()[3], ("forged_tag", 1));
    }
}
