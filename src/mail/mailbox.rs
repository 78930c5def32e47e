//! An address with an optional display name.

use std::str::FromStr;

use super::smtp_address::{SmtpAddress, SmtpAddressError};

/// An address with its display name, as in `Daywire <desk@example.org>`
/// ([RFC 5322 §3.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.4)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name: any text, which is encoded if needed.
    pub name: Option<String>,
    /// The address without the display name.
    pub address: SmtpAddress,
}

impl Mailbox {
    /// An address without a display name.
    #[must_use]
    pub const fn bare(address: SmtpAddress) -> Self {
        Self { name: None, address }
    }

    /// An address with a display name.
    pub fn named(name: impl Into<String>, address: SmtpAddress) -> Self {
        Self {
            name: Some(name.into()),
            address,
        }
    }
}

impl FromStr for Mailbox {
    type Err = SmtpAddressError;

    /// Parses `desk@example.org`, `Name <desk@example.org>` or `"Name, with comma" <desk@example.org>`.
    fn from_str(text: &str) -> Result<Self, SmtpAddressError> {
        let parsed: lettre::message::Mailbox = text.trim().parse().map_err(|_| SmtpAddressError)?;
        Self::try_from(&parsed)
    }
}

impl TryFrom<&lettre::message::Mailbox> for Mailbox {
    type Error = SmtpAddressError;

    fn try_from(mailbox: &lettre::message::Mailbox) -> Result<Self, SmtpAddressError> {
        Ok(Self {
            name: mailbox.name.clone(),
            address: AsRef::<str>::as_ref(&mailbox.email).parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_and_an_address_are_parsed() {
        let address: SmtpAddress = "desk@example.org".parse().expect("an address");
        assert_eq!(
            "Daywire <desk@example.org>".parse(),
            Ok(Mailbox::named("Daywire", address.clone()))
        );
        assert_eq!(
            "\"Wire, Day\" <desk@example.org>".parse(),
            Ok(Mailbox::named("Wire, Day", address.clone()))
        );
        assert_eq!(" desk@example.org ".parse(), Ok(Mailbox::bare(address)));
        assert_eq!("Daywire".parse::<Mailbox>(), Err(SmtpAddressError));
    }
}
