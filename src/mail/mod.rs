//! Building, signing, sending and receiving mail; knows neither the store nor the settings.

mod classify;
pub mod dkim;
mod dkim_key;
mod dots;
mod fillable;
mod header;
pub mod health;
pub mod html;
mod limit_words;
mod login;
pub mod mailbox;
pub mod message;
mod outcome;
pub mod outgoing;
pub mod relay;
pub mod replies;
mod reply_words;
mod signable;
pub mod sink;
pub mod smtp;
pub mod template;
mod transfer;
pub mod verify;
mod wire;

pub use mailbox::Mailbox;
