//! Parses the part after the at-sign: a domain name by [UTS 46](https://www.unicode.org/reports/tr46/), with at least one dot and a
//! top-level domain of letters.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::{AddressError, local::is_refused};

const MAX_DOMAIN: usize = 253;
const MAX_LABEL: usize = 63;

/// The domain as A-labels in lower case.
pub(super) fn to_a_labels(domain: &str) -> Result<String, AddressError> {
    if domain.is_empty() {
        return Err(AddressError::DomainEmpty);
    }
    // Most domains need no mapping and no decoding.
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.';
    if domain.bytes().all(plain) {
        check_labels(domain)?;
        return Ok(domain.to_owned());
    }
    if domain.contains(['(', ')']) {
        return Err(AddressError::Comment);
    }
    if domain.starts_with('[') {
        return Err(AddressError::DomainLiteral);
    }
    if domain.contains(char::is_whitespace) {
        return Err(AddressError::Space);
    }
    // UTS 46 removes most invisible characters without an error. It checks the two joiners itself, because some scripts need them.
    if domain
        .chars()
        .any(|c| is_refused(c) && !matches!(c, '\u{200c}' | '\u{200d}'))
    {
        return Err(AddressError::Invisible);
    }
    let ascii = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::Check,
            DnsLength::Ignore,
        )
        .map_err(|_| AddressError::DomainInvalid)?
        .into_owned();
    check_labels(&ascii)?;
    Ok(ascii)
}

fn check_labels(ascii: &str) -> Result<(), AddressError> {
    if ascii.split('.').any(str::is_empty) {
        return Err(AddressError::DomainDots);
    }
    if ascii.len() > MAX_DOMAIN || ascii.split('.').any(|label| label.len() > MAX_LABEL) {
        return Err(AddressError::DomainTooLong);
    }
    let (_, top) = ascii.rsplit_once('.').ok_or(AddressError::DomainWithoutDot)?;
    // `0x7f` counts as a number too: address parsers read it as part of an IPv4 address.
    let digits = top
        .strip_prefix("0x")
        .map_or(top, |hex| hex.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AddressError::DomainNumericTld);
    }
    // An A-label has digits and hyphens of its own, and UTS 46 has checked it.
    if !top.starts_with("xn--") && !top.bytes().all(|b| b.is_ascii_lowercase()) {
        return Err(AddressError::DomainTld);
    }
    Ok(())
}

/// The domain with its A-labels decoded, for display.
pub(super) fn to_unicode(ascii: &str) -> String {
    Uts46::new()
        .to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Check)
        .0
        .into_owned()
}
