//! Mail addresses: which ones we take, and the three forms in which we use them.

mod host;
mod local;

use std::{fmt, hash};

use thiserror::Error;

use super::column::text_column;

/// Longest address in octets, its domain as A-labels: a path of 256 without its brackets (RFC 5321 section 4.5.3.1.3).
const MAX_ADDRESS: usize = 254;
/// Nothing that fits after conversion is longer than this as typed; longer input is refused before any work on it.
const MAX_INPUT: usize = 1024;
/// Mail services that ignore some characters before the at-sign. Mail for all domains of one service goes to one mailbox.
const SERVICES: [Service; 2] = [
    // https://support.google.com/mail/answer/7436150
    Service {
        domains: &["gmail.com", "googlemail.com"],
        ignored: &['.'],
    },
    // https://proton.me/support/addresses-and-aliases
    Service {
        domains: &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"],
        ignored: &['.', '-', '_'],
    },
];

struct Service {
    domains: &'static [&'static str],
    ignored: &'static [char],
}

/// How an address is written, compared with its [`counting_key`](EmailAddress::counting_key). Everybody can invent further
/// spellings of another person's address, so limits give less to the later variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// The shortest address of the mailbox.
    Plain,
    /// With dots or other characters that its mail service ignores.
    Dotted,
    /// With a plus-tag.
    Tagged,
}
/// What pasting leaves around an address. Line breaks are not among them: they are how headers are injected.
const EDGES: [char; 4] = [' ', '\t', '\u{a0}', '\u{3000}'];

/// Why a text is not an address that we mail. The message is meant for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Nothing but blanks.
    #[error("the address is empty; type one such as name@example.org")]
    Empty,
    /// No at-sign outside quotes.
    #[error("the address has no @ sign; type it in full, such as name@example.org")]
    NoAt,
    /// More than one at-sign outside quotes.
    #[error("the address has more than one @ sign; type a single address")]
    SeveralAts,
    /// Angle brackets, with or without a display name.
    #[error("type only the address, without a name and without < and >")]
    DisplayName,
    /// A control character: line break, NUL, tab inside.
    #[error("the address contains a line break or another control character; type it by hand")]
    Control,
    /// A space that is not inside quotes.
    #[error("the address contains a space; remove it")]
    Space,
    /// A comment in parentheses (RFC 5322 section 3.2.2).
    #[error("the address contains a comment in parentheses; remove it")]
    Comment,
    /// A character that shows as nothing or changes the direction of writing.
    #[error("the address contains an invisible character; type it by hand instead of pasting it")]
    Invisible,
    /// Nothing before the at-sign.
    #[error("the part before the @ sign is missing")]
    LocalEmpty,
    /// More than 64 octets before the at-sign (RFC 5321 section 4.5.3.1.1).
    #[error("the part before the @ sign is too long; it may have at most 64 bytes")]
    LocalTooLong,
    /// A dot at an end or next to another one (RFC 5321 section 4.1.2, Dot-string).
    #[error("the part before the @ sign cannot begin or end with a dot or have two dots in a row")]
    LocalDots,
    /// A character that needs quotes, or that no mailbox has.
    #[error("the part before the @ sign cannot contain {}", named(*.0))]
    LocalCharacter(char),
    /// Quotes that are not closed, or not around the whole local part (RFC 5321 section 4.1.2, Quoted-string).
    #[error("quotes must be closed and enclose everything before the @ sign")]
    LocalQuotes,
    /// Nothing after the at-sign.
    #[error("the part after the @ sign is missing")]
    DomainEmpty,
    /// An address literal (RFC 5321 section 4.1.3), which no reader has.
    #[error("the part after the @ sign must be a domain name, not an IP address")]
    DomainLiteral,
    /// A single label.
    #[error("the part after the @ sign is incomplete; it needs a dot, such as example.org")]
    DomainWithoutDot,
    /// An empty label.
    #[error("the part after the @ sign cannot begin or end with a dot or have two dots in a row")]
    DomainDots,
    /// The last label is a number, so the whole is an IP address or a slip.
    #[error("the part after the @ sign cannot end in a number")]
    DomainNumericTld,
    /// The last label has a digit or a hyphen. No top-level domain has one, except for A-labels
    /// ([RFC 3696 §2](https://www.rfc-editor.org/rfc/rfc3696#section-2)).
    #[error("what follows the last dot is not a top-level domain; it has letters only, such as .org")]
    DomainTld,
    /// More than 253 octets, or a label of more than 63 (RFC 1035 section 2.3.4).
    #[error("the part after the @ sign is too long; it may have 253 characters, and 63 between two dots")]
    DomainTooLong,
    /// Refused by UTS 46: a character, a hyphen or an A-label out of place.
    #[error("the part after the @ sign is not a valid domain name; check it for typing errors")]
    DomainInvalid,
    /// More than 254 octets in all.
    #[error("the address is too long; it may have at most {MAX_ADDRESS} bytes")]
    TooLong,
}

