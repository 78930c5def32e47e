//! Keys that sign the tokens of links. Old keys stay valid, because mails sent years ago contain such links.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};

impl Tx {
    /// All keys with their ids, oldest first.
    pub(crate) async fn signing_keys(&mut self) -> Result<Vec<(i64, Vec<u8>)>> {
        Ok(on!(
            self,
            all as (i64, Vec<u8>),
            "SELECT id, secret FROM signing_keys ORDER BY id"
        )?)
    }

    /// Adds a key. Does nothing if another process has added one with the same id: read the keys again afterwards.
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
