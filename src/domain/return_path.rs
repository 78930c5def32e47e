//! Signed tags that name a message: in the addresses that mail comes back to, which are the return path and the address for unsubscribing
//! by mail, and in the Message-ID.
//!
//! A tag names the message exactly, so that a bounce needs no search by address, and cannot be made without a signing key. It is
//! base32, because some servers change the case of a local part.

use data_encoding::BASE32_NOPAD_NOCASE;
use uuid::Uuid;

use super::ids::{SubscriptionId, TransactionalMailId};
use super::tokens::Keys;

/// The bytes of the message that a tag names: number and edition of the issue, and an id.
const MESSAGE_BYTES: usize = 4 + 2 + 16;
/// The bytes of the authentication code: 64 bits. A guess costs one mail, and changes one subscription.
const CODE_BYTES: usize = 8;
/// The bytes of a tag: purpose, key, message and code.
const TAG_BYTES: usize = 1 + 1 + MESSAGE_BYTES + CODE_BYTES;
/// The characters of a tag. With a name such as `bounce+` before it, a local part stays below 64 octets
/// ([RFC 5321 §4.5.3.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1)).
pub(crate) const TAG_LENGTH: usize = (TAG_BYTES * 8).div_ceil(5);

/// What mail to a tagged address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The return path: other servers report failures.
    Bounce,
    /// The address in `List-Unsubscribe`: a mail to it ends the subscription.
    Unsubscribe,
    /// No address: the Message-ID, which reports repeat.
    MessageId,
}

impl Purpose {
    const fn byte(self) -> u8 {
        match self {
            Self::Bounce => 1,
            Self::Unsubscribe => 2,
            Self::MessageId => 3,
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Bounce),
            2 => Some(Self::Unsubscribe),
            3 => Some(Self::MessageId),
            _ => None,
        }
    }
}

/// The message that a tag names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaggedMessage {
    /// The message of an issue to one subscription. The newsletter is the subscription's.
    Delivery {
        subscription: SubscriptionId,
        /// The number within its newsletter, from 1.
        number: u32,
        /// 0 for the issue itself.
        edition: u16,
    },
    /// A transactional mail, such as a confirmation.
    Transactional(TransactionalMailId),
}

impl TaggedMessage {
    fn bytes(self) -> [u8; MESSAGE_BYTES] {
        let (number, edition, id) = match self {
            Self::Delivery {
                subscription,
                number,
                edition,
            } => (number, edition, subscription.0),
            Self::Transactional(id) => (0, 0, id.0),
        };
        let mut bytes = [0; MESSAGE_BYTES];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        bytes[4..6].copy_from_slice(&edition.to_be_bytes());
        bytes[6..].copy_from_slice(id.as_bytes());
        bytes
    }

    fn of(bytes: [u8; MESSAGE_BYTES]) -> Self {
        let [n1, n2, n3, n4, e1, e2, id @ ..] = bytes;
        let id = Uuid::from_bytes(id);
        match u32::from_be_bytes([n1, n2, n3, n4]) {
            0 => Self::Transactional(TransactionalMailId(id)),
            number => Self::Delivery {
                subscription: SubscriptionId(id),
                number,
                edition: u16::from_be_bytes([e1, e2]),
            },
        }
    }
}

impl Keys {
    /// The tag of a message: always [`TAG_LENGTH`] characters, letters in lower case and digits.
    pub(crate) fn tag(&self, purpose: Purpose, message: TaggedMessage) -> String {
        let message = message.bytes();
        let parts: [&[u8]; 2] = [&[purpose.byte()], &message];
        let (key, code) = match purpose {
            // A second copy of a message has the same Message-ID, even if there is a new key meanwhile.
            Purpose::MessageId => self.sign_lasting_tag(&parts),
            Purpose::Bounce | Purpose::Unsubscribe => self.sign_tag(&parts),
        };
        let mut tag = Vec::with_capacity(TAG_BYTES);
        tag.extend_from_slice(&[purpose.byte(), key]);
        tag.extend_from_slice(&message);
        tag.extend_from_slice(&code[..CODE_BYTES]);
        let mut tag = BASE32_NOPAD_NOCASE.encode(&tag);
        tag.make_ascii_lowercase();
        tag
    }

    /// What a tag names; `None` if none of our keys made it. Tags of old keys stay valid.
    pub(crate) fn open_tag(&self, tag: &str) -> Option<(Purpose, TaggedMessage)> {
        if tag.len() != TAG_LENGTH {
            return None;
        }
        let tag: [u8; TAG_BYTES] = BASE32_NOPAD_NOCASE.decode(tag.as_bytes()).ok()?.try_into().ok()?;
        let [purpose, key, rest @ ..] = tag;
        let (message, code) = rest.split_first_chunk::<MESSAGE_BYTES>()?;
        let is_ours = self.verify_tag(key, &[&[purpose], message], code);
        let purpose = Purpose::of(purpose).filter(|_| is_ours)?;
        Some((purpose, TaggedMessage::of(*message)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tokens::KEY_LENGTH;

    fn keys(ids: &[i64]) -> Keys {
        let rows = ids
            .iter()
            .map(|id| (*id, vec![u8::try_from(*id).expect("ids are small"); KEY_LENGTH]));
        Keys::new(rows.collect(), Vec::new()).expect("the keys are valid")
    }

    const DELIVERY: TaggedMessage = TaggedMessage::Delivery {
        subscription: SubscriptionId(Uuid::from_u128(77)),
        number: 412,
        edition: 3,
    };

    #[test]
    fn a_tag_names_its_message_and_purpose_under_every_later_key() {
        let mail = TaggedMessage::Transactional(TransactionalMailId(Uuid::from_u128(78)));
        for message in [DELIVERY, mail] {
            for purpose in [Purpose::Bounce, Purpose::Unsubscribe, Purpose::MessageId] {
                let tag = keys(&[1]).tag(purpose, message);
                assert_eq!(keys(&[1, 2]).open_tag(&tag), Some((purpose, message)));
                assert_eq!(keys(&[1]).open_tag(&tag.to_uppercase()), Some((purpose, message)));
                assert_eq!(keys(&[2]).open_tag(&tag), None);
            }
        }
    }

    #[test]
    fn a_message_id_stays_the_same_under_a_later_key() {
        let tag = |ids: &[i64], purpose| keys(ids).tag(purpose, DELIVERY);
        assert_eq!(tag(&[1], Purpose::MessageId), tag(&[1, 2], Purpose::MessageId));
        assert_ne!(tag(&[1], Purpose::Bounce), tag(&[1, 2], Purpose::Bounce));
    }

    #[test]
    fn a_tag_fits_a_local_part() {
        let tag = keys(&[255]).tag(Purpose::Bounce, DELIVERY);
        assert_eq!(tag.len(), TAG_LENGTH);
        assert!("bounce+".len() + TAG_LENGTH <= 64);
        assert!(tag.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    }

    #[test]
    fn a_changed_or_truncated_tag_opens_nothing() {
        let tag = keys(&[1]).tag(Purpose::Bounce, DELIVERY);
        for at in 0..tag.len() {
            let mut forged = tag.clone().into_bytes();
            forged[at] = if forged[at] == b'a' { b'b' } else { b'a' };
            let forged = String::from_utf8(forged).expect("it is still ASCII");
            assert_eq!(keys(&[1]).open_tag(&forged), None, "changed at {at}");
            assert_eq!(keys(&[1]).open_tag(&tag[..at]), None, "cut at {at}");
        }
    }
}