/// A character as a message names it: itself if everybody sees it, else by code point.
fn named(c: char) -> String {
    if c.is_ascii_graphic() {
        format!("`{c}`")
    } else {
        format!("the character U+{:04X}", u32::from(c))
    }
}

/// One mailbox of one reader, in a form that any relay takes.
///
/// The policy is narrower than RFC 5322 on purpose: no comments, no folding, no literals, no single-label domains, no
/// control or invisible characters. A quoted local part (`"a b"@example.org`) is taken as RFC 5321 section 4.1.2 has it, but
/// without `<` and `>`, which delimit addresses in SMTP commands and headers.
/// Domains are read by UTS 46 with STD 3 rules, without transitional mapping; reserved ones such as `reader.example` are
/// as good as any other.
///
/// Two addresses are equal when their keys are. There is no `Display`, so that none gets into a log or page by mistake.
#[derive(Clone)]
pub struct EmailAddress {
    typed: String,
    /// NFC, case kept, in quotes only where it needs them.
    local: String,
    /// A-labels in lower case.
    domain: String,
    key: String,
}

impl EmailAddress {
    /// Reads one address as a person typed it; blanks around it are dropped.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let typed = text.trim_matches(EDGES);
        if typed.is_empty() {
            return Err(AddressError::Empty);
        }
        if typed.len() > MAX_INPUT {
            return Err(AddressError::TooLong);
        }
        if typed.chars().any(char::is_control) {
            return Err(AddressError::Control);
        }
        if typed.starts_with('<') || typed.ends_with('>') {
            return Err(AddressError::DisplayName);
        }
        let at = local::end(typed)?;
        let local = local::canonical(&typed[..at])?;
        let domain = host::to_a_labels(&typed[at + 1..])?;
        if at.max(local.len()) + 1 + domain.len() > MAX_ADDRESS {
            return Err(AddressError::TooLong);
        }
        let key = format!("{}@{domain}", local::folded(&local));
        Ok(Self {
            typed: typed.to_owned(),
            local,
            domain,
            key,
        })
    }

    /// The address as it was typed, without the blanks around it.
    #[must_use]
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// What makes two spellings the same reader: NFC, local part in lower case and without needless quotes, domain as
    /// A-labels. Plus-tags and dots stay, because only the receiving server knows what they mean.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key by which limits count a mailbox: [`key`](Self::key) without a plus-tag, and without the characters that its mail
    /// service ignores. Several keys can have the same counting key. It is for counting only: two subscribers with one counting
    /// key stay two subscribers.
    #[must_use]
    pub fn counting_key(&self) -> String {
        self.counted().0
    }

    /// How the address is written, compared with its counting key.
    #[must_use]
    pub fn spelling(&self) -> Spelling {
        self.counted().1
    }

    fn counted(&self) -> (String, Spelling) {
        let (local, _) = self.key.rsplit_once('@').unwrap_or((&self.key, ""));
        // A quoted local part has its tag inside the quotes.
        let content = local
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(local);
        let (mailbox, untagged) = match content.split_once('+') {
            // Without its tag, a local part that begins with a plus sign is empty, and strangers would be counted together.
            Some((name, _)) if !name.is_empty() => (name, Spelling::Tagged),
            _ => (content, Spelling::Plain),
        };
        let service = SERVICES
            .iter()
            .find(|service| service.domains.contains(&self.domain.as_str()));
        let Some(service) = service else {
            return (format!("{mailbox}@{}", self.domain), untagged);
        };
        let short = mailbox.replace(service.ignored, "");
        if short.is_empty() || short == mailbox {
            return (format!("{mailbox}@{}", service.domains[0]), untagged);
        }
        (
            format!("{short}@{}", service.domains[0]),
            untagged.max(Spelling::Dotted),
        )
    }

    /// The domain as A-labels, in lower case (RFC 5890 section 2.3.2.1).
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The local part in its own case, in NFC (RFC 6532 section 3.1) and in quotes only where it needs them.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// Whether the address can be sent without SMTPUTF8 (RFC 6531).
    #[must_use]
    pub fn is_ascii_local(&self) -> bool {
        self.local.is_ascii()
    }

    /// The mailbox for `RCPT TO`: the local part in its own case, which is the receiver's to judge (RFC 5321 section
    /// 2.4), and the domain as A-labels.
    #[must_use]
    pub fn to_smtp(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The form to show people: NFC, local part in its own case and without needless quotes, domain in lower case and
    /// as Unicode. It differs from [`key`](Self::key) in the case of the local part and in the domain's script.
    #[must_use]
    pub fn normal(&self) -> String {
        format!("{}@{}", self.local, host::to_unicode(&self.domain))
    }
}

text_column!(
    EmailAddress,
    |address: &EmailAddress| address.as_typed().to_owned(),
    EmailAddress::parse
);

/// Only the domain, since debug output ends in logs.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress(…@{})", self.domain)
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for EmailAddress {}

impl hash::Hash for EmailAddress {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

#[cfg(test)]
mod tests;
