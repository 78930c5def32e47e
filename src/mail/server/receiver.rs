//! What a receiving server needs to know: who decides about a message, and the settings of the server.

use std::{sync::Arc, time::Duration};

use rustls::ServerConfig;
use secrecy::SecretString;

/// A stage of a connection at which the receiver may intervene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The client connected; before the greeting.
    Connect,
    /// Before the reply to EHLO, HELO or LHLO.
    Ehlo,
    /// Before the reply to AUTH.
    Auth,
    /// Before the reply to MAIL.
    Mail,
    /// Before the reply to RCPT.
    Rcpt,
    /// Before the reply to DATA.
    Data,
    /// The whole message was read; before the receiver gets it.
    FinalDot,
    /// The receiver has accepted the message; before the reply to the sender.
    AfterAccept,
}

/// What to do at a [`Stage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Reply as the protocol defines.
    Continue,
    /// Send this reply instead, and continue; after 421, close.
    Reply(u16, String),
    /// Close the connection without a reply.
    HangUp,
    /// Wait, then reply as the protocol defines.
    Delay(Duration),
}

/// The state of a connection and of its current message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transaction {
    /// The number of the connection, from 1.
    pub connection: u64,
    /// How many messages it has delivered so far.
    pub messages: u64,
    /// The name in EHLO, HELO or LHLO.
    pub hello: Option<String>,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// The user who is logged in.
    pub user: Option<String>,
    /// The return path; empty for `<>`. At [`Stage::Mail`] it is the requested one.
    pub return_path: Option<String>,
    /// The recipients. At [`Stage::Rcpt`] the last one is the requested one.
    pub recipients: Vec<String>,
}

/// A message with its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The connection and the envelope.
    pub transaction: Transaction,
    /// The message without dot-stuffing.
    pub bytes: Vec<u8>,
}

/// Why a message is not accepted now. The text is the reply, which asks the sender to retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deferral {
    /// Nothing can be stored now: 451. With LMTP this holds for the other recipients too.
    System(String),
    /// One recipient has received too much: 452.
    Recipient(String),
}

impl From<String> for Deferral {
    fn from(reason: String) -> Self {
        Self::System(reason)
    }
}

/// Decides about and stores received mail.
pub trait Receiver: Send + Sync + 'static {
    /// Intervenes at a stage; by default never.
    fn decide(&self, _stage: Stage, _transaction: &Transaction) -> Verdict {
        Verdict::Continue
    }

    /// Stores a message for all recipients of the transaction. The sender gets the 250 only after this returns. With LMTP it is called
    /// for each recipient, until it fails.
    ///
    /// # Errors
    /// The reason, which the sender gets in a temporary reply, so that it retries.
    fn accept(&self, mail: Received) -> impl Future<Output = Result<(), Deferral>> + Send;
}

/// How connections are encrypted.
#[derive(Debug, Clone, Default)]
pub enum Tls {
    /// The connection is not encrypted.
    #[default]
    None,
    /// After STARTTLS, which is optional.
    StartTls(Arc<ServerConfig>),
    /// TLS from the first byte.
    Implicit(Arc<ServerConfig>),
}

/// What the server requires of commands and messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Content {
    /// What the RFCs require. A message with a bare CR or LF, with a line of more than 998 octets, or with more than `size_limit` bytes is
    /// refused.
    #[default]
    Strict,
    /// Every message is accepted as it came. Only CRLF dot CRLF ends it, and only its first `size_limit` bytes are kept. Commands may
    /// contain bytes that are not UTF-8.
    AsReceived,
}

/// The settings of the server.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name in the greeting.
    pub name: String,
    /// The most bytes of a message. Together with `connections` this limits the memory used.
    pub size_limit: usize,
    /// What is required of commands and messages.
    pub content: Content,
    /// Whether LHLO begins LMTP ([RFC 2033](https://www.rfc-editor.org/rfc/rfc2033)).
    pub lmtp: bool,
    /// The most connections at a time; further ones wait for the greeting.
    pub connections: usize,
    /// The most connections of one network at a time; further ones get a 421 reply.
    pub connections_per_network: usize,
    /// The most recipients of one message. RFC 5321 requires
    /// [at least 100](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.8).
    pub recipients: usize,
    /// The most commands before the first message, and between two of them.
    pub commands_per_message: usize,
    /// How long a connection may be silent, or may leave a reply unread, before it is closed.
    pub idle: Duration,
    /// The same while more than half of `connections` are open, so that idle ones do not keep others out.
    pub idle_when_scarce: Duration,
    /// The same as `commands_per_message` while more than half of `connections` are open, for a client without an accepted recipient.
    pub commands_when_scarce: usize,
    /// While all connections are open, a new one replaces one that has delivered no message for this long. `None`: it waits instead.
    pub replaceable_after: Option<Duration>,
    /// How long a connection may last altogether.
    pub lifetime: Duration,
    /// The user and password that are required to send mail; `None` requires no login.
    pub login: Option<(String, SecretString)>,
    /// How connections are encrypted.
    pub tls: Tls,
    /// Extensions not to offer, such as `SMTPUTF8`, to test a sender without them.
    pub withheld: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "localhost".to_owned(),
            size_limit: 2 * 1024 * 1024,
            content: Content::Strict,
            lmtp: false,
            connections: 100,
            connections_per_network: usize::MAX,
            recipients: 100,
            commands_per_message: 10_000,
            idle: Duration::from_mins(5),
            idle_when_scarce: Duration::from_mins(5),
            commands_when_scarce: 10_000,
            replaceable_after: None,
            lifetime: Duration::from_hours(24),
            login: None,
            tls: Tls::None,
            withheld: Vec::new(),
        }
    }
}
