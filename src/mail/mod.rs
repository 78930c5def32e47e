//! Builds, signs, sends and receives mail. Knows neither the store nor the settings.

pub mod classify;
pub mod dkim;
mod dkim_input;
mod dkim_key;
mod dot_stuffing;
mod dsn;
pub mod extra_header;
mod header;
pub mod health;
pub mod helo_name;
pub mod html;
pub mod imap;
mod login;
pub mod look;
pub mod mailbox;
pub mod message;
mod outcome;
pub mod outgoing;
pub mod relay;
pub mod reply;
pub(crate) mod reply_words;
pub mod server;
mod session;
mod slots;
pub mod smtp;
pub mod smtp_address;
pub mod template;
pub(crate) mod tls;
mod tokens;
mod transfer;
mod transport;
pub mod verify;
mod wire;

pub use mailbox::Mailbox;
pub use smtp_address::SmtpAddress;
