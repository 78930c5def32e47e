//! Parts of a transaction, each of which can be undone by itself.

use super::{Result, Tx, on};

impl Tx {
    /// Begins a part of the transaction that can be undone by itself. Parts do not nest.
    pub(crate) async fn begin_part(&mut self) -> Result<()> {
        on!(self, execute, "SAVEPOINT part")?;
        self.collected_counts().begin_part();
        self.collected_events().begin_part();
        Ok(())
    }

    /// Ends the part that [`begin_part`](Self::begin_part) began, and keeps its changes.
    pub(crate) async fn keep_part(&mut self) -> Result<()> {
        on!(self, execute, "RELEASE SAVEPOINT part")?;
        Ok(())
    }

    /// Ends the part that [`begin_part`](Self::begin_part) began, and undoes its changes.
    pub(crate) async fn undo_part(&mut self) -> Result<()> {
        on!(self, execute, "ROLLBACK TO SAVEPOINT part")?;
        self.collected_counts().undo_part();
        self.collected_events().undo_part();
        self.keep_part().await
    }
}
