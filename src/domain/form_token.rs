//! The signed token of a form: when the form was made, and a number that no other form has.
//!
//! A page may be shown from a cache, also from one that many readers share. So a token is neither bound to a reader nor stored when it
//! is made.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};

use super::tokens::Keys;

/// The bytes of the number of a form.
pub(crate) const FORM_NONCE_LENGTH: usize = 8;
/// The bytes of the tag: 128 bits.
const TAG_LENGTH: usize = 16;
/// The bytes of a token: the key's id, the time in microseconds, the number and the tag.
const TOKEN_LENGTH: usize = 1 + 8 + FORM_NONCE_LENGTH + TAG_LENGTH;

/// The form that a token was made for. A token of one purpose is invalid for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormPurpose {
    /// The form with the address, on every page.
    SignUp,
    /// The question that a reader without scripts answers.
    Question,
}

impl FormPurpose {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::SignUp => b"sign-up form",
            Self::Question => b"sign-up question",
        }
    }
}

/// What a valid token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FormToken {
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) nonce: [u8; FORM_NONCE_LENGTH],
}

impl Keys {
    /// The token of a form that is made now. `nonce` must be random.
    pub(crate) fn form_token(
        &self,
        purpose: FormPurpose,
        now: DateTime<Utc>,
        nonce: [u8; FORM_NONCE_LENGTH],
    ) -> String {
        let time = now.timestamp_micros().to_be_bytes();
        let (key_id, tag) = self.sign_tag(&[purpose.name(), &time, &nonce]);
        let mut token = Vec::with_capacity(TOKEN_LENGTH);
        token.push(key_id);
        token.extend_from_slice(&time);
        token.extend_from_slice(&nonce);
        token.extend_from_slice(&tag[..TAG_LENGTH]);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// What a token says; `None` if none of our keys made it for this purpose.
    pub(crate) fn open_form_token(&self, purpose: FormPurpose, token: &str) -> Option<FormToken> {
        let token: [u8; TOKEN_LENGTH] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (key_id, rest) = token.split_first()?;
        let (time, rest) = rest.split_first_chunk()?;
        let (nonce, tag) = rest.split_first_chunk()?;
        if !self.verify_tag(*key_id, &[purpose.name(), time, nonce], tag) {
            return None;
        }
        Some(FormToken {
            made_at: DateTime::from_timestamp_micros(i64::from_be_bytes(*time))?,
            nonce: *nonce,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::tokens::KEY_LENGTH;

    #[test]
    fn a_token_says_when_it_was_made_and_works_for_its_purpose_only() {
        let keys = Keys::new(vec![(1, vec![1; KEY_LENGTH])], Vec::new()).expect("the key is usable");
        let made_at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let token = keys.form_token(FormPurpose::SignUp, made_at, [7; 8]);
        let opened = FormToken { made_at, nonce: [7; 8] };
        assert_eq!(keys.open_form_token(FormPurpose::SignUp, &token), Some(opened));
        assert_eq!(keys.open_form_token(FormPurpose::Question, &token), None);
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'B' { b'C' } else { b'B' };
            let forged = String::from_utf8(forged).expect("it is ASCII");
            assert_eq!(keys.open_form_token(FormPurpose::SignUp, &forged), None, "at {at}");
        }
    }
}
