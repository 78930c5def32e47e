//! Keys that sign links.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};

impl Tx {
    /// Every key with its id, oldest first.
    pub async fn signing_keys(&mut self) -> Result<Vec<(i64, Vec<u8>)>> {
        Ok(on!(
            self,
            all as (i64, Vec<u8>),
            "SELECT id, secret FROM signing_keys ORDER BY id"
        )?)
    }

    /// Adds a key, unless another process was first with the same id.
    pub async fn add_signing_key(&mut self, id: i64, secret: &[u8], now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO signing_keys (id, secret, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
            id,
            secret,
            now
        )?;
        Ok(())
    }
}
