//! Passkeys of operators, and the challenges that their browsers have not answered yet.

use chrono::{DateTime, Utc};
use const_format::concatcp;

use super::{Columns, Result, Tx, on, row};
use crate::domain::ids::{OperatorId, PasskeyId};
use crate::domain::sign_in::ChallengePurpose;

row! {
    /// A passkey, without its private key.
    #[derive(Clone, Debug)]
    pub struct StoredPasskey {
        pub id: PasskeyId,
        pub operator_id: OperatorId,
        /// The id by which the device knows it.
        pub credential_id: Vec<u8>,
        /// The public key and the number of signatures so far, as JSON.
        pub credential: String,
        pub name: String,
        pub created_at: DateTime<Utc>,
        pub last_used_at: Option<DateTime<Utc>>,
    }
}

row! {
    /// What a browser was asked, without the token that it sends back.
    #[derive(Clone, Debug)]
    pub struct Challenge {
        /// SHA-256 of the token.
        pub token_hash: Vec<u8>,
        pub purpose: ChallengePurpose,
        /// `None` if the answer says who it is.
        pub operator_id: Option<OperatorId>,
        /// What the answer is checked with, encrypted.
        pub state: Vec<u8>,
        pub created_at: DateTime<Utc>,
        pub expires_at: DateTime<Utc>,
    }
}

impl Tx {
    /// Adds a passkey; returns false if one with the same id of the device exists.
    pub(crate) async fn add_passkey(&mut self, passkey: &StoredPasskey) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO operator_passkeys (id, operator_id, credential_id, credential, name, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            passkey.id,
            passkey.operator_id,
            &passkey.credential_id,
            &passkey.credential,
            &passkey.name,
            passkey.created_at
        )?;
        Ok(added == 1)
    }

    /// The passkeys of an operator, oldest first.
    pub(crate) async fn passkeys(&mut self, operator: OperatorId) -> Result<Vec<StoredPasskey>> {
        Ok(on!(
            self,
            all as StoredPasskey,
            concatcp!(
                "SELECT ",
                StoredPasskey::COLUMNS,
                " FROM operator_passkeys WHERE operator_id = $1 ORDER BY created_at, id"
            ),
            operator
        )?)
    }

    /// The passkey that a device knows by this id.
    pub(crate) async fn passkey_by_credential(&mut self, credential_id: &[u8]) -> Result<Option<StoredPasskey>> {
        Ok(on!(
            self,
            optional as StoredPasskey,
            concatcp!(
                "SELECT ",
                StoredPasskey::COLUMNS,
                " FROM operator_passkeys WHERE credential_id = $1"
            ),
            credential_id
        )?)
    }

    /// Records a use of a passkey. Returns false if it was removed, or used by another request since it was read as `before`.
    pub(crate) async fn use_passkey(
        &mut self,
        before: &StoredPasskey,
        credential: &str,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let used = on!(
            self,
            execute,
            "UPDATE operator_passkeys SET credential = $3, last_used_at = $4 WHERE id = $1 AND credential = $2",
            before.id,
            &before.credential,
            credential,
            now
        )?;
        Ok(used == 1)
    }

    /// Removes a passkey of an operator; returns its name, or `None` if there is no such passkey.
    pub(crate) async fn remove_passkey(&mut self, operator: OperatorId, id: PasskeyId) -> Result<Option<String>> {
        let removed = on!(
            self,
            optional as (String,),
            "DELETE FROM operator_passkeys WHERE id = $1 AND operator_id = $2 RETURNING name",
            id,
            operator
        )?;
        Ok(removed.map(|(name,)| name))
    }

    /// Removes all passkeys of an operator, and returns how many there were.
    pub(crate) async fn remove_passkeys(&mut self, operator: OperatorId) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM operator_passkeys WHERE operator_id = $1",
            operator
        )?)
    }

    pub(crate) async fn add_challenge(&mut self, challenge: &Challenge) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO operator_challenges (token_hash, purpose, operator_id, state, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            &challenge.token_hash,
            challenge.purpose,
            challenge.operator_id,
            &challenge.state,
            challenge.created_at,
            challenge.expires_at
        )?;
        Ok(())
    }

    /// Whether a challenge waits for its answer.
    pub(crate) async fn has_challenge(
        &mut self,
        purpose: ChallengePurpose,
        token_hash: &[u8],
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let (waits,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM operator_challenges WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3)",
            token_hash,
            purpose,
            now
        )?;
        Ok(waits)
    }

    /// Deletes a challenge and returns it, so that no other request can answer it; `None` if it was answered or has expired.
    pub(crate) async fn take_challenge(
        &mut self,
        purpose: ChallengePurpose,
        token_hash: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<Challenge>> {
        Ok(on!(
            self,
            optional as Challenge,
            concatcp!(
                "DELETE FROM operator_challenges WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3 RETURNING ",
                Challenge::COLUMNS
            ),
            token_hash,
            purpose,
            now
        )?)
    }
}
