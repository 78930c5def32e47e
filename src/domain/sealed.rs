//! Encrypts secrets that the program must be able to read again, such as those of authenticator apps.
//!
//! A sealed secret is the id of the signing key, a random nonce, and the ciphertext with its tag
//! ([RFC 8439](https://www.rfc-editor.org/rfc/rfc8439)). The key follows from the signing key and `secrets.key`. With the latter, a
//! person who reads the database cannot open it.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::tokens::Keys;

/// What a sealed secret is for. A secret of one purpose and owner does not open for another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SealedFor<'a> {
    pub(crate) purpose: &'static str,
    /// The id of the row that has it.
    pub(crate) owner: &'a [u8],
}

impl SealedFor<'_> {
    fn context(self) -> Vec<u8> {
        [self.purpose.as_bytes(), &[0], self.owner].concat()
    }
}

impl Keys {
    /// Encrypts a secret. `nonce` must be random.
    ///
    /// # Panics
    /// Never: the cipher takes every text of this length.
    pub(crate) fn seal(&self, sealed_for: SealedFor<'_>, nonce: [u8; NONCE_LEN], secret: &[u8]) -> Vec<u8> {
        let (id, key) = self.newest_sealing_key();
        let mut text = secret.to_vec();
        cipher(&key)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(sealed_for.context()),
                &mut text,
            )
            .expect("the secret is short");
        [&[id], &nonce[..], &text].concat()
    }

    /// Decrypts a secret; `None` if it was sealed by another key, for something else, or changed.
    pub(crate) fn open_sealed(&self, sealed_for: SealedFor<'_>, sealed: &[u8]) -> Option<Vec<u8>> {
        let (id, rest) = sealed.split_first()?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>()?;
        let key = self.sealing_key(*id)?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = cipher(&key).open_in_place(nonce, Aad::from(sealed_for.context()), &mut text);
        opened.ok().map(|secret| secret.to_vec())
    }
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).expect("the key has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tokens::KEY_LENGTH;

    fn keys(ids: &[u8], pepper: &[u8]) -> Keys {
        let rows = ids.iter().map(|id| (i64::from(*id), vec![*id; KEY_LENGTH])).collect();
        Keys::new(rows, pepper.to_vec()).expect("the keys are usable")
    }

    #[test]
    fn a_sealed_secret_opens_only_for_its_purpose_and_owner() {
        let ada = SealedFor {
            purpose: "totp",
            owner: b"ada",
        };
        let sealed = keys(&[1], b"pepper").seal(ada, [7; NONCE_LEN], b"secret");
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        let opened = |keys: Keys, sealed_for, sealed: &[u8]| keys.open_sealed(sealed_for, sealed);
        assert_eq!(
            opened(keys(&[1], b"pepper"), ada, &sealed).as_deref(),
            Some(&b"secret"[..])
        );
        assert_eq!(
            opened(keys(&[1, 2], b"pepper"), ada, &sealed).as_deref(),
            Some(&b"secret"[..]),
            "a newer key does not close it"
        );
        let eve = SealedFor { owner: b"eve", ..ada };
        assert_eq!(opened(keys(&[1], b"pepper"), eve, &sealed), None);
        assert_eq!(opened(keys(&[1], b"other"), ada, &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(opened(keys(&[1], b"pepper"), ada, &changed), None, "at {at}");
        }
        assert_eq!(opened(keys(&[1], b"pepper"), ada, &[]), None);
    }
}
