//! The cookie of a console session: the session's random token, the time of its last use, and a tag over both.
//!
//! The time is in the cookie and not in the database, because a GET changes nothing there. The tag keeps clients from changing it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};

use super::tokens::Keys;

/// The bytes of a session's token: 256 bits.
const TOKEN_LENGTH: usize = 32;
/// The bytes of the tag: 128 bits.
const TAG_LENGTH: usize = 16;
/// The bytes of a cookie: the key's id, the token, the time in seconds and the tag.
const COOKIE_LENGTH: usize = 1 + TOKEN_LENGTH + 8 + TAG_LENGTH;
/// What the tag is for. No tag of another purpose begins with it.
const PURPOSE: &[u8] = b"console session";

/// The secret of a session. Only its hash is stored.
pub(crate) type SessionToken = [u8; TOKEN_LENGTH];

/// What a valid cookie says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionCookie {
    pub(crate) token: SessionToken,
    /// When the browser last used the session, in whole seconds.
    pub(crate) used_at: DateTime<Utc>,
}

impl Keys {
    /// The value of the cookie if the session is used at `now`.
    pub(crate) fn session_cookie(&self, token: &SessionToken, now: DateTime<Utc>) -> String {
        let seconds = now.timestamp().to_be_bytes();
        let (key_id, tag) = self.sign_tag(&[PURPOSE, token, &seconds]);
        URL_SAFE_NO_PAD.encode([&[key_id][..], token, &seconds, &tag[..TAG_LENGTH]].concat())
    }

    /// Opens the value of a cookie; `None` if none of our keys made it.
    pub(crate) fn open_session_cookie(&self, cookie: &str) -> Option<SessionCookie> {
        let cookie: [u8; COOKIE_LENGTH] = URL_SAFE_NO_PAD.decode(cookie).ok()?.try_into().ok()?;
        let (key_id, rest) = cookie.split_first()?;
        let (token, rest) = rest.split_first_chunk::<TOKEN_LENGTH>()?;
        let (seconds, tag) = rest.split_first_chunk::<8>()?;
        if !self.verify_tag(*key_id, &[PURPOSE, token, seconds], tag) {
            return None;
        }
        Some(SessionCookie {
            token: *token,
            used_at: DateTime::from_timestamp(i64::from_be_bytes(*seconds), 0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::tokens::KEY_LENGTH;

    #[test]
    fn a_cookie_says_when_it_was_last_used_and_cannot_be_changed() {
        let keys = Keys::new(vec![(1, vec![1; KEY_LENGTH])], Vec::new()).expect("the key is usable");
        let used_at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let cookie = keys.session_cookie(&[7; TOKEN_LENGTH], used_at);
        let opened = keys.open_session_cookie(&cookie).expect("the cookie is valid");
        assert_eq!((opened.token, opened.used_at), ([7; TOKEN_LENGTH], used_at));
        for at in 0..cookie.len() {
            let mut forged = cookie.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("it is ASCII");
            assert!(keys.open_session_cookie(&forged).is_none(), "at {at}");
        }
        assert!(keys.open_session_cookie("").is_none());
    }
}
