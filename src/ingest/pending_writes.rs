//! Stores many entries with few statements. On PostgreSQL each statement is a round trip to the server, and a document can have
//! thousands of entries.
//!
//! [`KnownKeys`] saves lookups of keys that no article has. [`PendingWrites`] collects rows that are inserted together.

use std::collections::{BTreeSet, HashSet};

use super::identity::Key;
use crate::domain::ids::ArticleId;
use crate::store::arrivals::NewArrival;
use crate::store::article_keys::KeyHash;
use crate::store::{StoreError, Tx};

/// The keys that at least one article has. Looking up a key costs a statement, and most entries of a large document are new.
#[derive(Debug, Default)]
pub(super) struct KnownKeys(HashSet<KeyHash>);

impl KnownKeys {
    /// Looks up the keys of several entries at once. In a transaction that writes, call this after [`Tx::lock_scope`] and the
    /// locks of the newsletters: then no other transaction adds a key that matters here.
    pub(super) async fn of<'a>(tx: &mut Tx, keys: impl Iterator<Item = &'a Key>) -> Result<Self, StoreError> {
        let hashes: Vec<KeyHash> = keys.map(|key| key.hash).collect();
        Ok(Self(tx.known_keys(&hashes).await?))
    }

    pub(super) fn has(&self, key: &Key) -> bool {
        self.0.contains(&key.hash)
    }

    pub(super) fn add(&mut self, keys: &[Key]) {
        self.0.extend(keys.iter().map(|key| key.hash));
    }
}

/// Keys of new articles, and arrivals, that are not written yet.
#[derive(Debug, Default)]
pub(super) struct PendingWrites {
    keys: BTreeSet<(KeyHash, ArticleId)>,
    arrivals: Vec<NewArrival>,
}

impl PendingWrites {
    pub(super) fn add_keys(&mut self, keys: &[Key], article: ArticleId) {
        self.keys.extend(keys.iter().map(|key| (key.hash, article)));
    }

    pub(super) fn add_arrival(&mut self, arrival: NewArrival) {
        self.arrivals.push(arrival);
    }

    /// Whether one of the keys is not written yet. Then a lookup in the database would miss its article, so call
    /// [`Self::write`] first.
    pub(super) fn has_any(&self, keys: &[Key]) -> bool {
        let first_possible = |key: &Key| (key.hash, ArticleId(uuid::Uuid::nil()));
        let is_pending = |key: &Key| {
            let next = self.keys.range(first_possible(key)..).next();
            next.is_some_and(|(hash, _)| *hash == key.hash)
        };
        keys.iter().any(is_pending)
    }

    pub(super) async fn write(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        tx.add_article_keys(&std::mem::take(&mut self.keys)).await?;
        tx.add_arrivals(&std::mem::take(&mut self.arrivals)).await
    }
}
