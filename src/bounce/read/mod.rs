//! Reads one returned mail: a bounce, a complaint, an automatic reply, or none of these.
//!
//! Servers report failures in many forms. The parser looks for them in the order of how far they can be trusted:
//!
//! 1. the fields of a delivery status notification ([RFC 3464](https://www.rfc-editor.org/rfc/rfc3464)) or of a feedback report
//!    ([RFC 5965](https://www.rfc-editor.org/rfc/rfc5965));
//! 2. the text of the report, where qmail, Exchange, Notes, mobile carriers and others name the recipient and the reason;
//! 3. the header fields of the original message, if the text names no recipient.
//!
//! Everything is untrusted input: the size is limited, and the functions neither wait nor keep state. A library that they use may panic;
//! `content.rs` catches that.

pub(in crate::bounce) mod codes;
mod delivery_status;
pub(in crate::bounce) mod feedback_report;
mod fields;
pub(in crate::bounce) mod kind;
mod original;
mod parse;
pub(in crate::bounce) mod parsed_mail;
mod parts;
pub(in crate::bounce) mod report_text;
pub(in crate::bounce) mod transcript;

pub(crate) use codes::codes;
pub use parse::read;
pub use parsed_mail::{FeedbackType, Kind, MAX_BYTES, ParsedMail, ReportedRecipient, Rule};
