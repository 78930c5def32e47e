//! The texts that readers see, in every language and in both voices of a site (`site.voice`).
//!
//! Each text is a message in `locales/LANG/*.ftl`, in the [Fluent](https://projectfluent.org/fluent/guide/) syntax. `plain.ftl` and
//! `radio.ftl` have the messages that differ between the voices, and the other files those that both share. `messages.rs` declares each
//! message as a method of [`Words`]. So a template with an unknown message does not compile, and the compiler warns about an unused one.
//!
//! Plurals are selectors in the messages, and dates come from ICU. So neither templates nor Rust know a language's grammar.
//! `docs/how-to/languages.md` explains how to add a language or a message.

mod argument;
mod article_messages;
mod bundle;
mod by_id;
mod confirmation_messages;
mod console_messages;
mod correction_messages;
mod dates;
mod declaration;
mod draft_messages;
mod feed_messages;
mod formats;
mod language;
mod linked;
mod locales;
mod messages;
mod moderation_messages;
mod newsletter_messages;
mod operation_messages;
mod overrides;
mod readers_messages;
mod returned_messages;
mod sources;
mod subscription_messages;
mod syntax_advice;
#[cfg(test)]
mod tests;
mod voice;
mod webhook_messages;

pub(crate) use argument::isolated;
pub use bundle::Words;
pub(crate) use by_id::{Argument, Message};
pub use language::{Language, UnknownLanguage};
pub use linked::Linked;
pub use locales::Locales;
pub use overrides::OverrideError;
pub use voice::Voice;
