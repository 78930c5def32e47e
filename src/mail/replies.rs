//! What a server answered, and what that means for the message in hand.

use std::fmt;

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
    /// Not now, because we come too fast or too often: keep it, try again, and slow down.
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

/// Sorts a reply by code, enhanced code and the command it answers.
///
/// This is the plain reading of the RFCs; what the large providers mean by their own texts belongs here too, measured
/// against recorded replies.
#[must_use]
pub fn classify(reply: &Reply, stage: Stage) -> Class {
    match reply.code {
        200..=299 => Class::Accepted,
        354 if stage == Stage::Data => Class::Accepted,
        // The server closes, or wants a login or TLS first, or refuses ours (RFC 5321 section 3.8, RFC 4954 section 6).
        421 | 432 | 454 | 530 | 534 | 535 | 538 => Class::RelayTrouble,
        400..=599 if about_standing(reply) => Class::RelayTrouble,
        400..=499 => Class::Deferred,
        // A message too large is the message's fault wherever it is said (RFC 1870 section 6.1).
        552 => Class::Rejected,
        // No recipient has been named yet, so it can only be about us.
        500..=599 if matches!(stage, Stage::Session | Stage::Mail) => Class::RelayTrouble,
        500..=599 => Class::Rejected,
        _ => Class::RelayTrouble,
    }
}

/// x.7 is security and policy (RFC 3463 section 3.8), except where it speaks of the recipient's mailbox or asks for
/// nothing but patience.
fn about_standing(reply: &Reply) -> bool {
    let text = reply.text.to_ascii_lowercase();
    match reply.enhanced {
        // The mailbox or its domain has changed hands (RFC 7293).
        Some((_, 7, 17 | 18)) => false,
        Some((4, 7, _)) if text.contains("greylist") || text.contains("graylist") => false,
        // So is a sender's address that is wrong, or whose system is unknown (x.1.7, x.1.8, RFC 3463 section 3.2).
        Some((_, 7, _) | (_, 1, 7 | 8)) => true,
        _ => false,
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

    fn class(code: u16, text: &str, stage: Stage) -> Class {
        classify(&Reply::new(code, &[text]), stage)
    }

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

    #[test]
    fn refusals_of_the_recipient_are_told_from_refusals_of_us() {
        assert_eq!(class(550, "5.1.1 no such user", Stage::Rcpt), Class::Rejected);
        assert_eq!(class(550, "no such user", Stage::Rcpt), Class::Rejected);
        assert_eq!(class(550, "5.7.1 relaying denied", Stage::Rcpt), Class::RelayTrouble);
        assert_eq!(
            class(550, "5.7.17 mailbox owner has changed", Stage::Rcpt),
            Class::Rejected
        );
        assert_eq!(class(553, "sender not allowed", Stage::Mail), Class::RelayTrouble);
        assert_eq!(class(552, "too large", Stage::Mail), Class::Rejected);
        assert_eq!(class(550, "5.1.8 bad sender", Stage::Rcpt), Class::RelayTrouble);
        assert_eq!(class(554, "5.6.0 not MIME", Stage::Message), Class::Rejected);
    }

    #[test]
    fn refusals_for_now_are_kept_unless_they_are_about_our_standing() {
        assert_eq!(class(451, "4.3.0 later", Stage::Mail), Class::Deferred);
        assert_eq!(class(452, "4.2.2 mailbox full", Stage::Rcpt), Class::Deferred);
        assert_eq!(class(450, "4.7.1 Greylisted, try again", Stage::Rcpt), Class::Deferred);
        assert_eq!(class(451, "4.7.0 rate limited", Stage::Message), Class::RelayTrouble);
        assert_eq!(class(421, "bye", Stage::Rcpt), Class::RelayTrouble);
        assert_eq!(class(535, "5.7.8 wrong", Stage::Session), Class::RelayTrouble);
    }

    #[test]
    fn only_a_2xx_accepts_a_message() {
        assert_eq!(class(250, "ok", Stage::Message), Class::Accepted);
        assert_eq!(class(354, "go", Stage::Data), Class::Accepted);
        assert_eq!(class(354, "go", Stage::Message), Class::RelayTrouble);
    }
}
