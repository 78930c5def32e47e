//! The ids of articles that readers see, such as `TX_080089`.

use std::fmt;

use thiserror::Error;

const PREFIX: &str = "TX_";
const DIGITS: usize = 6;

/// Why a text is not the public id of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an article id is `TX_` and six hexadecimal digits, such as TX_080089")]
pub struct PublicIdError;

/// An article's id as readers see and type it: `TX_` and six hexadecimal digits in upper case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicId(String);

impl std::str::FromStr for PublicId {
    type Err = PublicIdError;
    fn from_str(text: &str) -> Result<Self, PublicIdError> {
        Self::parse(text)
    }
}

impl PublicId {
    /// The id with the low 24 bits of `n`; the other bits of `n` are ignored, so that `n` can be any random number.
    #[must_use]
    pub fn from_u32(n: u32) -> Self {
        Self(format!("{PREFIX}{:06X}", n & 0xFF_FFFF))
    }

    /// Parses an id in upper or lower case. The result is in upper case.
    pub fn parse(text: &str) -> Result<Self, PublicIdError> {
        let id = text.to_ascii_uppercase();
        Self::from_digits(id.strip_prefix(PREFIX).ok_or(PublicIdError)?)
    }

    /// The id with these six digits, in upper or lower case.
    pub(crate) fn from_digits(digits: &str) -> Result<Self, PublicIdError> {
        if digits.len() != DIGITS || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(PublicIdError);
        }
        Ok(Self(format!("{PREFIX}{}", digits.to_ascii_uppercase())))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_become_six_upper_case_digits() {
        assert_eq!(PublicId::from_u32(0x08_0089).as_str(), "TX_080089");
        assert_eq!(PublicId::from_u32(0).to_string(), "TX_000000");
        assert_eq!(PublicId::from_u32(u32::MAX).as_str(), "TX_FFFFFF");
    }

    #[test]
    fn an_id_in_lower_case_is_parsed_and_other_text_is_refused() {
        assert_eq!(PublicId::parse("tx_08ab89"), Ok(PublicId::from_u32(0x08_ab89)));
        for bad in [
            "",
            "TX_",
            "TX_08008",
            "TX_0800899",
            "TX_08008G",
            "TX-080089",
            " TX_080089",
            "TX_+80089",
            "TX_08008é",
        ] {
            assert_eq!(PublicId::parse(bad), Err(PublicIdError), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn parsing_returns_the_formatted_id(n in any::<u32>()) {
            let id = PublicId::from_u32(n);
            prop_assert_eq!(PublicId::parse(id.as_str()), Ok(id));
        }

        #[test]
        fn parsing_an_id_never_panics(text in any::<String>()) {
            let _ = PublicId::parse(&text);
        }
    }
}
