//! Why a mailbox cannot be read. The texts of errors that an operator can fix say what to do. No text contains a password or token.

/// Why a mailbox cannot be read. `server` is the server without its user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImapError {
    /// The TCP connection failed.
    #[error(
        "{server} cannot be reached: {reason}; check intake.imap.host and intake.imap.port, and that the server is up"
    )]
    Unreachable {
        server: String,
        /// The error of the operating system.
        reason: String,
    },
    /// The connection broke, or the server did not reply in time.
    #[error("the connection to {server} broke: {reason}")]
    Lost {
        server: String,
        /// Why the connection broke, in words.
        reason: String,
    },
    /// The handshake failed or the certificate is not trusted.
    #[error(
        "TLS with {server} failed: {reason}; check intake.imap.host, intake.imap.security and the server's certificate, and name a CA \
         of your own in intake.imap.ca_file"
    )]
    Tls {
        server: String,
        /// The error of the TLS library.
        reason: String,
    },
    /// The server does not offer STARTTLS, which the setting requires.
    #[error(
        "{server} does not offer STARTTLS, so no login was tried; set intake.imap.security to \"tls\" and use its port for TLS"
    )]
    NoStartTls { server: String },
    /// The server does not want to talk to us.
    #[error("{server} does not accept the connection: {reply}")]
    NotAccepted {
        server: String,
        /// The text of its greeting.
        reply: String,
    },
    /// The password or token cannot be read.
    #[error("{0}")]
    Credential(String),
    /// The server offers no login of the kind that the settings ask for.
    #[error("{server} offers no login with a {kind}; {advice}")]
    NoLogin {
        server: String,
        /// What the settings log in with: `password` or `token`.
        kind: &'static str,
        /// Which setting to change.
        advice: &'static str,
    },
    /// The server refused the login.
    #[error("{server} refuses the login: {reply}; check intake.imap.username and {setting}")]
    Login {
        server: String,
        /// The text of its reply, without secrets.
        reply: String,
        /// The setting of the password or token, and what to know about it.
        setting: &'static str,
    },
    /// The mailbox cannot be opened, or only be read.
    #[error(
        "{server} does not open the mailbox {mailbox}: {reply}; check intake.imap.mailbox and the rights of the user"
    )]
    Mailbox {
        server: String,
        /// The mailbox of the settings.
        mailbox: String,
        /// The text of its reply.
        reply: String,
    },
    /// Messages cannot be moved.
    #[error(
        "{server} does not move messages to {mailbox}: {reply}; create that mailbox, or set intake.imap.move_to to a name that the \
         server accepts, such as INBOX.Daywire"
    )]
    Move {
        server: String,
        /// The mailbox of the settings.
        mailbox: String,
        /// The text of its reply.
        reply: String,
    },
    /// The server refused another command.
    #[error("{server} refuses {command}: {reply}")]
    Refused {
        server: String,
        /// The command without its arguments.
        command: &'static str,
        /// The text of its reply.
        reply: String,
    },
}

impl ImapError {
    /// Whether a retry is useless until an operator changes a setting, here or at the server.
    pub(crate) const fn needs_operator(&self) -> bool {
        match self {
            Self::Tls { .. }
            | Self::NoStartTls { .. }
            | Self::Credential(_)
            | Self::NoLogin { .. }
            | Self::Login { .. }
            | Self::Mailbox { .. }
            | Self::Move { .. } => true,
            Self::Unreachable { .. } | Self::Lost { .. } | Self::NotAccepted { .. } | Self::Refused { .. } => false,
        }
    }
}
