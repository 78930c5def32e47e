//! Proof of work by the protocol of [ALTCHA](https://altcha.org/docs/v2/), version 2: a browser searches for a counter whose derived
//! key begins with a prefix. Nobody else is asked, and checking takes one derivation.
//!
//! A challenge is signed and not stored. The crate `altcha` reads the clock and the random source by itself, so this module has the part
//! of the protocol that a server needs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::tokens::Keys;

/// The bytes of the number of a challenge, and of its salt.
pub(crate) const CHALLENGE_NONCE_LENGTH: usize = 16;
/// The bytes of a derived key.
const KEY_LENGTH: usize = 32;
/// A derived key has to begin with this, which takes 256 attempts on average.
const PREFIX: &str = "00";
/// The algorithm, as the protocol names it.
const ALGORITHM: &str = "PBKDF2/SHA-256";
/// The most bytes of a solution as it is sent.
const MAX_SOLUTION: usize = 2_048;
/// What the signature is made for.
const PURPOSE: &[u8] = b"proof of work";

/// A challenge, as it is sent to the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Challenge {
    parameters: Parameters,
    /// The id of the key in hexadecimal digits, and its code over the parameters.
    signature: String,
}

/// The parameters of a challenge. The signature covers their JSON, in which the names are sorted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameters {
    algorithm: String,
    /// The rounds of one derivation.
    cost: u32,
    /// In seconds since 1970.
    expires_at: i64,
    key_length: usize,
    key_prefix: String,
    nonce: String,
    salt: String,
}

/// What the browser sends.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    challenge: Challenge,
    solution: Solution,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Solution {
    counter: u32,
    derived_key: String,
}

/// A challenge that was solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Solved {
    /// The number of the challenge, which may be used once.
    pub(crate) nonce: [u8; CHALLENGE_NONCE_LENGTH],
    pub(crate) expires_at: DateTime<Utc>,
}

impl Challenge {
    /// A new challenge. `nonce` and `salt` must be random.
    pub(crate) fn new(
        keys: &Keys,
        cost: u32,
        expires_at: DateTime<Utc>,
        nonce: [u8; CHALLENGE_NONCE_LENGTH],
        salt: [u8; CHALLENGE_NONCE_LENGTH],
    ) -> Self {
        let parameters = Parameters {
            algorithm: ALGORITHM.to_owned(),
            cost,
            expires_at: expires_at.timestamp(),
            key_length: KEY_LENGTH,
            key_prefix: PREFIX.to_owned(),
            nonce: HEXLOWER.encode(&nonce),
            salt: HEXLOWER.encode(&salt),
        };
        let (key_id, code) = keys.sign_tag(&[PURPOSE, parameters.canonical().as_bytes()]);
        let signature = HEXLOWER.encode(&[&[key_id], &code[..]].concat());
        Self { parameters, signature }
    }

    /// The challenge as JSON.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a challenge has text keys and plain values")
    }

    fn is_signed_by(&self, keys: &Keys) -> bool {
        let Ok(signature) = HEXLOWER.decode(self.signature.as_bytes()) else {
            return false;
        };
        let signed = signature.split_first();
        signed.is_some_and(|(key_id, code)| {
            code.len() == 32 && keys.verify_tag(*key_id, &[PURPOSE, self.parameters.canonical().as_bytes()], code)
        })
    }

    /// The key that a counter derives. Takes about a millisecond.
    fn derive(&self, counter: u32) -> Option<[u8; KEY_LENGTH]> {
        let parameters = &self.parameters;
        let nonce = HEXLOWER.decode(parameters.nonce.as_bytes()).ok()?;
        let salt = HEXLOWER.decode(parameters.salt.as_bytes()).ok()?;
        let password = [&nonce[..], &counter.to_be_bytes()].concat();
        let mut key = [0; KEY_LENGTH];
        let rounds = std::num::NonZeroU32::new(parameters.cost)?;
        ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, &password, &mut key);
        Some(key)
    }
}

impl Parameters {
    /// The JSON that is signed. Its names are in alphabetical order, as they are declared.
    fn canonical(&self) -> String {
        serde_json::to_string(self).expect("parameters have text keys and plain values")
    }
}

/// Checks a solution as the browser sends it: JSON in Base64. Takes about a millisecond if the challenge is ours.
pub(crate) fn check(keys: &Keys, payload: &str, now: DateTime<Utc>) -> Option<Solved> {
    if payload.len() > MAX_SOLUTION {
        return None;
    }
    let Payload { challenge, solution } = serde_json::from_slice(&STANDARD.decode(payload).ok()?).ok()?;
    let expires_at = DateTime::from_timestamp(challenge.parameters.expires_at, 0)?;
    if expires_at < now || !solution.derived_key.starts_with(PREFIX) || !challenge.is_signed_by(keys) {
        return None;
    }
    let derived = challenge.derive(solution.counter)?;
    let nonce = HEXLOWER.decode(challenge.parameters.nonce.as_bytes()).ok()?;
    (HEXLOWER.encode(&derived) == solution.derived_key).then_some(Solved {
        nonce: nonce.try_into().ok()?,
        expires_at,
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::tokens;

    /// Solves a challenge as a browser does.
    fn solve(challenge: &Challenge) -> String {
        let found = (0..).find_map(|counter| {
            let derived_key = HEXLOWER.encode(&challenge.derive(counter)?);
            derived_key
                .starts_with(PREFIX)
                .then_some(Solution { counter, derived_key })
        });
        let payload = Payload {
            challenge: challenge.clone(),
            solution: found.expect("one of 256 keys has the prefix"),
        };
        STANDARD.encode(serde_json::to_string(&payload).expect("it is plain"))
    }

    #[test]
    fn a_solution_is_accepted_until_it_expires_and_only_for_our_challenge() {
        let keys = |secret| Keys::new(vec![(1, vec![secret; tokens::KEY_LENGTH])], Vec::new()).expect("a key");
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let expires_at = now + TimeDelta::minutes(10);
        let challenge = Challenge::new(&keys(1), 10, expires_at, [3; 16], [4; 16]);
        let solution = solve(&challenge);
        let solved = Solved {
            nonce: [3; 16],
            expires_at,
        };
        assert_eq!(check(&keys(1), &solution, now), Some(solved));
        assert_eq!(check(&keys(1), &solution, expires_at + TimeDelta::seconds(1)), None);
        assert_eq!(check(&keys(2), &solution, now), None, "another site's challenge");
        let mut easier = challenge.clone();
        easier.parameters.cost = 1;
        assert_eq!(check(&keys(1), &solve(&easier), now), None, "an easier challenge");
        for payload in ["", "e30=", "%%%", &"A".repeat(MAX_SOLUTION + 1)] {
            assert_eq!(check(&keys(1), payload, now), None);
        }
    }
}
