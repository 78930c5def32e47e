//! The outcome of sending a message, and why there is no session to send it.

use super::{
    classify::classify,
    reply::{Class, Reply, Stage},
    smtp_address::SmtpAddress,
};

/// The SMTP envelope: return path and recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The address to which bounces go; `None` is the empty path `<>`.
    pub return_path: Option<SmtpAddress>,
    /// The address of the single recipient.
    pub recipient: SmtpAddress,
}

/// The outcome of sending a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server accepted it: a 250 after the final dot.
    Accepted(Reply),
    /// A temporary refusal: retry later.
    Deferred(Reply),
    /// A temporary refusal because of too many messages or connections: retry later, at a lower rate.
    Slow {
        /// The reply of the server.
        reply: Reply,
        /// The command that the reply answers.
        stage: Stage,
    },
    /// A permanent refusal of this recipient: do not send this message to it again.
    Rejected(Reply),
    /// A fault of our login, policy or reputation, or of the server. It does not concern the recipient: retry later, at a lower rate or
    /// after a person corrected it.
    RelayTrouble {
        /// The reply of the server, if it replied.
        reply: Option<Reply>,
        /// The reason, for logs and reports.
        text: String,
    },
    /// A refusal of the sender or the message in reply to a command about one message. It may concern all recipients, or only the
    /// servers of this one, so the delivery is tried again later. `delivery` decides by the refusals of other domains.
    SenderRefused(Reply),
    /// The connection was lost before the final dot: the server did not accept the message.
    Lost(String),
    /// The connection was lost after the final dot and before the reply: whether the server accepted the message is unknown
    /// ([RFC 1047](https://www.rfc-editor.org/rfc/rfc1047)).
    InDoubt(String),
}

/// Why there is no session with a relay.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No relay is set.
    #[error("no relay is set; set relay.url, or run `daywire serve`, which captures mail in its inbox")]
    NoRelay,
    /// The TCP connection failed.
    #[error("{relay} cannot be reached: {reason}; check relay.url and that the server is up")]
    Unreachable {
        /// The relay, without its login.
        relay: String,
        /// The error of the operating system.
        reason: String,
    },
    /// The connection broke before the session was ready.
    #[error("{relay} closed the connection: {reason}")]
    Lost {
        /// The relay, without its login.
        relay: String,
        /// Why the connection broke, in words.
        reason: String,
    },
    /// The server refused in its greeting, or refused EHLO or STARTTLS.
    #[error("{relay} refuses to talk to us: {reply}")]
    Refused {
        /// The relay, without its login.
        relay: String,
        /// The reply of the server.
        reply: Reply,
    },
    /// The server does not offer STARTTLS, which the setting requires.
    #[error(
        "{relay} does not offer STARTTLS, so nothing was sent; use smtps:// if it uses TLS from the start, or smtp:// to send in the clear"
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
        /// The error of the TLS library.
        reason: String,
    },
    /// The server offers no mechanism that fits what is set.
    #[error("{relay} offers no {mechanisms} authentication; remove the user from relay.url, or ask for another port")]
    NoLogin {
        /// The relay, without its login.
        relay: String,
        /// The mechanisms, in words.
        mechanisms: &'static str,
    },
    /// The server refused the login.
    #[error("{relay} refuses the login with {reply}; check the user and password of the relay")]
    Login {
        /// The relay, without its login.
        relay: String,
        /// The codes of its reply, without the text: some servers repeat the AUTH command in it, and so the password.
        reply: Reply,
    },
    /// There is no access token to log in with.
    #[error("{relay} cannot be used: {reason}")]
    NoToken {
        /// The relay, without its login.
        relay: String,
        /// Why, in words, and what to do.
        reason: String,
        /// Whether only an operator can end this.
        needs_operator: bool,
    },
    /// The server refused a new access token.
    #[error(
        "{relay} refuses the access token with {reply}; check the user in relay.url, and that scope and account permit sending by SMTP"
    )]
    TokenRefused {
        /// The relay, without its login.
        relay: String,
        /// The codes of its reply.
        reply: Reply,
    },
    /// Our host name cannot be used in EHLO.
    #[error("the host name {0:?} cannot be used in EHLO; give one such as mail.example.org")]
    Hello(String),
}

impl SendError {
    /// Whether a retry is useless until an operator changes a setting, here or at the relay.
    #[must_use]
    pub const fn needs_operator(&self) -> bool {
        match self {
            Self::Refused { reply, .. } | Self::Login { reply, .. } | Self::TokenRefused { reply, .. } => {
                reply.code >= 500
            }
            Self::NoToken { needs_operator, .. } => *needs_operator,
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
    /// Nothing was sent without a session.
    fn from(error: SendError) -> Self {
        let text = error.to_string();
        match error {
            SendError::Unreachable { .. }
            | SendError::Lost { .. }
            | SendError::NoToken {
                needs_operator: false, ..
            } => Self::Lost(text),
            SendError::Refused { reply, .. }
            | SendError::Login { reply, .. }
            | SendError::TokenRefused { reply, .. } => Self::RelayTrouble {
                reply: Some(reply),
                text,
            },
            SendError::NoRelay
            | SendError::NoStartTls { .. }
            | SendError::Tls { .. }
            | SendError::NoLogin { .. }
            | SendError::NoToken { .. }
            | SendError::Hello(_) => Self::RelayTrouble { reply: None, text },
        }
    }
}

impl Outcome {
    /// The outcome in one word for the metrics: a message that is neither accepted nor rejected is deferred or in doubt.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Rejected(_) => "rejected",
            Self::InDoubt(_) => "in_doubt",
            Self::Deferred(_)
            | Self::Slow { .. }
            | Self::RelayTrouble { .. }
            | Self::SenderRefused(_)
            | Self::Lost(_) => "deferred",
        }
    }

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
            Class::RelayTrouble if about_one && stage != Stage::Session && reply.code != 421 => {
                Self::SenderRefused(reply)
            }
            Class::RelayTrouble => Self::trouble(reply),
        }
    }

    /// [`RelayTrouble`](Self::RelayTrouble) with the reply as its reason.
    pub(super) fn trouble(reply: Reply) -> Self {
        Self::RelayTrouble {
            text: reply.to_string(),
            reply: Some(reply),
        }
    }
}

/// Whether a reply refuses a parameter of MAIL: 555 and 504 of RFC 5321, 553 and x.6.7 to x.6.9 of
/// [RFC 6531 §3.5](https://www.rfc-editor.org/rfc/rfc6531#section-3.5), or a syntax error.
fn refuses_parameters(reply: &Reply) -> bool {
    matches!(reply.code, 501 | 504 | 553 | 555)
        || (reply.code >= 500 && matches!(reply.enhanced, Some((_, 5, 4) | (_, 6, 7..=9))))
}
