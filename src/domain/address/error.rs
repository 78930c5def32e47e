//! The reasons for which an address is refused, in words for the person who typed it.

use thiserror::Error;

/// The most octets of an address with its domain as A-labels: a path of 256 without its brackets
/// ([RFC 5321 §4.5.3.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3)).
pub(super) const MAX_ADDRESS: usize = 254;

/// Why a text is not an accepted address. The message addresses the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// The text contains only white space.
    #[error("the address is empty; type one such as name@example.org")]
    Empty,
    /// There is no at-sign outside quotes.
    #[error("the address has no @ sign; type it in full, such as name@example.org")]
    NoAt,
    /// There are several at-signs outside quotes.
    #[error("the address has more than one @ sign; type a single address")]
    SeveralAts,
    /// The address is in angle brackets.
    #[error("type only the address, without a name and without < and >")]
    DisplayName,
    /// The address contains a control character, such as a line break, NUL or tab.
    #[error("the address contains a line break or another control character; type it by hand")]
    Control,
    /// The address contains a space outside quotes.
    #[error("the address contains a space; remove it")]
    Space,
    /// The address contains a comment in parentheses ([RFC 5322 §3.2.2](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.2)).
    #[error("the address contains a comment in parentheses; remove it")]
    Comment,
    /// The address contains a character that is invisible or changes the direction of writing.
    #[error("the address contains an invisible character; type it by hand instead of pasting it")]
    Invisible,
    /// The local part is empty.
    #[error("the part before the @ sign is missing")]
    LocalEmpty,
    /// The local part has more than 64 octets ([RFC 5321 §4.5.3.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1)).
    #[error("the part before the @ sign is too long; it may have at most 64 bytes")]
    LocalTooLong,
    /// The local part has a dot at an end, or two in a row
    /// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2), Dot-string).
    #[error("the part before the @ sign cannot begin or end with a dot or have two dots in a row")]
    LocalDots,
    /// The local part contains a character that needs quotes or that no mailbox has.
    #[error("the part before the @ sign cannot contain {}", named(*.0))]
    LocalCharacter(char),
    /// Quotes are not closed, or do not enclose the whole local part
    /// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2), Quoted-string).
    #[error("quotes must be closed and enclose everything before the @ sign")]
    LocalQuotes,
    /// The domain is empty.
    #[error("the part after the @ sign is missing")]
    DomainEmpty,
    /// The domain is an IP address literal ([RFC 5321 §4.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.3)), which no
    /// subscriber has.
    #[error("the part after the @ sign must be a domain name, not an IP address")]
    DomainLiteral,
    /// The domain has a single label.
    #[error("the part after the @ sign is incomplete; it needs a dot, such as example.org")]
    DomainWithoutDot,
    /// The domain has an empty label.
    #[error("the part after the @ sign cannot begin or end with a dot or have two dots in a row")]
    DomainDots,
    /// The last label is a number, so the domain is an IP address or a typing error.
    #[error("the part after the @ sign cannot end in a number")]
    DomainNumericTld,
    /// The last label has a digit or a hyphen. No top-level domain has one, except for A-labels
    /// ([RFC 3696 §2](https://www.rfc-editor.org/rfc/rfc3696#section-2)).
    #[error("what follows the last dot is not a top-level domain; it has letters only, such as .org")]
    DomainTld,
    /// The domain has more than 253 octets, or a label of more than 63
    /// ([RFC 1035 §2.3.4](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4)).
    #[error("the part after the @ sign is too long; it may have 253 characters, and 63 between two dots")]
    DomainTooLong,
    /// [UTS 46](https://www.unicode.org/reports/tr46/) refuses the domain: an invalid character, hyphen or A-label.
    #[error("the part after the @ sign is not a valid domain name; check it for typing errors")]
    DomainInvalid,
    /// The address has more than 254 octets.
    #[error("the address is too long; it may have at most {MAX_ADDRESS} bytes")]
    TooLong,
}

/// A character in a message: itself if it is visible ASCII, else its code point.
fn named(c: char) -> String {
    if c.is_ascii_graphic() {
        format!("`{c}`")
    } else {
        format!("the character U+{:04X}", u32::from(c))
    }
}
