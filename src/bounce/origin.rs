//! Finds out which of our messages a returned mail is about, and whether that is certain.

use super::read::ParsedMail;
use crate::config::Config;
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriptionId;
use crate::domain::return_path::{Purpose, TaggedMessage};
use crate::domain::tokens::Keys;

/// Which message a returned mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The address that it came to, or the Message-ID that it repeats, has a tag of ours.
    Tag(Purpose, TaggedMessage),
    /// It quotes the signed unsubscribe link of one of our messages.
    QuotedLink {
        subscription: SubscriptionId,
        /// The issue's number, if it quotes it too. It is not signed.
        number: Option<i64>,
    },
    /// The address that it came to has a tag that none of our keys made.
    ForgedTag,
    /// Nothing in it is signed.
    Unsigned,
}

/// Looks at the address that the mail came to, and then at what it quotes. `recipient` is the envelope recipient, if it is known; the
/// header may name it too.
pub(crate) fn origin(keys: &Keys, config: &Config, recipient: Option<&str>, mail: &ParsedMail) -> Origin {
    let mut forged = false;
    let in_header = mail.came_to.iter().map(EmailAddress::as_typed);
    for tag in recipient
        .into_iter()
        .chain(in_header)
        .filter_map(|address| config.tag_of(address))
    {
        match keys.open_tag(tag) {
            Some((purpose @ (Purpose::Bounce | Purpose::Unsubscribe), message)) => {
                return Origin::Tag(purpose, message);
            }
            // The recipient of a message sees its Message-ID. That must not make an address.
            Some((Purpose::MessageId, _)) | None => forged = true,
        }
    }
    if forged {
        return Origin::ForgedTag;
    }
    let repeated = mail.original.references.iter().find_map(|text| message_of(keys, text));
    if let Some(message) = repeated {
        return Origin::Tag(Purpose::MessageId, message);
    }
    let quoted = mail.original.unsubscribe_token.as_deref();
    match quoted.and_then(|token| keys.open_unsubscribe_token(token)) {
        Some(subscription) => Origin::QuotedLink {
            subscription,
            number: mail.original.issue_number,
        },
        None => Origin::Unsigned,
    }
}

/// The message whose Message-ID `text` is, with or without its brackets and its domain.
fn message_of(keys: &Keys, text: &str) -> Option<TaggedMessage> {
    let id = text.trim().trim_start_matches('<').trim_end_matches('>');
    let (tag, _) = id.split_once('@').unwrap_or((id, ""));
    match keys.open_tag(tag) {
        Some((Purpose::MessageId, message)) => Some(message),
        _ => None,
    }
}
