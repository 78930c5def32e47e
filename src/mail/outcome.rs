//! What becomes of a message, and why there may be no session to send it over.

use super::replies::{Class, Reply, Stage, classify};

/// Who a message is from and to, as the server is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Where failures are returned to; none is the empty path `<>`.
    pub return_path: Option<String>,
    /// The one recipient.
    pub recipient: String,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server has taken it: a 250 after the final dot.
    Accepted(Reply),
    /// Not now; try again later.
    Deferred(Reply),
    /// Not now, because we come too fast or too often; try again later, and more slowly.
    Slow {
        /// What the server answered.
        reply: Reply,
        /// To what.
        stage: Stage,
    },
    /// Refused for good: never this message to this recipient again.
    Rejected(Reply),
    /// Our login, policy or standing, or the server's state; try again later, more slowly or not before someone has
    /// looked. Says nothing about the recipient.
    RelayTrouble {
        /// What the server answered, if it did.
        reply: Option<Reply>,
        /// The trouble in words.
        text: String,
    },
    /// A refusal of the sender or the message in reply to a command about one message. It may concern all recipients, or only the
    /// servers of this one, so the delivery is tried again later. `delivery` decides by the refusals of other domains.
    Standing(Reply),
    /// The connection was lost before the final dot: certainly not taken.
    Lost(String),
    /// The connection was lost after the final dot and before its answer: taken or not (RFC 1047).
    InDoubt(String),
}

/// Why there is no session with a relay.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is none.
    #[error("no relay is set; set relay.url, or run `daywire serve`, which captures mail in its inbox")]
    NoRelay,
    /// No connection at all.
    #[error("{relay} cannot be reached: {reason}; check relay.url and that the server is up")]
    Unreachable {
        /// The relay, without its login.
        relay: String,
        /// What the system said.
        reason: String,
    },
    /// The connection broke before we were ready to send.
    #[error("{relay} broke the connection off: {reason}")]
    Lost {
        /// The relay, without its login.
        relay: String,
        /// What happened.
        reason: String,
    },
    /// A greeting, EHLO or STARTTLS that was refused.
    #[error("{relay} refuses to talk to us: {reply}")]
    Refused {
        /// The relay, without its login.
        relay: String,
        /// Its answer.
        reply: Reply,
    },
    /// STARTTLS is required and not offered.
    #[error(
        "{relay} does not offer STARTTLS, so nothing was sent; use smtps:// if it speaks TLS from the start, or smtp:// to send in the clear"
    )]
    NoStartTls {
        /// The relay, without its login.
        relay: String,
    },
    /// The handshake failed or the certificate is not trusted.
    #[error("TLS with {relay} failed: {reason}")]
    Tls {
        /// The relay, without its login.
        relay: String,
        /// What the TLS library said.
        reason: String,
    },
    /// The server offers no login that we know.
    #[error("{relay} offers no PLAIN or LOGIN authentication; remove the user from relay.url, or ask for another port")]
    NoLogin {
        /// The relay, without its login.
        relay: String,
    },
    /// The login was refused.
    #[error("{relay} refuses the login with {reply}; check the user and password of the relay")]
    Login {
        /// The relay, without its login.
        relay: String,
        /// The codes of its reply, without the text: some servers repeat the AUTH command in it, and so the password.
        reply: Reply,
    },
    /// Our own name is unusable.
    #[error("{0:?} cannot be said in EHLO; give a host name such as mail.example.org")]
    Hello(String),
}

impl SendError {
    /// Whether trying again is of no use before somebody has changed a setting, here or at the relay.
    #[must_use]
    pub const fn is_for_an_operator(&self) -> bool {
        match self {
            Self::Refused { reply, .. } | Self::Login { reply, .. } => reply.code >= 500,
            Self::NoStartTls { .. } | Self::Tls { .. } | Self::NoLogin { .. } | Self::Hello(_) => true,
            Self::NoRelay | Self::Unreachable { .. } | Self::Lost { .. } => false,
        }
    }

    /// Whether this may concern a single connection: the server accepted it and then broke it off or did not answer.
    #[must_use]
    pub const fn is_of_one_connection(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }
}

impl From<SendError> for Outcome {
    /// Without a session nothing was sent.
    fn from(error: SendError) -> Self {
        let text = error.to_string();
        match error {
            SendError::Unreachable { .. } | SendError::Lost { .. } => Self::Lost(text),
            SendError::Refused { reply, .. } | SendError::Login { reply, .. } => Self::RelayTrouble {
                reply: Some(reply),
                text,
            },
            SendError::NoRelay
            | SendError::NoStartTls { .. }
            | SendError::Tls { .. }
            | SendError::NoLogin { .. }
            | SendError::Hello(_) => Self::RelayTrouble { reply: None, text },
        }
    }
}

impl Outcome {
    /// The outcome of a message after a reply to one of its commands. `own_parameters`: MAIL had a parameter that only this
    /// recipient needs, so a refusal of it does not concern other messages.
    pub(super) fn of(reply: Reply, stage: Stage, own_parameters: bool) -> Self {
        let about_one = own_parameters || stage != Stage::Mail;
        match classify(&reply, stage) {
            Class::Accepted => Self::Accepted(reply),
            Class::Deferred => Self::Deferred(reply),
            Class::Slow => Self::Slow { reply, stage },
            Class::Rejected => Self::Rejected(reply),
            Class::RelayTrouble if own_parameters && refuses_parameters(&reply) => Self::Rejected(reply),
            // A 421 closes the connection, so it comes from the relay itself, in reply to any command.
            Class::RelayTrouble if about_one && stage != Stage::Session && reply.code != 421 => Self::Standing(reply),
            Class::RelayTrouble => Self::trouble(reply),
        }
    }

    /// Trouble that a reply speaks of.
    pub(super) fn trouble(reply: Reply) -> Self {
        Self::RelayTrouble {
            text: reply.to_string(),
            reply: Some(reply),
        }
    }
}

/// Whether a reply refuses a parameter of MAIL: 555 and 504 of RFC 5321, 553 and x.6.7 to x.6.9 of
/// [RFC 6531 §3.5](https://www.rfc-editor.org/rfc/rfc6531#section-3.5), or a syntax that the server does not know.
fn refuses_parameters(reply: &Reply) -> bool {
    matches!(reply.code, 501 | 504 | 553 | 555)
        || (reply.code >= 500 && matches!(reply.enhanced, Some((_, 5, 4) | (_, 6, 7..=9))))
}
