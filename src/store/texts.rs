//! Texts that many rows share: the words of the sign-up form, and mails that are the same for every reader.

use sha2::{Digest, Sha256};

use super::{Result, Tx, on};

/// A text and its SHA-256, by which rows refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedText {
    /// The hash.
    pub hash: [u8; 32],
    /// The text.
    pub body: String,
}

impl SharedText {
    /// A text with its hash.
    #[must_use]
    pub fn new(body: String) -> Self {
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
    /// Stores a text unless it is stored already. Texts are never deleted: they are few, come from the operator, and are part of the
    /// consent record.
    pub async fn keep_text(&mut self, text: &SharedText) -> Result<()> {
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
