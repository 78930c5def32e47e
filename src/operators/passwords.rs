//! Hashes passwords with Argon2id ([RFC 9106](https://www.rfc-editor.org/rfc/rfc9106)). A hash is stored as a
//! [PHC string](https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
//!
//! Each hash takes 19 MiB and some 30 ms of a processor. So only a few are made at once (`App::password_hashing`), and a request that
//! does not get its turn within seconds is refused. A permit is reserved for known [`Requester`]s, so that guesses of strangers do not delay them.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::app::{App, on_blocking_pool};
use crate::domain::password::{NewPassword, normalized};
use crate::store::StoreError;

/// The parameters that [OWASP recommends](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id):
/// KiB of memory, passes and lanes.
const PARAMETERS: Parameters = Parameters {
    memory: 19 * 1024,
    passes: 2,
    lanes: 1,
};
/// The largest parameters that are read from the database, so that a damaged row cannot take all memory.
const MAX_PARAMETERS: Parameters = Parameters {
    memory: 256 * 1024,
    passes: 16,
    lanes: 16,
};
const SALT_LENGTH: usize = 16;
const HASH_LENGTH: usize = 32;
/// How long a request waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// Who asks for a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Requester {
    /// Signed in, with a mailed link, or in a browser in which the operator has signed in before.
    Known,
    /// Anybody else, who may be guessing.
    Stranger,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parameters {
    memory: u32,
    passes: u32,
    lanes: u32,
}

/// A hash with the salt and the parameters that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StoredHash {
    parameters: Parameters,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl StoredHash {
    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("$argon2id$v=19$m=")?;
        let mut parts = rest.split('$');
        let (parameters, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        let (memory, others) = parameters.split_once(",t=")?;
        let (passes, lanes) = others.split_once(",p=")?;
        let parameters = Parameters {
            memory: memory.parse().ok()?,
            passes: passes.parse().ok()?,
            lanes: lanes.parse().ok()?,
        };
        let is_allowed = parameters.memory <= MAX_PARAMETERS.memory
            && parameters.passes <= MAX_PARAMETERS.passes
            && parameters.lanes <= MAX_PARAMETERS.lanes;
        let decode = |part: &str| STANDARD_NO_PAD.decode(part).ok();
        (is_allowed && parts.next().is_none()).then_some(Self {
            parameters,
            salt: decode(salt)?,
            hash: decode(hash)?,
        })
    }
}

impl std::fmt::Display for StoredHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Parameters { memory, passes, lanes } = self.parameters;
        let [salt, hash] = [&self.salt, &self.hash].map(|bytes| STANDARD_NO_PAD.encode(bytes));
        write!(f, "$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${hash}")
    }
}

/// The hash to store for a new password.
///
/// # Errors
/// [`StoreError::Overloaded`] if too many passwords are hashed at the moment.
pub(super) async fn hash(app: &App, password: &NewPassword) -> Result<String, StoreError> {
    let salt = app.rng.bytes::<SALT_LENGTH>().to_vec();
    let password = password.as_bytes().to_vec();
    let hash = compute(app, Requester::Known, password, PARAMETERS, salt.clone()).await?;
    let stored = StoredHash {
        parameters: PARAMETERS,
        salt,
        hash,
    };
    Ok(stored.to_string())
}

/// Whether a password belongs to a stored hash. Without one it takes the same time and is false, so that nobody learns by the time
/// which operators exist.
///
/// # Errors
/// [`StoreError::Overloaded`] if too many passwords are hashed at the moment.
pub(super) async fn verify(
    app: &App,
    requester: Requester,
    password: &str,
    stored: Option<&str>,
) -> Result<bool, StoreError> {
    let parsed = stored.and_then(StoredHash::parse);
    if stored.is_some() && parsed.is_none() {
        tracing::error!("the password of an operator is stored damaged; `daywire operator passwd` sets a new one");
    }
    let against = parsed.unwrap_or_else(|| StoredHash {
        parameters: PARAMETERS,
        salt: vec![0; SALT_LENGTH],
        hash: Vec::new(),
    });
    let password = normalized(password).into_bytes();
    let computed = compute(app, requester, password, against.parameters, against.salt).await?;
    // Hashes of the hashes, so that the time of the comparison says nothing about the stored one.
    Ok(Sha256::digest(computed) == Sha256::digest(against.hash))
}

async fn compute(
    app: &App,
    requester: Requester,
    password: Vec<u8>,
    parameters: Parameters,
    salt: Vec<u8>,
) -> Result<Vec<u8>, StoreError> {
    let turn = async {
        match requester {
            Requester::Stranger => app.password_hashing.acquire().await,
            Requester::Known => tokio::select! {
                turn = app.password_hashing.acquire() => turn,
                turn = app.reserved_password_hashing.acquire() => turn,
            },
        }
    };
    let _turn = tokio::time::timeout(TURN_TIMEOUT, turn)
        .await
        .map_err(|_| StoreError::Overloaded)?
        .expect("the semaphore is never closed");
    let hash = on_blocking_pool(move || argon2id(&password, parameters, &salt)).await;
    hash.ok_or(StoreError::Overloaded)
}

/// `None` if Argon2 refuses the parameters or the salt, which only a damaged row can have.
fn argon2id(password: &[u8], parameters: Parameters, salt: &[u8]) -> Option<Vec<u8>> {
    let Parameters { memory, passes, lanes } = parameters;
    let params = Params::new(memory, passes, lanes, Some(HASH_LENGTH)).ok()?;
    let mut hash = vec![0; HASH_LENGTH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password, salt, &mut hash)
        .ok()?;
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_written_and_read_as_a_phc_string() {
        let stored = StoredHash {
            parameters: PARAMETERS,
            salt: vec![1; SALT_LENGTH],
            hash: vec![2; HASH_LENGTH],
        };
        let text = stored.to_string();
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        assert_eq!(StoredHash::parse(&text), Some(stored));
        for damaged in [
            "",
            "$argon2i$v=19$m=19456,t=2,p=1$AQ$Ag",
            "$argon2id$v=19$m=9999999,t=2,p=1$AQ$Ag",
            "$argon2id$v=19$m=19456,t=2,p=1$AQ$Ag$Ag",
            "$argon2id$v=19$m=19456,t=2,p=1$?$Ag",
        ] {
            assert_eq!(StoredHash::parse(damaged), None, "{damaged}");
        }
    }

    /// A vector of the [reference implementation](https://github.com/P-H-C/phc-winner-argon2/blob/master/src/test.c).
    #[test]
    fn hashes_are_those_of_argon2id() {
        let parameters = Parameters {
            memory: 1 << 16,
            passes: 2,
            lanes: 1,
        };
        let hash = argon2id(b"password", parameters, b"somesalt").expect("the parameters are allowed");
        let expected = "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7";
        assert_eq!(data_encoding::HEXLOWER.encode(&hash), expected);
        assert_eq!(
            argon2id(b"password", parameters, b"salt"),
            None,
            "the salt is too short"
        );
    }
}
