//! Encodes header values, so that no value can become a second header.

use std::fmt::{self, Write};

use email_encoding::headers::{quoted_string, rfc2047, writer::EmailWriter};
use lettre::message::header::{HeaderName, HeaderValue};

/// The longest word or name that is written unencoded. Longer ones are split into encoded words.
const MAX_PLAIN: usize = 60;

/// Free text such as a subject: folded, and encoded if needed
/// ([RFC 5322 §2.2.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.2.1), RFC 2047).
pub(super) fn text(name: &'static str, value: &str) -> Result<HeaderValue, fmt::Error> {
    let value = clean(value);
    let header = HeaderName::new_from_ascii_str(name);
    if value.split(' ').all(is_plain) {
        return Ok(HeaderValue::new(header, value));
    }
    let mut encoded = String::new();
    rfc2047::encode(&value, &mut EmailWriter::new(&mut encoded, name.len() + 2, 0, false))?;
    Ok(HeaderValue::dangerous_new_pre_encoded(header, value, encoded))
}

/// `Name <inner>`, for mailboxes and list identifiers; the caller has checked `inner`, which is never encoded.
pub(super) fn phrase(name: &'static str, shown: Option<&str>, inner: &str) -> Result<HeaderValue, fmt::Error> {
    Ok(HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        inner.to_owned(),
        encoded_phrase(name, shown, inner)?,
    ))
}

/// The value of [`phrase`], encoded.
pub(super) fn encoded_phrase(name: &str, shown: Option<&str>, inner: &str) -> Result<String, fmt::Error> {
    let shown = clean(shown.unwrap_or_default());
    let mut encoded = String::new();
    let mut writer = EmailWriter::new(&mut encoded, name.len() + 2, 0, false);
    if !shown.is_empty() {
        if is_plain(&shown) {
            quoted_string::encode(&shown, &mut writer)?;
        } else {
            rfc2047::encode(&shown, &mut writer)?;
        }
        writer.space();
    }
    writer.folding().write_str(&format!("<{inner}>"))?;
    drop(writer);
    Ok(encoded)
}

/// A value that is written unchanged on one line. The caller has checked its characters.
pub(super) fn verbatim(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

/// Replaces control characters and line separators by spaces, and runs of spaces by one.
fn clean(value: &str) -> String {
    value
        .split(|c: char| c == ' ' || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether the value can be written unencoded: printable ASCII, short enough to fold, and not like an encoded word.
fn is_plain(value: &str) -> bool {
    value.len() <= MAX_PLAIN && value.bytes().all(|b| (b' '..=b'~').contains(&b)) && !value.contains("=?")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header line in a message.
    fn line(value: HeaderValue) -> String {
        let mut headers = lettre::message::header::Headers::new();
        headers.insert_raw(value);
        headers.to_string()
    }

    #[test]
    fn plain_text_is_not_encoded() {
        assert_eq!(
            line(text("Subject", "Morning wire: 3 stories").unwrap()),
            "Subject: Morning wire: 3 stories\r\n"
        );
    }

    #[test]
    fn line_breaks_and_nul_become_spaces() {
        let got = line(text("Subject", "Hello\r\nBcc: x@y.example\0\u{2028}end").unwrap());
        assert_eq!(got, "Subject: Hello Bcc: x@y.example end\r\n");
    }

    #[test]
    fn text_that_looks_like_an_encoded_word_is_encoded() {
        let got = line(text("Subject", "=?utf-8?q?=0D=0ABcc:_x?=").unwrap());
        assert_eq!(got, "Subject: =?utf-8?b?PT91dGYtOD9xPz0wRD0wQUJjYzpfeD89?=\r\n");
    }

    #[test]
    fn a_long_name_is_encoded_and_its_address_is_not_split() {
        let address = format!("{}@example.org", "a".repeat(60));
        let got = line(phrase("From", Some(&"Zürich ".repeat(40)), &address).unwrap());
        assert!(got.split("\r\n").all(|line| line.len() <= 78), "{got}");
        assert!(got.ends_with(&format!("<{address}>\r\n")));
    }

    #[test]
    fn a_name_with_specials_is_quoted() {
        let got = line(phrase("From", Some("The Day. Wire"), "d@x.example").unwrap());
        assert_eq!(got, "From: \"The Day. Wire\" <d@x.example>\r\n");
        assert_eq!(
            line(phrase("To", None, "d@x.example").unwrap()),
            "To: <d@x.example>\r\n"
        );
    }
}
