//! The secrets in links: made from a key and an id, so that no row is needed to make one, and none gives one away.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ids::SubscriptionId;

/// Octets of a key.
pub const KEY_LENGTH: usize = 32;
/// Octets of the tag in an unsubscribe token: 128 bits.
const TAG_LENGTH: usize = 16;
/// Characters of an unsubscribe token: one octet of key id, the subscription's id and the tag.
pub const UNSUBSCRIBE_TOKEN_LENGTH: usize = (1 + 16 + TAG_LENGTH) * 4 / 3;

/// The keys that sign links, oldest first. New links use the newest; all of them are still believed.
#[derive(Clone)]
pub struct Keys {
    keys: Vec<(i64, Vec<u8>)>,
    /// `secrets.key`: without it nobody who reads the database can make a confirmation link.
    pepper: Vec<u8>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.keys.len())
    }
}

impl Keys {
    /// Keys with their ids, oldest first; none at all if `keys` is empty.
    #[must_use]
    pub fn new(keys: Vec<(i64, Vec<u8>)>, pepper: Vec<u8>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self { keys, pepper })
    }

    /// The id of the key that new links are made with.
    #[must_use]
    pub fn newest(&self) -> i64 {
        self.keys.last().map_or(0, |(id, _)| *id)
    }

    fn mac(&self, key_id: i64, purpose: &str, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let (_, key) = self.keys.iter().find(|(id, _)| *id == key_id)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(purpose.as_bytes());
        for part in parts {
            mac.update(&[0]);
            mac.update(part);
        }
        Some(mac.finalize().into_bytes().into())
    }

    /// The token of a subscription's unsubscribe link: always [`UNSUBSCRIBE_TOKEN_LENGTH`] characters.
    #[must_use]
    pub fn unsubscribe_token(&self, subscription: SubscriptionId) -> String {
        let key_id = self.newest();
        let tag = self
            .mac(key_id, "unsubscribe", &[subscription.0.as_bytes()])
            .unwrap_or_default();
        let mut token = Vec::with_capacity(1 + 16 + TAG_LENGTH);
        token.push(u8::try_from(key_id).unwrap_or(0));
        token.extend_from_slice(subscription.0.as_bytes());
        token.extend_from_slice(&tag[..TAG_LENGTH]);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The subscription that an unsubscribe token speaks for, if one of our keys made it.
    #[must_use]
    pub fn open_unsubscribe_token(&self, token: &str) -> Option<SubscriptionId> {
        let token: [u8; 1 + 16 + TAG_LENGTH] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let subscription = SubscriptionId(Uuid::from_slice(&token[1..17]).ok()?);
        let tag = self.mac(i64::from(token[0]), "unsubscribe", &[subscription.0.as_bytes()])?;
        same(&tag[..TAG_LENGTH], &token[17..]).then_some(subscription)
    }

    /// The token of a confirmation link, made from a random nonce that is stored beside the mail: 256 bits.
    #[must_use]
    pub fn confirmation_token(&self, key_id: i64, nonce: &[u8]) -> Option<String> {
        self.mac(key_id, "confirm", &[&self.pepper, nonce])
            .map(|mac| URL_SAFE_NO_PAD.encode(mac))
    }

    /// What the site's own feed is known by, whatever the site is called: made with the first key, which is never replaced.
    #[must_use]
    pub fn site_id(&self) -> Uuid {
        let first = self.keys.first().map_or(0, |(id, _)| *id);
        let mac = self.mac(first, "site", &[]).unwrap_or_default();
        uuid::Builder::from_custom_bytes(std::array::from_fn(|at| mac[at])).into_uuid()
    }

    /// The keyed hash under which a limit is counted: the database does not reveal whose limit it is. Made with the first key, which
    /// is never replaced.
    #[must_use]
    pub fn limit_key(&self, kind: &str, parts: &[&[u8]]) -> [u8; 16] {
        let first = self.keys.first().map_or(0, |(id, _)| *id);
        let parts = [&[kind.as_bytes()], parts].concat();
        let mac = self.mac(first, "limit", &parts).unwrap_or_default();
        std::array::from_fn(|at| mac[at])
    }

    /// What an address is known by once all else about it is erased. Made with the first key, which is never replaced.
    #[must_use]
    pub fn address_hash(&self, address_key: &str) -> [u8; 32] {
        let first = self.keys.first().map_or(0, |(id, _)| *id);
        self.mac(first, "address", &[address_key.as_bytes()])
            .unwrap_or_default()
    }
}

/// What every operator's token begins with: so that people, and programs that look for lost secrets, know one when they see it.
pub const OPERATOR_TOKEN_MARK: &str = "daywire_";
/// How many characters name an operator's token where it must not be shown: 208 of its 256 bits stay unknown.
pub const OPERATOR_TOKEN_PREFIX: usize = OPERATOR_TOKEN_MARK.len() + 8;

/// An operator's token from 256 random bits.
#[must_use]
pub fn operator_token(random: &[u8; 32]) -> String {
    format!("{OPERATOR_TOKEN_MARK}{}", URL_SAFE_NO_PAD.encode(random))
}

/// What is stored of a token.
#[must_use]
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Compares without telling by the time it takes where the first difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(ids: &[i64]) -> Keys {
        let keys = ids
            .iter()
            .map(|id| (*id, vec![u8::try_from(*id).unwrap(); KEY_LENGTH]))
            .collect();
        Keys::new(keys, Vec::new()).unwrap()
    }

    #[test]
    fn an_unsubscribe_token_opens_to_its_subscription() {
        let subscription = SubscriptionId(Uuid::from_u128(77));
        let token = keys(&[1]).unsubscribe_token(subscription);
        assert_eq!(token.len(), UNSUBSCRIBE_TOKEN_LENGTH);
        assert_eq!(keys(&[1]).open_unsubscribe_token(&token), Some(subscription));
    }

    #[test]
    fn a_token_outlives_its_key_being_replaced() {
        let subscription = SubscriptionId(Uuid::from_u128(78));
        let token = keys(&[1]).unsubscribe_token(subscription);
        assert_eq!(keys(&[1, 2]).open_unsubscribe_token(&token), Some(subscription));
        assert_ne!(keys(&[1, 2]).unsubscribe_token(subscription), token);
        assert_eq!(keys(&[2]).open_unsubscribe_token(&token), None);
    }

    #[test]
    fn a_token_with_one_changed_character_opens_nothing() {
        let token = keys(&[1]).unsubscribe_token(SubscriptionId(Uuid::from_u128(79)));
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                keys(&[1]).open_unsubscribe_token(&String::from_utf8(forged).unwrap()),
                None,
                "at {at}"
            );
        }
    }

    #[test]
    fn confirmation_tokens_need_the_pepper() {
        let bare = keys(&[1]);
        let peppered = Keys::new(vec![(1, vec![1; KEY_LENGTH])], vec![9]).unwrap();
        assert_ne!(
            bare.confirmation_token(1, b"nonce"),
            peppered.confirmation_token(1, b"nonce")
        );
        assert_eq!(bare.confirmation_token(2, b"nonce"), None);
    }
}
