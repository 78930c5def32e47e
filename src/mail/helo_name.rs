//! The name by which this program introduces itself in EHLO.

use std::net::IpAddr;

/// A host name as A-labels, or an IP address
/// ([RFC 5321 §4.1.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeloName(String);

impl HeloName {
    /// Parses a host name such as `mail.example.org`, or an address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(literal) = text.strip_prefix('[') {
            return address(literal.strip_suffix(']')?).map(|ip| Self(ip.to_string()));
        }
        let name = idna::domain_to_ascii_strict(text).ok()?;
        // A name whose last label is a number would be read as an IP address.
        let is_numeric = name
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        let labels = name.split('.').all(|label| !label.is_empty() && label.len() <= 63);
        (labels && !is_numeric && name.len() <= 253).then_some(Self(name))
    }

    /// The host name, or the IP address without brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address of a literal ([RFC 5321 §4.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.3)).
fn address(literal: &str) -> Option<IpAddr> {
    match literal.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => literal[5..].parse().ok().map(IpAddr::V6),
        _ => literal.parse().ok().map(IpAddr::V4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_or_an_address_literal_is_a_name() {
        for (text, name) in [
            ("mail.example.org", "mail.example.org"),
            ("Mail.Example.ORG", "mail.example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("localhost", "localhost"),
            ("[192.0.2.1]", "192.0.2.1"),
            ("[IPv6:2001:db8::1]", "2001:db8::1"),
            ("[ipv6:2001:db8::1]", "2001:db8::1"),
        ] {
            assert_eq!(HeloName::parse(text).as_ref().map(HeloName::as_str), Some(name));
        }
    }

    #[test]
    fn nothing_else_is_a_name() {
        let long = format!("{}.example", "a".repeat(64));
        for text in [
            "",
            ".",
            "mail..example",
            "mail.example.org.",
            "192.0.2.1",
            "2001:db8::1",
            "[2001:db8::1]",
            "[192.0.2.1",
            "[mail.example.org]",
            "mail example",
            "mail.example\r\nRSET",
            "-mail.example",
            "mail_1.example",
            "mail.1",
            &long,
        ] {
            assert_eq!(HeloName::parse(text), None, "{text}");
        }
    }
}
