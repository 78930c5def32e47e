//! Reads the content of a row of `returned_mails`: a mail, or the event of a mail provider.

use super::read::{ParsedMail, read};
use super::webhooks;
use crate::store::returned_mails::ReturnedMail;

/// Reads the content of a row, and says whether it is the event of a mail provider. Strangers write the content, and other people the
/// libraries that parse it: a panic there must not stop the rows that wait behind this one.
pub(super) fn read_content(row: &ReturnedMail) -> (ParsedMail, bool) {
    let result = std::panic::catch_unwind(|| match webhooks::read(&row.source, &row.content) {
        Some(event) => (event, true),
        None => (read(&row.content), false),
    });
    result.unwrap_or_else(|_| {
        tracing::error!(returned_mail.id = %row.id, "returned mail cannot be read; it changes nothing");
        (ParsedMail::default(), false)
    })
}
