//! The message that was returned: ours, as far as the report quotes it.

use super::codes::{MAX_ADDRESSES, addresses};
use super::fields::Fields;
use super::parts::Parts;
use crate::domain::address::EmailAddress;

/// The header of the original message.
#[derive(Clone, Debug, Default)]
pub(crate) struct OriginalMessage {
    /// The addresses in `To`.
    pub(crate) to: Vec<EmailAddress>,
    /// Values that may be our Message-ID, or its left side. It is signed, as the token is.
    pub(crate) references: Vec<String>,
    /// The token of the link in `List-Unsubscribe`. It is signed, so it proves that the report is about a message of ours.
    pub(crate) unsubscribe_token: Option<String>,
    /// The number of the issue in our `Feedback-ID`.
    pub(crate) issue_number: Option<i64>,
}

impl OriginalMessage {
    pub(super) fn of(parts: &Parts) -> Self {
        let Some(original) = &parts.original else {
            return Self::default();
        };
        let header = Fields::parse(original);
        let mut to: Vec<EmailAddress> = Vec::new();
        for address in header.values("to").flat_map(addresses).take(MAX_ADDRESSES) {
            if !to.contains(&address) {
                to.push(address);
            }
        }
        Self {
            to,
            references: header.values("message-id").map(str::to_owned).collect(),
            unsubscribe_token: unsubscribe_token(header.value("list-unsubscribe")),
            issue_number: header
                .value("feedback-id")
                .split(':')
                .next()
                .and_then(|number| number.trim().parse().ok()),
        }
    }
}

/// The last path segment of the HTTPS link.
fn unsubscribe_token(field: &str) -> Option<String> {
    let link = field
        .split(['<', '>', ','])
        .find(|link| link.contains("/unsubscribe/"))?;
    let (_, token) = link.rsplit_once("/unsubscribe/")?;
    Some(token.split_whitespace().collect())
}
