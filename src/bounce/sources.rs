//! The ways by which bounces and complaints arrive, as they are stored with each of them.

use super::webhooks::Provider;

/// The listener for SMTP and LMTP.
pub(crate) const LISTENER: &str = "listener";
/// A mailbox that is polled.
pub(crate) const IMAP: &str = "imap";
/// What an operator hands over.
pub(crate) const FILE: &str = "file";
/// The relay's replies to our attempts, which are no returned mail.
pub(crate) const RELAY: &str = "relay";

/// Whether the text is one of the sources. A mail provider is named as in its webhook's address.
pub(crate) fn is_source(text: &str) -> bool {
    [LISTENER, IMAP, FILE, RELAY].contains(&text) || Provider::of(text).is_some()
}

/// A source as tables show it.
pub(crate) fn source_words(source: &str) -> &str {
    match source {
        LISTENER => "the listener",
        IMAP => "the IMAP mailbox",
        FILE => "a file",
        RELAY => "the relay's reply",
        provider => provider,
    }
}
