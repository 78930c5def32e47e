//! Which SMTP command a server refused, according to the text of a report.

use crate::mail::reply::Stage;

/// How reports say that a server refused the message text, after it had accepted the recipient.
const AFTER_DATA: &[&str] = &[
    "end of data",
    "after data",
    "in reply to data",
    "to data command",
    "text command",
    "smtp command\ndata",
    "smtp command\r\ndata",
];
/// How reports say that a server refused the sender.
const AFTER_MAIL: &[&str] = &["after mail from", "in reply to mail from"];

/// The command in the text of a report; `Rcpt` if it does not say.
pub(in crate::bounce) fn stage(text: &str) -> Stage {
    let text = text.to_ascii_lowercase();
    let contains = |expressions: &[&str]| expressions.iter().any(|expression| text.contains(expression));
    // Sendmail shows the dialogue: `>>> DATA`, `<<< 550 …`.
    let last = |command: &str| text.rfind(&format!(">>> {command}"));
    if contains(AFTER_DATA) || last("data") > last("rcpt") {
        Stage::Message
    } else if contains(AFTER_MAIL) || last("mail") > last("rcpt") {
        Stage::Mail
    } else {
        Stage::Rcpt
    }
}
