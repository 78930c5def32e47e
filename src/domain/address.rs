//! Mail addresses: which ones are accepted, and the forms in which they are used.

mod error;
mod host;
mod local;

use std::{fmt, hash};

pub use error::AddressError;
use error::MAX_ADDRESS;

use super::column::text_column;

/// The most bytes of input. No longer text fits [`MAX_ADDRESS`] after conversion, so it is refused at once.
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

/// How an address is written, compared with its [`counting_key`](EmailAddress::counting_key). Anybody can invent further spellings
/// of another person's address, so limits give less to the later variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// The shortest address of the mailbox.
    Plain,
    /// With dots or other characters that its mail service ignores, or with compatible characters such as full-width letters.
    Dotted,
    /// The local part has a plus-tag.
    Tagged,
}

/// White space that is removed around a pasted address. Line breaks are not, because they are used to inject headers.
const EDGES: [char; 4] = [' ', '\t', '\u{a0}', '\u{3000}'];

/// A mail address in a form that every relay accepts.
///
/// The policy is intentionally narrower than [RFC 5322](https://www.rfc-editor.org/rfc/rfc5322): no comments, no folding, no
/// literals, no single-label domains, no control or invisible characters. A quoted local part (`"a b"@example.org`) is accepted as
/// [RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2) defines it, but without `<` and `>`, which delimit
/// addresses in SMTP commands and headers. Domains are parsed by [UTS 46](https://www.unicode.org/reports/tr46/) with STD 3 rules
/// and without transitional mapping. Reserved domains such as `reader.example` are valid.
///
/// Two addresses are equal if their keys are equal. There is no `Display`, so that no address gets into a log or page by mistake.
#[derive(Clone)]
pub struct EmailAddress {
    typed: String,
    /// In NFC, with its case, in quotes only if it needs them.
    local: String,
    /// A-labels in lower case.
    domain: String,
    key: String,
}

/// The domain in the key of an address ([`EmailAddress::key`]).
pub(crate) fn domain_of_key(key: &str) -> &str {
    key.rsplit_once('@').map_or("", |(_, domain)| domain)
}

impl EmailAddress {
    /// Parses an address as a person typed it. Spaces and tabs around it are removed.
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

    /// The address as it was typed, without white space around it.
    #[must_use]
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// The key by which subscribers are compared: NFC, local part in lower case and without needless quotes, domain as A-labels.
    /// Plus-tags and dots are kept, because only the receiving server knows their meaning.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key by which limits count a mailbox: [`key`](Self::key) without a plus-tag, without the characters that its mail
    /// service ignores, and with compatible characters replaced, such as full-width letters: some servers deliver to the same mailbox.
    /// Several keys can have the same counting key. It is for counting only: two subscribers with one counting key stay two
    /// subscribers.
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
        let written = local
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(local);
        let content = local::compatible(written);
        let (mailbox, mut spelling) = match content.split_once('+') {
            // Without its tag, a local part that begins with a plus sign is empty, and strangers would be counted together.
            Some((name, _)) if !name.is_empty() => (name, Spelling::Tagged),
            _ => (&*content, Spelling::Plain),
        };
        if content != written {
            spelling = spelling.max(Spelling::Dotted);
        }
        let service = SERVICES
            .iter()
            .find(|service| service.domains.contains(&self.domain.as_str()));
        let Some(service) = service else {
            return (format!("{mailbox}@{}", self.domain), spelling);
        };
        let short = mailbox.replace(service.ignored, "");
        if short.is_empty() || short == mailbox {
            return (format!("{mailbox}@{}", service.domains[0]), spelling);
        }
        (
            format!("{short}@{}", service.domains[0]),
            spelling.max(Spelling::Dotted),
        )
    }

    /// The domain as A-labels, in lower case ([RFC 5890 §2.3.2.1](https://www.rfc-editor.org/rfc/rfc5890#section-2.3.2.1)).
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The local part in its own case, in NFC ([RFC 6532 §3.1](https://www.rfc-editor.org/rfc/rfc6532#section-3.1)) and in quotes
    /// only where it needs them.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// Whether the address can be sent without SMTPUTF8 (RFC 6531).
    #[must_use]
    pub fn is_ascii_local(&self) -> bool {
        self.local.is_ascii()
    }

    /// The mailbox for `RCPT TO`: the local part in its own case, which only the receiver may interpret
    /// ([RFC 5321 §2.4](https://www.rfc-editor.org/rfc/rfc5321#section-2.4)), and the domain as A-labels.
    #[must_use]
    pub fn to_smtp(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The form to display: NFC, local part in its own case and without needless quotes, domain in lower case and as Unicode. It
    /// differs from [`key`](Self::key) in the case of the local part and in the domain's script.
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
