//! The site's revision: a number that changes with the content of the front page. A process keeps the page in memory and compares the
//! number to know whether the page is current, also after a change by another process.

use super::{Result, Tx, on};

impl Tx {
    pub(crate) async fn site_revision(&mut self) -> Result<i64> {
        let (revision,) = on!(self, one as (i64,), "SELECT revision FROM site_revision WHERE id = 1")?;
        Ok(revision)
    }

    /// Adds 1 to the revision. [`Tx::commit`] runs this as the last statement, so no transaction waits for another lock while it
    /// holds this row.
    pub(super) async fn raise_site_revision(&mut self) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE site_revision SET revision = revision + 1 WHERE id = 1"
        )?;
        Ok(())
    }
}
