//! Readers' comments on articles that the program itself keeps (`comments.provider = "builtin"`).
//!
//! A reader gives an address. If it belongs to a reader who has confirmed, a mailed link opens the form ([`request_link`]). A comment is
//! plain text and is held until an operator approves it. Readers can report an approved comment, and delete their own.

mod link_mail;
mod moderation;
mod writing;

pub use link_mail::{LinkRequestError, request_link};
pub use moderation::{Decision, DecisionError, announce_waiting, block_author, decide, report};
pub use writing::{Author, MAX_HELD, WriteError, author, delete_own, write};
