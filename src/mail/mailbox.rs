//! An address with an optional display name, and the form of an address in SMTP.

use std::str::FromStr;

use lettre::Address;

use crate::domain::address::EmailAddress;

/// An address with its display name, as in `Daywire <desk@example.org>`
/// ([RFC 5322 §3.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.4)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name: any text, which is encoded if needed.
    pub name: Option<String>,
    /// The bare address, `local@domain`; the domain may be written in Unicode.
    pub address: String,
}

/// The text is not an address to which mail can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address; write it as desk@example.org or Name <desk@example.org>")]
pub struct MailboxError;

impl Mailbox {
    /// An address without a display name.
    pub fn bare(address: impl Into<String>) -> Self {
        Self {
            name: None,
            address: address.into(),
        }
    }

    /// An address with a display name.
    pub fn named(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            address: address.into(),
        }
    }
}

impl FromStr for Mailbox {
    type Err = MailboxError;

    /// Parses `desk@example.org`, `Name <desk@example.org>` or `"Name, with comma" <desk@example.org>`.
    fn from_str(text: &str) -> Result<Self, MailboxError> {
        let parsed: lettre::message::Mailbox = text.trim().parse().map_err(|_| MailboxError)?;
        wire_address(parsed.email.as_ref())?;
        Ok(Self {
            name: parsed.name,
            address: parsed.email.to_string(),
        })
    }
}

/// The address in the form of SMTP and headers: the domain as A-labels, the local part unchanged
/// ([RFC 6531 §3.2](https://www.rfc-editor.org/rfc/rfc6531#section-3.2)).
///
/// # Errors
/// [`MailboxError`] if the text is not an address, or contains `<`, `>` or a control character, which could end the brackets around it.
pub fn wire_address(address: &str) -> Result<Address, MailboxError> {
    if address.chars().any(|c| c.is_control() || matches!(c, '<' | '>')) {
        return Err(MailboxError);
    }
    if let Ok(known) = EmailAddress::parse(address) {
        // lettre's own check refuses some non-ASCII local parts that our policy has found good.
        return Ok(Address::new_dangerous(known.local(), known.domain()));
    }
    let parsed: Address = address.parse().map_err(|_| MailboxError)?;
    if parsed.domain().is_ascii() {
        return Ok(parsed);
    }
    let domain = idna::domain_to_ascii(parsed.domain()).map_err(|_| MailboxError)?;
    Address::new(parsed.user(), domain).map_err(|_| MailboxError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_and_an_address_are_parsed() {
        assert_eq!(
            "Daywire <desk@example.org>".parse(),
            Ok(Mailbox::named("Daywire", "desk@example.org"))
        );
        assert_eq!(
            "\"Wire, Day\" <desk@example.org>".parse(),
            Ok(Mailbox::named("Wire, Day", "desk@example.org"))
        );
        assert_eq!(" desk@example.org ".parse(), Ok(Mailbox::bare("desk@example.org")));
        assert_eq!("Daywire".parse::<Mailbox>(), Err(MailboxError));
    }

    #[test]
    fn a_unicode_domain_becomes_a_labels_and_the_local_part_is_unchanged() {
        assert_eq!(
            wire_address("Jörg@bücher.example").unwrap().as_ref() as &str,
            "Jörg@xn--bcher-kva.example"
        );
        assert_eq!(
            wire_address("Desk+News@Example.org").unwrap().as_ref() as &str,
            "Desk+News@example.org"
        );
    }

    #[test]
    fn an_address_cannot_contain_brackets_or_line_breaks() {
        for hostile in [
            "a@b.example>\r\nRCPT TO:<x@y.example",
            "\"a>b\"@c.example",
            "a\0@b.example",
            "a@b.example\n",
        ] {
            assert_eq!(wire_address(hostile), Err(MailboxError), "{hostile:?}");
        }
    }
}
