//! Stores many entries with few statements. On PostgreSQL each statement is a round trip to the server, and a document can have
//! thousands of entries.

use std::collections::{BTreeSet, HashSet};

use super::identity::Key;
use crate::domain::ids::ArticleId;
use crate::store::arrivals::NewArrival;
use crate::store::article_keys::KeyHash;
use crate::store::{StoreError, Tx};

/// Which keys of some entries are known. Looking one up costs a statement, and most entries of a large document have none.
#[derive(Debug, Default)]
pub(super) struct KnownKeys(HashSet<KeyHash>);

impl KnownKeys {
    /// Asks for the keys of several entries at once. In a transaction that writes, call this after [`Tx::lock_identity`] and the
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

/// Keys of new articles and arrivals that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    keys: BTreeSet<(KeyHash, ArticleId)>,
    arrivals: Vec<NewArrival>,
}

impl Pending {
    pub(super) fn add_keys(&mut self, keys: &[Key], article: ArticleId) {
        self.keys.extend(keys.iter().map(|key| (key.hash, article)));
    }

    pub(super) fn arrive(&mut self, arrival: NewArrival) {
        self.arrivals.push(arrival);
    }

    /// Whether a key is not written yet, so that a look-up in the database would miss its article.
    pub(super) fn has_any(&self, keys: &[Key]) -> bool {
        let first = |key: &Key| (key.hash, ArticleId(uuid::Uuid::nil()));
        let starts = |key: &Key| self.keys.range(first(key)..).next().map(|(hash, _)| *hash) == Some(key.hash);
        keys.iter().any(starts)
    }

    pub(super) async fn write(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        tx.add_article_keys(&std::mem::take(&mut self.keys)).await?;
        tx.add_arrivals(&std::mem::take(&mut self.arrivals)).await
    }
}
