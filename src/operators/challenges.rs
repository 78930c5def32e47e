//! WebAuthn challenges for the browser of an operator. Each can be answered once.
//!
//! A challenge is a row that all nodes share. An answer first deletes the row and is checked afterwards, so no answer is accepted twice.

use chrono::TimeDelta;
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::domain::ids::OperatorId;
use crate::domain::sealed::SealedFor;
use crate::domain::sign_in::ChallengePurpose;
use crate::domain::tokens::token_hash;
use crate::store::StoreError;
use crate::store::passkeys::Challenge;

/// How long a browser may take to answer.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

fn sealed_for(token_hash: &[u8]) -> SealedFor<'_> {
    SealedFor {
        purpose: "challenge",
        owner: token_hash,
    }
}

/// Stores a challenge, and returns the token that its answer must contain. `state` is what the answer is checked with.
pub(super) async fn ask<T: Serialize>(
    app: &App,
    purpose: ChallengePurpose,
    operator_id: Option<OperatorId>,
    state: &T,
) -> Result<String, StoreError> {
    let now = app.clock.now();
    let token = HEXLOWER.encode(&app.rng.bytes::<32>());
    let hash = token_hash(&token);
    let state = serde_json::to_vec(state).expect("the state has no map with keys other than text");
    let mut tx = app.store.write().await?;
    tx.add_challenge(&Challenge {
        token_hash: hash.to_vec(),
        purpose,
        operator_id,
        state: app.keys.seal(sealed_for(&hash), app.rng.bytes(), &state),
        created_at: now,
        expires_at: now + LIFETIME,
    })
    .await?;
    tx.commit().await?;
    Ok(token)
}

/// Deletes a challenge and returns its state; `None` if it was answered before, has expired, or was for another purpose or operator.
pub(super) async fn answered<T: DeserializeOwned>(
    app: &App,
    purpose: ChallengePurpose,
    operator_id: Option<OperatorId>,
    token: &str,
) -> Result<Option<T>, StoreError> {
    let hash = token_hash(token);
    let now = app.clock.now();
    // Strangers send answers, too. Only an answer to a challenge of ours waits for its turn to write.
    if !app.store.read().await?.has_challenge(purpose, &hash, now).await? {
        return Ok(None);
    }
    let mut tx = app.store.write().await?;
    let found = tx.take_challenge(purpose, &hash, now).await?;
    tx.commit().await?;
    let found = found.filter(|found| found.operator_id == operator_id);
    let state = found.and_then(|found| app.keys.open_sealed(sealed_for(&hash), &found.state));
    Ok(state.and_then(|state| serde_json::from_slice(&state).ok()))
}
