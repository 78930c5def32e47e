//! Preflight: checks a message for faults before it is sent, in the bytes that one recipient would get.

mod checks;
mod contrast;
mod css;
mod findings;
mod page;
pub mod parsed_message;
mod support;

pub use findings::{Finding, Findings, Rule};

use crate::config::{Config, is_placeholder};
use findings::Report;
use parsed_message::ParsedMessage;

/// Checks the bytes of a message to one recipient.
#[must_use]
pub fn check_bytes(message: &[u8], config: &Config) -> Findings {
    ParsedMessage::read(message).map_or_else(
        || {
            let mut report = Report::new(&config.preflight);
            report.add(
                Rule::Headers,
                "it cannot be read as a message".to_owned(),
                "give a message as it is sent, headers first",
            );
            report.done()
        },
        |message| check_message(&message, config),
    )
}

/// Checks a parsed message.
#[must_use]
pub fn check_message(message: &ParsedMessage, config: &Config) -> Findings {
    let mut report = Report::new(&config.preflight);
    checks::envelope(message, &mut report);
    if !config.captures_mail() && message.header("From").into_iter().any(is_placeholder) {
        report.add(
            Rule::Headers,
            "the issue was built before it had a sender".to_owned(),
            "set site.url, site.name and mail.from, cancel the issue and build it again",
        );
    }
    checks::parts(message, config.site.postal_address.as_deref(), &mut report);
    report.done()
}
