//! A message ready for the wire: dot-stuffed, measured, with its envelope.

use super::{dots, outcome::Envelope};

/// What DATA carries after the message: its final dot.
pub(super) const FINAL_DOT: &[u8] = b".\r\n";

/// The message has a CR or LF that is no line end, out of which some servers would read commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message has a CR or LF that is no line end")]
pub struct BareBreak;

/// A message and whom it goes to, as a session sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Who it is from and to.
    pub envelope: Envelope,
    wire: Vec<u8>,
    size: usize,
    ascii: bool,
    ascii_head: bool,
}

impl Outgoing {
    /// Stuffs `message`, which is in CRLF lines.
    ///
    /// # Errors
    /// [`BareBreak`].
    pub fn new(envelope: Envelope, message: &[u8]) -> Result<Self, BareBreak> {
        if dots::has_bare_break(message) {
            return Err(BareBreak);
        }
        let wire = dots::stuff(message);
        let missing_end = if message.is_empty() || message.ends_with(b"\r\n") {
            0
        } else {
            2
        };
        Ok(Self {
            envelope,
            wire,
            size: message.len() + missing_end,
            ascii: message.is_ascii(),
            ascii_head: is_head_ascii(message),
        })
    }

    /// What is stuffed already: `dots` of the octets of `wire` are stuffing.
    pub(super) fn stuffed(envelope: Envelope, wire: Vec<u8>, dots: usize, ascii: bool) -> Self {
        let size = wire.len() - dots - FINAL_DOT.len();
        Self {
            envelope,
            // Most messages are ASCII, so the header section need not be checked separately.
            ascii_head: ascii || is_head_ascii(&wire),
            wire,
            size,
            ascii,
        }
    }

    /// What DATA carries: dot-stuffed (RFC 5321 section 4.5.2), with the final dot.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// Octets of the message itself, as SIZE counts them (RFC 1870 section 5).
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
        let ascii = |address: &str| address.rsplit_once('@').is_none_or(|(local, _)| local.is_ascii());
        let sender = self.envelope.return_path.as_deref();
        !ascii(&self.envelope.recipient) && sender.is_none_or(ascii)
    }

    /// The message itself, without the stuffing.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        dots::unstuff(&self.wire)
    }
}

/// The header section ends at the first empty line. No header begins with a dot, so stuffing does not matter.
fn is_head_ascii(message: &[u8]) -> bool {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    message[..end.unwrap_or(message.len())].is_ascii()
}
