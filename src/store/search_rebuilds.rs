//! Whether the index of the site's search has to be built again, which is so after an import of everything. The mark is written with the
//! rows, so a process that ends before the index is complete leaves it for the next one.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};

impl Tx {
    /// Notes that the index has to be built.
    pub(crate) async fn request_search_rebuild(&mut self, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO search_rebuilds (id, requested_at) VALUES (1, $1) ON CONFLICT (id) DO NOTHING",
            now
        )?;
        Ok(())
    }

    /// Whether the index has to be built.
    pub(crate) async fn needs_search_rebuild(&mut self) -> Result<bool> {
        let (needs,) = on!(self, one as (bool,), "SELECT EXISTS (SELECT 1 FROM search_rebuilds)")?;
        Ok(needs)
    }

    /// Notes that the index is complete.
    pub(crate) async fn finish_search_rebuild(&mut self) -> Result<()> {
        on!(self, execute, "DELETE FROM search_rebuilds")?;
        Ok(())
    }
}
