//! Recognises the traces of a person in what others wrote: a returned mail, a reply of a mail server, a mail in the built-in inbox.

use std::collections::HashSet;

use mail_parser::{Message, MessageParser, PartType};

use crate::config::Config;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{SubscriptionId, TransactionalMailId};
use crate::domain::return_path::TaggedMessage;
use crate::domain::tokens::Keys;

/// What stands in the place of an address or a name.
const ERASED: &str = "(erased)";
/// Shorter names are too common to search files for.
const MIN_SEARCHED_NAME: usize = 6;
/// How deep mails within mails are searched.
const MAX_DEPTH: usize = 4;

/// What identifies a person.
#[derive(Clone, Debug, Default)]
pub(super) struct Traces {
    /// Addresses in lower case, each as typed and as its key.
    addresses: Vec<String>,
    names: Vec<String>,
    subscriptions: HashSet<SubscriptionId>,
    mails: HashSet<TransactionalMailId>,
}

impl Traces {
    pub(super) fn new(
        addresses: impl IntoIterator<Item = EmailAddress>,
        names: Vec<String>,
        subscriptions: impl IntoIterator<Item = SubscriptionId>,
        mails: impl IntoIterator<Item = TransactionalMailId>,
    ) -> Self {
        let forms = addresses
            .into_iter()
            .flat_map(|address| [address.as_typed().to_lowercase(), address.key().to_owned()]);
        let mut forms: Vec<_> = forms.collect();
        forms.sort();
        forms.dedup();
        Self {
            addresses: forms,
            names,
            subscriptions: subscriptions.into_iter().collect(),
            mails: mails.into_iter().collect(),
        }
    }

    /// The addresses in lower case.
    pub(super) fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// The texts to search the database's file for.
    pub(super) fn needles(&self) -> Vec<String> {
        let names = self.names.iter().filter(|name| name.len() >= MIN_SEARCHED_NAME);
        self.addresses.iter().chain(names).cloned().collect()
    }

    /// Whether an address is the person's.
    pub(super) fn is_address(&self, text: &str) -> bool {
        let parsed = EmailAddress::parse(text);
        parsed.is_ok_and(|address| self.addresses.iter().any(|own| own == address.key()))
    }

    /// Whether the tag of an address for returned mail names a message to the person.
    pub(super) fn is_tagged(&self, config: &Config, keys: &Keys, recipient: &str) -> bool {
        let tag = config.tag_of(recipient).and_then(|tag| keys.open_tag(tag));
        match tag {
            Some((_, TaggedMessage::Delivery { subscription, .. })) => self.subscriptions.contains(&subscription),
            Some((_, TaggedMessage::Transactional(mail))) => self.mails.contains(&mail),
            None => false,
        }
    }

    /// Whether a message contains one of the addresses, as it is or in a decoded part.
    pub(super) fn are_in(&self, message: &[u8]) -> bool {
        let lower = message.to_ascii_lowercase();
        if self
            .addresses
            .iter()
            .any(|own| memchr::memmem::find(&lower, own.as_bytes()).is_some())
        {
            return true;
        }
        // Strangers wrote it, and a panic in the parser must not keep the erasure from its end.
        let searched = std::panic::catch_unwind(|| {
            let parsed = MessageParser::default().parse(message);
            parsed.is_some_and(|parsed| self.are_in_parts(&parsed, 0))
        });
        searched.unwrap_or(false)
    }

    fn are_in_parts(&self, message: &Message<'_>, depth: usize) -> bool {
        message.parts.iter().any(|part| match &part.body {
            PartType::Text(text) | PartType::Html(text) => self.are_in_text(text),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                self.are_in_text(&String::from_utf8_lossy(bytes))
            }
            PartType::Message(nested) => depth < MAX_DEPTH && self.are_in_parts(nested, depth + 1),
            PartType::Multipart(_) => false,
        })
    }

    fn are_in_text(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        self.addresses.iter().any(|own| lower.contains(own.as_str()))
    }

    /// The text without addresses and names of the person.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for needle in self.addresses.iter().chain(&self.names) {
            text = replace_ignoring_case(&text, needle);
        }
        text
    }
}

/// Replaces every occurrence of `needle`, without regard to the case of ASCII letters.
fn replace_ignoring_case(text: &str, needle: &str) -> String {
    let (lower, needle) = (text.to_ascii_lowercase(), needle.to_ascii_lowercase());
    if needle.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, _) in lower.match_indices(&needle) {
        out.push_str(&text[copied..at]);
        out.push_str(ERASED);
        copied = at + needle.len();
    }
    out.push_str(&text[copied..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces() -> Traces {
        let address = EmailAddress::parse("Ada.L@Bücher.example").expect("an address");
        Traces::new([address], vec!["Ada Lovelace".into()], [], [])
    }

    #[test]
    fn addresses_and_names_are_replaced_in_any_case() {
        let reply = "550 5.1.1 <ADA.L@xn--bcher-kva.example>: ada lovelace has moved";
        assert_eq!(traces().redact(reply), "550 5.1.1 <(erased)>: (erased) has moved");
        assert_eq!(traces().redact("250 2.0.0 Ok"), "250 2.0.0 Ok");
    }

    #[test]
    fn a_message_is_searched_as_it_is_and_decoded() {
        let traces = traces();
        assert!(traces.are_in(b"To: ada.l@xn--bcher-kva.example\r\n\r\nhello"));
        let base64 = b"Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\nYWRhLmxAeG4tLWJjaGVyLWt2YS5leGFtcGxl\r\n";
        assert!(traces.are_in(base64));
        let quoted = b"Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain\r\n\r\nada.l@xn--bch=\r\ner-kva.example\r\n";
        assert!(traces.are_in(quoted));
        let nested = [&b"Content-Type: message/rfc822\r\n\r\n"[..], quoted].concat();
        assert!(traces.are_in(&nested));
        assert!(!traces.are_in(b"To: eve@xn--bcher-kva.example\r\n\r\nhello"));
    }
}
