//! The rows of a file, read and checked while the database is busy with earlier ones.
//!
//! One thread splits the file into rows. Others check parts of them at the same time. The parts arrive in the order of the file, and only a
//! few wait, so that a file of any length takes the same memory.

use std::io::{self, Read};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::table::{Row, Table};

/// Rows that one task checks. Fewer would cost more for passing them on, and more would take more memory.
const ROWS_PER_PART: usize = 1_024;

/// The checked rows of a file, in their order.
pub(super) struct RowStream<T> {
    parts: mpsc::Receiver<JoinHandle<Vec<T>>>,
    lines: JoinHandle<io::Result<u64>>,
}

impl<T: Send + 'static> RowStream<T> {
    /// Starts to read. `check` runs on several threads.
    pub(super) fn start<R: Read + Send + 'static>(
        mut table: Table<R>,
        check: impl Fn(Vec<Row>) -> Vec<T> + Clone + Send + 'static,
    ) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (checking, parts) = mpsc::channel(threads);
        let lines = tokio::task::spawn_blocking(move || {
            loop {
                let rows = table.next_rows(ROWS_PER_PART)?;
                if rows.is_empty() {
                    return Ok(table.lines_read());
                }
                let check = check.clone();
                let part = tokio::task::spawn_blocking(move || check(rows));
                // The receiver is closed when the import fails.
                if checking.blocking_send(part).is_err() {
                    return Ok(table.lines_read());
                }
            }
        });
        Self { parts, lines }
    }

    /// The next rows, about `wanted`; none at the end of the file.
    pub(super) async fn next(&mut self, wanted: usize) -> Vec<T> {
        let mut rows = Vec::new();
        while rows.len() < wanted {
            let Some(part) = self.parts.recv().await else { break };
            rows.append(&mut joined(part).await);
        }
        rows
    }

    /// After the last rows: the number of lines of the file.
    ///
    /// # Errors
    /// If the file could not be read to its end.
    pub(super) async fn lines(self) -> io::Result<u64> {
        joined(self.lines).await
    }
}

async fn joined<T>(task: JoinHandle<T>) -> T {
    match task.await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
