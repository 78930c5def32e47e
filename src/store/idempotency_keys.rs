//! Requests to the API that carry an idempotency key, so that a repeated request is carried out once. The keys are hashes.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};

row! {
    /// A request that was received with an idempotency key.
    #[derive(Clone, Debug)]
    pub(crate) struct KeyedRequest {
        /// The hash of method, path, content type and body.
        pub(crate) request_hash: Vec<u8>,
        /// The answer as JSON; `None` while the request is carried out.
        pub(crate) answer: Option<String>,
        /// When it was received.
        pub(crate) received_at: DateTime<Utc>,
    }
}

impl Tx {
    /// Reserves a key for a request. Returns false if another request has it.
    pub(crate) async fn reserve_idempotency_key(
        &mut self,
        key: &[u8],
        request_hash: &[u8],
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO idempotency_keys (key_hash, request_hash, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            key,
            request_hash,
            now
        )?;
        Ok(added > 0)
    }

    /// The request that has a key.
    pub(crate) async fn keyed_request(&mut self, key: &[u8]) -> Result<Option<KeyedRequest>> {
        Ok(on!(
            self,
            optional as KeyedRequest,
            "SELECT request_hash, answer, received_at FROM idempotency_keys WHERE key_hash = $1",
            key
        )?)
    }

    /// Stores the answer of the request that reserved a key.
    pub(crate) async fn store_keyed_answer(&mut self, key: &[u8], answer: &str) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE idempotency_keys SET answer = $2 WHERE key_hash = $1",
            key,
            answer
        )?;
        Ok(())
    }

    /// Releases a key whose request was received at `received_at` and has no answer. Returns false if it has one now, or if another
    /// request has the key.
    pub(crate) async fn release_idempotency_key(&mut self, key: &[u8], received_at: DateTime<Utc>) -> Result<bool> {
        let released = on!(
            self,
            execute,
            "DELETE FROM idempotency_keys WHERE key_hash = $1 AND received_at = $2 AND answer IS NULL",
            key,
            received_at
        )?;
        Ok(released > 0)
    }

    /// Forgets the requests that were received before `before`.
    pub(crate) async fn purge_idempotency_keys(&mut self, before: DateTime<Utc>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM idempotency_keys WHERE received_at < $1",
            before
        )?)
    }
}
