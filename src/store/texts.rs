//! Texts that many rows share: the texts of the sign-up form, and mails that are equal for every recipient. Rows refer to a text by its
//! SHA-256.

use sha2::{Digest, Sha256};

use super::{Result, Tx, on};

/// A text and its SHA-256, by which rows refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SharedText {
    pub(crate) hash: [u8; 32],
    pub(crate) body: String,
}

impl SharedText {
    pub(crate) fn new(body: String) -> Self {
        Self {
            hash: hash(&body),
            body,
        }
    }
}

/// The hash by which rows refer to a text.
pub(super) fn hash(body: &str) -> [u8; 32] {
    Sha256::digest(body.as_bytes()).into()
}

impl Tx {
    /// The text with this hash.
    pub(crate) async fn text(&mut self, hash: &[u8]) -> Result<Option<String>> {
        let found = on!(
            self,
            optional as (String,),
            "SELECT body FROM texts WHERE hash = $1",
            hash
        )?;
        Ok(found.map(|(body,)| body))
    }

    /// Stores a text unless it is stored already. Texts are never deleted: they are few, come from the operator, and are part of the
    /// consent record. An erasure replaces the address of the erased person in them.
    pub(crate) async fn store_text(&mut self, text: &SharedText) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO texts (hash, body) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
            &text.hash[..],
            &text.body
        )?;
        Ok(())
    }
}
