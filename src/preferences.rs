//! A subscriber's preferences for a newsletter: topics, cadence, time zone and pause. The subscriber changes them with the link in each
//! mail, and an operator with `daywire subscriber prefer`.
//!
//! [`save`] checks a [`PreferenceChange`] (`plan.rs`) and renders the mail about it (`change_mail.rs`) without a transaction, and then stores both in
//! one. If the subscription has changed in between, it plans again.

pub mod address;
mod address_holder;
mod address_mails;
mod change_mail;
mod join;
mod plan;
mod reader_language;
mod request;
mod save;

pub use join::{JoinOutcome, is_confirmed, join};
pub(crate) use plan::check;
pub use plan::{offered_topics, zone_of};
pub(crate) use reader_language::reader_language;
pub use request::{ChangedBy, Pause, PreferenceChange, PreferenceError};
pub use save::save;
pub(crate) use save::save_with_others;
