//! An SMTP reply, the command that it answers, and its class.

use std::fmt;

/// The most characters of a reply's text that are kept.
const MAX_TEXT: usize = 500;

/// An SMTP reply ([RFC 5321 §4.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.2)), with its lines joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The reply code of three digits.
    pub code: u16,
    /// Class, subject and detail, such as `(5, 1, 1)`, if the server sends them
    /// ([RFC 2034](https://www.rfc-editor.org/rfc/rfc2034), [RFC 3463](https://www.rfc-editor.org/rfc/rfc3463)).
    pub enhanced: Option<(u8, u16, u16)>,
    /// The text without the codes; control characters and bytes that are not UTF-8 are replaced.
    pub text: String,
}

/// The command that a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The greeting, EHLO, STARTTLS or AUTH: no recipient was named yet.
    Session,
    /// MAIL: the reply concerns the sender.
    Mail,
    /// RCPT: the reply concerns the recipient.
    Rcpt,
    /// The reply to the DATA command.
    Data,
    /// The message text, with its final dot.
    Message,
}

/// What a reply means for the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Continue. After the final dot: the server accepted the message.
    Accepted,
    /// A temporary refusal: keep the message and retry ([RFC 5321 §4.2.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1)).
    Deferred,
    /// Too many messages or connections: keep the message, retry, and lower the rate to this domain or relay.
    Slow,
    /// A permanent refusal of this recipient.
    Rejected,
    /// A fault of our reputation, login or policy, or of the server. It does not concern the recipient.
    RelayTrouble,
}

impl Reply {
    /// Makes a reply from its code and its lines without their codes.
    #[must_use]
    pub fn new<L: AsRef<str>>(code: u16, lines: &[L]) -> Self {
        let enhanced = lines.first().and_then(|line| split_enhanced(code, line.as_ref()).0);
        let words = lines.iter().flat_map(|line| {
            split_enhanced(code, line.as_ref())
                .1
                .split(|c: char| c.is_whitespace() || c.is_control())
        });
        let text = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        Self {
            code,
            enhanced,
            text: text.chars().take(MAX_TEXT).collect(),
        }
    }

    /// The same reply without its text.
    #[must_use]
    pub(super) fn without_text(self) -> Self {
        Self {
            text: String::new(),
            ..self
        }
    }

    /// A reply that this program makes itself, when no command is sent to the server.
    pub(super) fn ours(code: u16, enhanced: (u8, u16, u16), text: &str) -> Self {
        Self {
            code,
            enhanced: Some(enhanced),
            text: text.to_owned(),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some((class, subject, detail)) = self.enhanced {
            write!(f, " {class}.{subject}.{detail}")?;
        }
        if self.text.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.text)
        }
    }
}

/// Splits `5.1.1 text`. The class must agree with the reply's code.
fn split_enhanced(code: u16, line: &str) -> (Option<(u8, u16, u16)>, &str) {
    let line = line.trim_start();
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    let mut numbers = first.split('.');
    let mut number = || {
        numbers
            .next()
            .filter(|n| (1..=3).contains(&n.len()))?
            .parse::<u16>()
            .ok()
    };
    match (number(), number(), number()) {
        (Some(class @ (2 | 4 | 5)), Some(subject), Some(detail)) if class == code / 100 && numbers.next().is_none() => {
            let class = u8::try_from(class).expect("the pattern allows only 2, 4 and 5");
            (Some((class, subject, detail)), rest)
        }
        _ => (None, line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enhanced_code_is_read_if_its_class_agrees_with_the_code() {
        let reply = Reply::new(550, &["5.1.1 No such", "5.1.1  user\there\u{7}"]);
        assert_eq!(
            (reply.enhanced, reply.text.as_str()),
            (Some((5, 1, 1)), "No such user here")
        );
        assert_eq!(reply.to_string(), "550 5.1.1 No such user here");
        assert_eq!(Reply::new(550, &["4.1.1 odd"]).enhanced, None);
        assert_eq!(Reply::new(550, &["5.1 odd"]).enhanced, None);
        assert_eq!(Reply::new(250, &["10.0.0.1 greets you"]).enhanced, None);
        assert_eq!(Reply::new(250, &[""]).to_string(), "250");
    }
}
