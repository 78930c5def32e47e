//! A client for one mailbox on an IMAP server ([RFC 3501](https://www.rfc-editor.org/rfc/rfc3501)): login, search, fetch, move, IDLE.
//!
//! imap-proto parses single responses. Dividing the stream into responses (`framing.rs`), running commands with a time limit
//! (`connection.rs`) and their meaning (`session.rs`, `login.rs`) are ours;
//! [docs/explanation/decisions.md](../../../docs/explanation/decisions.md#why-is-the-imap-client-not-async-imap) says why.

mod capabilities;
mod connection;
mod error;
mod framing;
mod login;
mod secrets;
mod server;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use error::ImapError;
pub use server::{Credential, MailboxName, Server};
pub(crate) use session::{Fetched, Session};
