//! Tokens that were used and are still valid, so that none is used twice.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::{Result, StoreError, Tx, insert, on, select_over};

/// The key of a used token: a keyed hash of its number, and of the network that used it if others may use it too.
pub(crate) type SpentKey = [u8; 16];

impl Tx {
    /// Those of the tokens that were used.
    pub(crate) async fn spent_tokens(&mut self, keys: &[SpentKey]) -> Result<HashSet<SpentKey>> {
        let rows = select_over!(
            self,
            "SELECT key FROM spent_tokens WHERE key IN (",
            ")",
            (Vec<u8>,),
            keys,
            |key| &key[..]
        );
        let keys = rows.into_iter().map(|(key,)| {
            let key = SpentKey::try_from(key);
            let key = key.map_err(|_| sqlx::Error::Decode("a key of spent_tokens is not 16 bytes long".into()));
            Ok::<_, StoreError>(key?)
        });
        keys.collect()
    }

    /// Adds used tokens, none of which was used before.
    pub(crate) async fn spend_tokens(&mut self, tokens: &[(SpentKey, DateTime<Utc>)]) -> Result<()> {
        insert!(
            self,
            "spent_tokens (key, expires_at)",
            tokens,
            |token| &token.0[..],
            token.1
        );
        Ok(())
    }

    /// Deletes the tokens that are no longer valid.
    pub(crate) async fn purge_spent_tokens(&mut self, now: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM spent_tokens WHERE expires_at < $1",
            now
        )?)
    }
}
