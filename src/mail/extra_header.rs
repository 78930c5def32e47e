//! Header fields that an operator adds to every message over a relay, such as the stream of a mail provider.

/// The most characters of a field, without its CRLF ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)).
const MAX_LINE: usize = 998;

/// The fields that a message may have only from us: those that we write, those that DKIM signs, and those that servers on the way add or
/// act on.
const RESERVED: [&str; 24] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Auto-Submitted",
    "Feedback-ID",
    "Return-Path",
    "Authentication-Results",
    "DomainKey-Signature",
    // Mail providers repeat these in their events ([`ReferenceHeader`](super::message::ReferenceHeader)).
    "X-Mailin-custom",
    "X-Mailgun-Variables",
    "X-MJ-CustomID",
    "X-PM-Metadata-daywire",
    "X-Daywire-Tag",
    "X-SMTPAPI",
    "X-MSYS-API",
];

/// The beginnings of further such names.
const RESERVED_PREFIXES: [&str; 7] = [
    "List-",
    "Content-",
    "Resent-",
    "DKIM-",
    "ARC-",
    "Received",
    "Apparently-",
];

/// A header field. It is added after signing, so it is not signed: mail providers remove such fields before they pass a message on, and a
/// signature over them would break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraHeader {
    name: String,
    value: String,
}

impl ExtraHeader {
    /// Parses `Name: value`. `None` if the name is not one of a header field
    /// ([RFC 5322 §2.2](https://www.rfc-editor.org/rfc/rfc5322#section-2.2)), if it is reserved for us, or if the value is not printable
    /// ASCII.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once(':')?;
        let value = value.trim_matches(' ');
        // A letter at the start, because a line that began with a dot would be dot-stuffed.
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_graphic());
        let is_value = !value.is_empty() && value.bytes().all(|b| (b' '..=b'~').contains(&b));
        let fits = name.len() + 2 + value.len() <= MAX_LINE;
        (is_name && is_value && fits && !is_reserved(name)).then(|| Self {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }

    /// These fields as lines, each with its CRLF.
    #[must_use]
    pub fn lines(headers: &[Self]) -> String {
        let mut lines = String::new();
        for Self { name, value } in headers {
            lines.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
        }
        lines
    }
}

fn is_reserved(name: &str) -> bool {
    let begins_with = |prefix: &str| {
        name.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved))
        || RESERVED_PREFIXES.into_iter().any(begins_with)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::dkim_input::SIGNED;

    #[test]
    fn a_field_of_a_provider_becomes_one_line() {
        for (text, line) in [
            ("X-PM-Message-Stream: broadcast", "X-PM-Message-Stream: broadcast\r\n"),
            ("X-SES-CONFIGURATION-SET:news ", "X-SES-CONFIGURATION-SET: news\r\n"),
            ("X-Mailgun-Tag: a: b", "X-Mailgun-Tag: a: b\r\n"),
        ] {
            let header = ExtraHeader::parse(text).expect("the field is allowed");
            assert_eq!(ExtraHeader::lines(&[header]), line);
        }
    }

    #[test]
    fn no_field_of_ours_can_be_replaced() {
        let more = [
            "Bcc",
            "Received",
            "received-spf",
            "Return-Path",
            "DKIM-Signature",
            "list-post",
            "Resent-To",
        ];
        for name in SIGNED.into_iter().chain(more) {
            assert_eq!(ExtraHeader::parse(&format!("{name}: x")), None, "{name}");
            assert_eq!(
                ExtraHeader::parse(&format!("{}: x", name.to_uppercase())),
                None,
                "{name}"
            );
        }
    }

    #[test]
    fn nothing_else_than_one_field_is_accepted() {
        let long = format!("X-Long: {}", "a".repeat(1000));
        for text in [
            "",
            "X-Tag",
            "X-Tag:",
            ": x",
            ".X: x",
            "X Tag: x",
            "X-Tag : x",
            "X-Tag: a\r\nBcc: b@c.example",
            "X-Tag: a\tb",
            "X-Tag: grün",
            "X-Täg: x",
            &long,
        ] {
            assert_eq!(ExtraHeader::parse(text), None, "{text}");
        }
    }
}
