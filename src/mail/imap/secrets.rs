//! Keeps the login out of what errors, logs and the database show of the server's texts. Some servers repeat a command in their reply,
//! with its quotes, in base64, or cut.

use std::collections::HashSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::text::plain::{one_line, shorten};

/// The most characters of a server's text that an error shows.
const MAX_TEXT_CHARS: usize = 200;
/// A text with this many bytes of a secret in a row is not shown. A shorter secret must be in the text as a whole.
const MIN_REPEATED: usize = 6;

/// What was sent to log in, in every form in which a server may repeat it.
#[derive(Default)]
pub(super) struct Secrets(Vec<Vec<u8>>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// The password or token, and the response in base64 that has it.
    pub(super) fn of(secret: &str, response: &str) -> Self {
        let encoded = STANDARD_NO_PAD.encode(secret);
        let forms = [secret, response, &encoded].map(comparable);
        Self(forms.into_iter().filter(|form| !form.is_empty()).collect())
    }

    /// A server's text as an error shows it: on one line, shortened, and only if nothing of the login is in it. The whole text is
    /// compared, because a cut one may end within a secret.
    pub(super) fn shown(&self, text: &str) -> String {
        if self.are_in(text) {
            return "its reply repeats the login, so it is not shown".to_owned();
        }
        shorten(&one_line(text), MAX_TEXT_CHARS).0
    }

    fn are_in(&self, text: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let text = comparable(text);
        let parts: HashSet<&[u8]> = text.windows(MIN_REPEATED).collect();
        self.0.iter().any(|secret| {
            if secret.len() < MIN_REPEATED {
                text.windows(secret.len()).any(|part| part == secret)
            } else {
                secret.windows(MIN_REPEATED).any(|part| parts.contains(part))
            }
        })
    }
}

/// The text without what a server may add or change when it repeats a command: quotes and their escapes, white space, padding of base64,
/// upper case.
fn comparable(text: &str) -> Vec<u8> {
    let bytes = text
        .bytes()
        .filter(|byte| !matches!(byte, b'\\' | b'"' | b'=' | 0..=b' '));
    bytes.map(|byte| byte.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn hides(secret: &str, text: &str) -> bool {
        let response = STANDARD.encode(format!("\0ada\0{secret}"));
        Secrets::of(secret, &response).shown(text).contains("repeats the login")
    }

    #[test]
    fn a_text_that_repeats_any_form_of_the_login_is_not_shown() {
        let (odd, token) = ("a\"b\\c d", "ya29.".to_owned() + &"x7Q".repeat(400));
        let response = |secret: &str| STANDARD.encode(format!("\0ada\0{secret}"));
        for (secret, text) in [
            ("secret word", "cannot parse LOGIN \"ada\" \"secret word\"".to_owned()),
            ("secret word", "CANNOT PARSE: LOGIN ADA SECRET WORD".to_owned()),
            ("secret word", "bad argument: secret".to_owned()),
            (odd, "cannot parse \"a\\\"b\\\\c d\"".to_owned()),
            (odd, format!("cannot parse {odd}")),
            (&token, format!("{} {token}", "long ".repeat(60))),
            (&token, format!("AUTHENTICATE XOAUTH2 {}", &response(&token)[..40])),
            (
                "secret word",
                format!("PLAIN {}", response("secret word").trim_end_matches('=')),
            ),
            ("secret word", format!("got {}", STANDARD.encode("secret word"))),
            ("x1z", "no user with x1z".to_owned()),
        ] {
            assert!(hides(secret, &text), "{text}");
        }
    }

    #[test]
    fn other_texts_are_shown_shortened() {
        let secrets = Secrets::of("secret word", &STANDARD.encode("\0ada\0secret word"));
        let refused = "[AUTHENTICATIONFAILED] Invalid credentials for ada";
        assert_eq!(secrets.shown(refused), refused);
        assert_eq!(secrets.shown("a\r\nb"), "a b");
        assert_eq!(
            Secrets::default().shown(&"x".repeat(300)).chars().count(),
            MAX_TEXT_CHARS
        );
        assert_eq!(Secrets::of("", "").shown("ok"), "ok");
    }
}
