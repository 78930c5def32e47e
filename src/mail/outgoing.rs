//! A message ready to be sent: dot-stuffed and measured, with its envelope.

use uuid::Uuid;

use super::{dot_stuffing, outcome::Envelope, smtp_address::SmtpAddress};

/// The end of the message in DATA.
pub(super) const FINAL_DOT: &[u8] = b".\r\n";

/// The message contains a bare CR or LF ([RFC 5321 §2.3.8](https://www.rfc-editor.org/rfc/rfc5321#section-2.3.8)), after which some
/// servers would execute commands in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message contains a CR or LF that is not part of a line end")]
pub struct BareBreak;

/// A message with its envelope, as a session sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Return path and recipient.
    pub envelope: Envelope,
    /// Names the message in delivery status notifications: ENVID
    /// ([RFC 3461 §4.4](https://www.rfc-editor.org/rfc/rfc3461#section-4.4)). Anybody who sees a notification sees it.
    pub(super) envelope_id: Option<Uuid>,
    wire: Vec<u8>,
    size: usize,
    ascii: bool,
    ascii_head: bool,
}

impl Outgoing {
    /// Dot-stuffs `message`, whose lines end in CRLF.
    pub fn new(envelope: Envelope, message: &[u8]) -> Result<Self, BareBreak> {
        if dot_stuffing::has_bare_break(message) {
            return Err(BareBreak);
        }
        let wire = dot_stuffing::stuff(message);
        let missing_end = if message.is_empty() || message.ends_with(b"\r\n") {
            0
        } else {
            2
        };
        Ok(Self {
            envelope,
            envelope_id: None,
            wire,
            size: message.len() + missing_end,
            ascii: message.is_ascii(),
            ascii_head: is_head_ascii(message),
        })
    }

    /// A message that is already dot-stuffed: `dots` of the octets of `wire` are stuffing.
    pub(super) fn stuffed(envelope: Envelope, wire: Vec<u8>, dots: usize, ascii: bool) -> Self {
        let size = wire.len() - dots - FINAL_DOT.len();
        Self {
            envelope,
            envelope_id: None,
            // Most messages are ASCII, so the header section need not be checked separately.
            ascii_head: ascii || is_head_ascii(&wire),
            wire,
            size,
            ascii,
        }
    }

    /// The same message, named by `id` in delivery status notifications.
    #[must_use]
    pub fn identified_by(self, id: Uuid) -> Self {
        Self {
            envelope_id: Some(id),
            ..self
        }
    }

    /// The bytes to send after DATA: dot-stuffed ([RFC 5321 §4.5.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.2)), with
    /// the final dot.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// The octets of the message, as SIZE counts them ([RFC 1870 §5](https://www.rfc-editor.org/rfc/rfc1870#section-5)).
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Whether every octet is ASCII; otherwise the server has to offer 8BITMIME (RFC 6152).
    #[must_use]
    pub const fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Whether every octet of the header section is ASCII; otherwise the server has to offer SMTPUTF8
    /// ([RFC 6531 §3.2](https://www.rfc-editor.org/rfc/rfc6531#section-3.2)).
    #[must_use]
    pub const fn is_head_ascii(&self) -> bool {
        self.ascii_head
    }

    /// Whether this message needs an extension that the messages to other recipients of the same mail do not need.
    #[must_use]
    pub fn has_own_parameters(&self) -> bool {
        let sender = self.envelope.return_path.as_ref();
        !self.envelope.recipient.is_ascii() && sender.is_none_or(SmtpAddress::is_ascii)
    }

    /// The message without the stuffing.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        dot_stuffing::unstuff(&self.wire)
    }
}

/// The header section ends at the first empty line. No header begins with a dot, so stuffing does not matter.
fn is_head_ascii(message: &[u8]) -> bool {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    message[..end.unwrap_or(message.len())].is_ascii()
}
