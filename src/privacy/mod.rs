//! What a person can ask for about their data: everything on record ([`export`]), and its erasure ([`erase`]). Both need the person's
//! mailbox: a mailed link that works for one purpose and a limited time (`link_mail.rs`), or an operator. A reader who has no mail of theirs
//! at hand gets a link by the address alone (`lost_link.rs`). After a change of address the old address can prevent both for a while
//! (`reader_link.rs`).
//!
//! An erasure has two steps. One transaction deletes the rows. Then [`complete_all`] searches for what other rows quote, such as the content
//! of a returned mail, waits for messages that were being sent, and lets the database overwrite what was deleted. The row in `erasures`
//! stays until that is done, so another process completes it after a kill.

mod erase;
mod export;
mod former_address;
mod link_mail;
mod lost_link;
mod reader_link;
mod retention;
mod sweep;
mod traces;

pub use erase::{Erased, erase, erase_by_link};
pub use export::{export, export_by_link};
pub use link_mail::{LinkMailError, MailedLink, RequestedBy, request_link};
pub(crate) use lost_link::mail_lost_link;
pub use reader_link::{LinkRefusal, subscriber_of_link};
pub use retention::forget_mails;
pub(crate) use sweep::run;
pub use sweep::{Completion, complete_all};
