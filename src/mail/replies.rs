//! What a server answered, and what that means for the message in hand.

use std::fmt;

pub use super::classify::classify;

/// The longest text of a reply that is kept, in characters.
const LONGEST_TEXT: usize = 500;

/// An SMTP reply (RFC 5321 section 4.2), its lines joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The three digits.
    pub code: u16,
    /// Class, subject and detail, such as `(5, 1, 1)`, where the server says them (RFC 2034, RFC 3463).
    pub enhanced: Option<(u8, u16, u16)>,
    /// The text without the codes; bytes that are no UTF-8 and control characters are replaced.
    pub text: String,
}

/// Which command a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The greeting, EHLO, STARTTLS or AUTH: nothing is known of any recipient yet.
    Session,
    /// MAIL: about us, the sender.
    Mail,
    /// RCPT: about the recipient.
    Rcpt,
    /// DATA.
    Data,
    /// The final dot.
    Message,
}

/// What to do with the message after a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Go on; after the final dot: taken.
    Accepted,
    /// Not now: keep it and try again (RFC 5321 section 4.2.1).
    Deferred,
    /// Too much or too fast: keep it, try again, and send less to this domain or relay.
    Slow,
    /// Never this message to this recipient again.
    Rejected,
    /// About our standing, login or policy, or the server's state; says nothing about the recipient.
    RelayTrouble,
}

impl Reply {
    /// A reply from its code and its lines, which begin after the code.
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
            text: text.chars().take(LONGEST_TEXT).collect(),
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

    /// A reply that we give ourselves, where the server was not or need not be asked.
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

/// `5.1.1 text` into its parts; the class must agree with the code.
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
            // The pattern leaves only one digit.
            (Some((u8::try_from(class).unwrap_or_default(), subject, detail)), rest)
        }
        _ => (None, line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enhanced_codes_are_read_where_they_agree_with_the_code() {
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
