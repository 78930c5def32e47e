//! The rules for a new password. They follow [NIST SP 800-63B](https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver): long, of
//! any characters, and not a password that attackers try first.

use std::collections::BTreeSet;
use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

/// The fewest characters of a password.
pub const MIN_PASSWORD_CHARS: u16 = 12;
/// The most characters of a password. Hashing a longer one would only take time.
pub const MAX_PASSWORD_CHARS: u16 = 256;
/// The fewest different characters of a password.
const MIN_DIFFERENT: usize = 5;
/// Long passwords that attackers try first, in lower case and without blanks.
const COMMON: [&str; 12] = [
    "administrator",
    "changemechangeme",
    "correcthorsebatterystaple",
    "iloveyouiloveyou",
    "letmeinletmein",
    "password1234",
    "password12345",
    "password123456",
    "passwordpassword",
    "qwertyuiop123",
    "qwertyuiopasdf",
    "welcome12345",
];

/// A password that follows the rules.
#[derive(Clone)]
pub struct NewPassword(String);

/// Its debug output does not show it.
impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword")
    }
}

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// It has fewer than [`MIN_PASSWORD_CHARS`] characters.
    #[error("the password is too short; it needs at least {MIN_PASSWORD_CHARS} characters, such as four or five words")]
    TooShort,
    /// It has more than [`MAX_PASSWORD_CHARS`] characters.
    #[error("the password is too long; it may have at most {MAX_PASSWORD_CHARS} characters")]
    TooLong,
    /// It is common, contains the name of the operator, or repeats a few characters.
    #[error(
        "the password is easy to guess: it is common, contains the name, or repeats a few characters; choose another one"
    )]
    Guessable,
}

impl NewPassword {
    /// Checks a password for an operator with this name.
    ///
    /// # Errors
    /// [`PasswordProblem`].
    pub fn parse(text: &str, name: &str) -> Result<Self, PasswordProblem> {
        let password = normalized(text);
        let length = password.chars().count();
        if length < usize::from(MIN_PASSWORD_CHARS) {
            return Err(PasswordProblem::TooShort);
        }
        if length > usize::from(MAX_PASSWORD_CHARS) {
            return Err(PasswordProblem::TooLong);
        }
        let plain: String = password.to_lowercase().split_whitespace().collect();
        let different = password.chars().collect::<BTreeSet<_>>().len();
        let has_name = name.len() >= 4 && plain.contains(&name.to_lowercase());
        let is_counting = "12345678901234567890".contains(&plain) || "01234567890123456789".contains(&plain);
        if different < MIN_DIFFERENT || has_name || is_counting || COMMON.contains(&plain.as_str()) {
            return Err(PasswordProblem::Guessable);
        }
        Ok(Self(password))
    }

    /// The bytes to hash.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The form in which a password is hashed: the same password typed on two keyboards can differ in its code points.
pub(crate) fn normalized(password: &str) -> String {
    password.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_hard_to_guess() {
        for good in [
            "plum-harbour-lantern",
            "  spaces count  ",
            "ärger übers öl täglich",
            "日本語の長い合言葉を使う",
        ] {
            assert!(NewPassword::parse(good, "ada").is_ok(), "{good}");
        }
        for (bad, problem) in [
            ("short", PasswordProblem::TooShort),
            ("", PasswordProblem::TooShort),
            ("aaaaaaaaaaaaaaaa", PasswordProblem::Guessable),
            ("123456789012", PasswordProblem::Guessable),
            ("Password Password", PasswordProblem::Guessable),
            ("lovelace-is-my-name", PasswordProblem::Guessable),
            (&"ab cd ef".repeat(40), PasswordProblem::TooLong),
        ] {
            assert_eq!(NewPassword::parse(bad, "Lovelace").err(), Some(problem), "{bad}");
        }
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_password() {
        assert_eq!(normalized("a\u{308}"), normalized("\u{e4}"));
    }
}
