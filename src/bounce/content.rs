//! Reads the content of returned mail and of the events of mail providers. Strangers write the content, and other people the libraries
//! that parse it: a panic there must not stop the mails that wait behind this one.

use std::panic::{UnwindSafe, catch_unwind};

use super::read::{ParsedMail, read};
use super::webhooks;
use crate::store::returned_mails::ReturnedMail;

/// Reads a mail. `None` if the parser panics.
pub(super) fn read_mail(content: &[u8]) -> Option<ParsedMail> {
    unless_it_panics(|| read(content))
}

/// Reads the content of a row, and says whether it is the event of a mail provider.
pub(super) fn read_content(row: &ReturnedMail) -> (ParsedMail, bool) {
    let result = unless_it_panics(|| match webhooks::read(&row.source, &row.content) {
        Some(event) => (event, true),
        None => (read(&row.content), false),
    });
    result.unwrap_or_else(|| {
        tracing::error!(returned_mail.id = %row.id, "returned mail cannot be read; it changes nothing");
        (ParsedMail::default(), false)
    })
}

fn unless_it_panics<T>(read: impl FnOnce() -> T + UnwindSafe) -> Option<T> {
    catch_unwind(read).ok()
}
