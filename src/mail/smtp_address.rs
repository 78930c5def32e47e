//! A mail address in the form that SMTP commands and headers carry.

use std::fmt;
use std::str::FromStr;

use lettre::Address;

use crate::domain::address::EmailAddress;

/// The text is not an address to which mail can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address; write it as desk@example.org or Name <desk@example.org>")]
pub struct SmtpAddressError;

/// An address in the form of SMTP and headers: the domain as A-labels, the local part unchanged
/// ([RFC 6531 §3.2](https://www.rfc-editor.org/rfc/rfc6531#section-3.2)).
///
/// It never contains `<`, `>` or a control character, which could end the brackets around it. Every [`EmailAddress`] has this form.
/// A sender is parsed from text instead, because a setting may name a host without a dot, which no subscriber's address has.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpAddress(Address);

impl SmtpAddress {
    /// An address of parts that are known to be valid.
    pub(crate) fn of_parts(local: &str, domain: &str) -> Self {
        Self(Address::new_dangerous(local, domain))
    }

    /// The part before the at-sign.
    pub(crate) fn local(&self) -> &str {
        self.0.user()
    }

    /// `local@domain`, with the domain as A-labels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    /// The domain as A-labels ([RFC 5890 §2.3.2.1](https://www.rfc-editor.org/rfc/rfc5890#section-2.3.2.1)).
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.domain()
    }

    /// Whether the address can be sent without SMTPUTF8 (RFC 6531).
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.as_str().is_ascii()
    }

    /// The address as lettre's commands and builders take it.
    pub(super) fn to_lettre(&self) -> Address {
        self.0.clone()
    }
}

impl From<&EmailAddress> for SmtpAddress {
    fn from(address: &EmailAddress) -> Self {
        // lettre's own check refuses some non-ASCII local parts that `EmailAddress` accepts.
        Self(Address::new_dangerous(address.local(), address.domain()))
    }
}

impl FromStr for SmtpAddress {
    type Err = SmtpAddressError;

    fn from_str(text: &str) -> Result<Self, SmtpAddressError> {
        if text.chars().any(|c| c.is_control() || matches!(c, '<' | '>')) {
            return Err(SmtpAddressError);
        }
        if let Ok(address) = EmailAddress::parse(text) {
            return Ok(Self::from(&address));
        }
        let parsed: Address = text.parse().map_err(|_| SmtpAddressError)?;
        if parsed.domain().is_ascii() {
            return Ok(Self(parsed));
        }
        let domain = idna::domain_to_ascii(parsed.domain()).map_err(|_| SmtpAddressError)?;
        Address::new(parsed.user(), domain)
            .map(Self)
            .map_err(|_| SmtpAddressError)
    }
}

/// Only the domain, since debug output ends in logs.
impl fmt::Debug for SmtpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpAddress(…@{})", self.domain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unicode_domain_becomes_a_labels_and_the_local_part_is_unchanged() {
        for (text, written) in [
            ("Jörg@bücher.example", "Jörg@xn--bcher-kva.example"),
            ("Desk+News@Example.org", "Desk+News@example.org"),
            ("news@localhost", "news@localhost"),
        ] {
            let address: SmtpAddress = text.parse().expect("an address");
            assert_eq!(address.as_str(), written);
        }
        let address = EmailAddress::parse("Jörg@bücher.example").expect("an address");
        assert_eq!(SmtpAddress::from(&address).as_str(), "Jörg@xn--bcher-kva.example");
    }

    #[test]
    fn an_address_cannot_contain_brackets_or_line_breaks() {
        for hostile in [
            "a@b.example>\r\nRCPT TO:<x@y.example",
            "\"a>b\"@c.example",
            "a\0@b.example",
            "a@b.example\n",
        ] {
            assert_eq!(hostile.parse::<SmtpAddress>(), Err(SmtpAddressError), "{hostile:?}");
        }
    }
}
