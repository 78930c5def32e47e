//! Tokens of webhook requests that a provider uses once. Where the signature covers only the token, a second request with it may have any
//! other content.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, over_values};

impl Tx {
    /// Records tokens as used, by their digests. Returns whether none of them was used before; otherwise roll back.
    pub(crate) async fn use_webhook_nonces(&mut self, digests: &[Vec<u8>], now: DateTime<Utc>) -> Result<bool> {
        let added = over_values!(
            self,
            "INSERT INTO webhook_nonces (digest, used_at) ",
            " ON CONFLICT DO NOTHING",
            [],
            digests,
            |digest| digest,
            now
        );
        Ok(added == digests.len() as u64)
    }

    /// Forgets at most `limit` tokens that were used before `before`, and returns how many.
    pub(crate) async fn forget_webhook_nonces(&mut self, before: DateTime<Utc>, limit: i64) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM webhook_nonces WHERE digest IN (SELECT digest FROM webhook_nonces WHERE used_at < $1 \
             ORDER BY used_at LIMIT $2)",
            before,
            limit
        )?)
    }
}
