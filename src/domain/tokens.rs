//! The secrets in links, and keyed hashes. Both are derived from signing keys: an unsubscribe link needs no row, and a row does not
//! reveal a link.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ids::SubscriptionId;
use super::signed_links::{ADDRESS_MARK_LENGTH, AddressMark, LinkPurpose, LinkRecipient, SignedLink, SignedLinkError};

/// The bytes of a signing key.
pub const KEY_LENGTH: usize = 32;
/// The bytes of the tag in an unsubscribe token: 128 bits.
const TAG_LENGTH: usize = 16;
/// The bytes of an unsubscribe token: the key's id, the subscription's id and the tag.
const UNSUBSCRIBE_TOKEN_BYTES: usize = 1 + 16 + TAG_LENGTH;
/// The characters of an unsubscribe token, in base64url.
pub const UNSUBSCRIBE_TOKEN_LENGTH: usize = UNSUBSCRIBE_TOKEN_BYTES * 4 / 3;

/// The bytes of a signed link's token: the key's id, the subject, the second in which it expires, the mark of the address, and the tag.
const LINK_TOKEN_BYTES: usize = 1 + 16 + 4 + ADDRESS_MARK_LENGTH + TAG_LENGTH;

/// The keys that sign links. New links use the newest; links of all keys stay valid.
#[derive(Clone)]
pub struct Keys {
    /// Never replaced. Ids and hashes that must stay the same are made with it.
    first: SigningKey,
    /// The further keys, oldest first.
    later: Vec<SigningKey>,
    /// `secrets.key`. With it, a person who reads the database cannot make a confirmation link.
    pepper: Vec<u8>,
}

/// A row of `signing_keys`.
#[derive(Clone)]
struct SigningKey {
    id: u8,
    /// HMAC with this key, before any input. A copy saves half of the work for a short input.
    hmac: Hmac<Sha256>,
}

/// Why the rows of `signing_keys` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// There is no row.
    #[error("the database holds no signing key; run `daywire migrate`")]
    Missing,
    /// A row has an id beyond one byte, or a secret of another length.
    #[error(
        "the signing key {0} in the database is damaged: its id must be from 0 to 255 and its secret must have {KEY_LENGTH} bytes; \
         restore the table signing_keys from a backup"
    )]
    Damaged(i64),
}

/// The database holds no signing key with this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the database holds no signing key {0}; restore the table signing_keys from a backup")]
pub struct UnknownKey(i64);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", 1 + self.later.len())
    }
}

impl SigningKey {
    fn new(id: u8, secret: [u8; KEY_LENGTH]) -> Self {
        let hmac = Hmac::<Sha256>::new_from_slice(&secret).expect("HMAC takes keys of any length");
        Self { id, hmac }
    }

    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.hmac.clone();
        mac.update(purpose.as_bytes());
        for part in parts {
            mac.update(&[0]);
            mac.update(part);
        }
        mac
    }

    fn hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(purpose, parts).finalize().into_bytes().into()
    }
}

impl Keys {
    /// Takes the rows of `signing_keys`, id and secret, oldest first.
    pub fn new(rows: Vec<(i64, Vec<u8>)>, pepper: Vec<u8>) -> Result<Self, KeysError> {
        let mut keys = rows.into_iter().map(|(id, secret)| {
            let (Ok(short_id), Ok(secret)) = (u8::try_from(id), secret.try_into()) else {
                return Err(KeysError::Damaged(id));
            };
            Ok(SigningKey::new(short_id, secret))
        });
        Ok(Self {
            first: keys.next().ok_or(KeysError::Missing)??,
            later: keys.collect::<Result<_, _>>()?,
            pepper,
        })
    }

    fn newest(&self) -> &SigningKey {
        self.later.last().unwrap_or(&self.first)
    }

    fn key(&self, id: u8) -> Option<&SigningKey> {
        std::iter::once(&self.first).chain(&self.later).find(|key| key.id == id)
    }

    /// The token of a subscription's unsubscribe link: always [`UNSUBSCRIBE_TOKEN_LENGTH`] characters.
    #[must_use]
    pub fn unsubscribe_token(&self, subscription: SubscriptionId) -> String {
        let key = self.newest();
        let mut token = Vec::with_capacity(UNSUBSCRIBE_TOKEN_BYTES);
        token.push(key.id);
        token.extend_from_slice(subscription.0.as_bytes());
        token.extend_from_slice(&key.hash("unsubscribe", &[subscription.0.as_bytes()])[..TAG_LENGTH]);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The subscription of an unsubscribe token; `None` if none of our keys made the token.
    #[must_use]
    pub fn open_unsubscribe_token(&self, token: &str) -> Option<SubscriptionId> {
        let token: [u8; UNSUBSCRIBE_TOKEN_BYTES] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (key_id, rest) = token.split_first()?;
        let (subscription, tag) = rest.split_at_checked(16)?;
        // Takes the same time wherever the first difference is.
        let mac = self.key(*key_id)?.mac("unsubscribe", &[subscription]);
        mac.verify_truncated_left(tag).ok()?;
        Uuid::from_slice(subscription).ok().map(SubscriptionId)
    }

    /// The token of a new confirmation link, and the id of the key that made it. The mail stores this id and `nonce`, which must be
    /// random.
    #[must_use]
    pub fn new_confirmation_token(&self, nonce: &[u8]) -> (i64, String) {
        let key = self.newest();
        (i64::from(key.id), self.confirmation_token_of(key, nonce))
    }

    /// The token of a confirmation link, from what is stored with its mail: 256 bits.
    pub fn confirmation_token(&self, key_id: i64, nonce: &[u8]) -> Result<String, UnknownKey> {
        let key = u8::try_from(key_id).ok().and_then(|id| self.key(id));
        let key = key.ok_or(UnknownKey(key_id))?;
        Ok(self.confirmation_token_of(key, nonce))
    }

    fn confirmation_token_of(&self, key: &SigningKey, nonce: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(key.hash("confirm", &[&self.pepper, nonce]))
    }

    /// The token of a link that works for one purpose until `expires_at`, which is cut to whole seconds. Times after the year 2106 become
    /// the last one that fits. The token of a mailed link has a mark of the address ([`Keys::was_mailed_to`]).
    #[must_use]
    pub fn link_token(
        &self,
        purpose: LinkPurpose,
        subject: Uuid,
        mailed_to: Option<LinkRecipient<'_>>,
        expires_at: DateTime<Utc>,
    ) -> String {
        let key = self.newest();
        let seconds = u32::try_from(expires_at.timestamp().max(0)).unwrap_or(u32::MAX);
        let content = [
            &subject.as_bytes()[..],
            &seconds.to_be_bytes(),
            &self.address_mark(mailed_to),
        ]
        .concat();
        let tag = self.link_mac(key, purpose, &content).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([&[key.id], &content[..], &tag[..TAG_LENGTH]].concat())
    }

    /// Opens the token of a link for this purpose.
    ///
    /// # Errors
    /// [`SignedLinkError`] if it was not made here for this purpose, or has expired.
    pub fn open_link_token(
        &self,
        purpose: LinkPurpose,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<SignedLink, SignedLinkError> {
        let link = self.read_link_token(purpose, token).ok_or(SignedLinkError::Unknown)?;
        if link.expires_at <= now {
            return Err(SignedLinkError::Expired);
        }
        Ok(link)
    }

    fn read_link_token(&self, purpose: LinkPurpose, token: &str) -> Option<SignedLink> {
        let token: [u8; LINK_TOKEN_BYTES] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (key_id, rest) = token.split_first()?;
        let (content, tag) = rest.split_at_checked(rest.len() - TAG_LENGTH)?;
        // Takes the same time wherever the first difference is.
        let mac = self.link_mac(self.key(*key_id)?, purpose, content);
        mac.verify_truncated_left(tag).ok()?;
        let (subject, content) = content.split_first_chunk::<16>()?;
        let (seconds, mark) = content.split_first_chunk::<4>()?;
        Some(SignedLink {
            subject: Uuid::from_bytes(*subject),
            expires_at: DateTime::from_timestamp(u32::from_be_bytes(*seconds).into(), 0)?,
            mailed_to: mark.try_into().ok()?,
        })
    }

    /// Whether a link was mailed to this recipient. One that was mailed before a change of the address permits nothing any more.
    #[must_use]
    pub fn was_mailed_to(&self, link: &SignedLink, recipient: LinkRecipient<'_>) -> bool {
        link.mailed_to == self.address_mark(Some(recipient))
    }

    /// The first key makes it, so that it stays the same.
    fn address_mark(&self, recipient: Option<LinkRecipient<'_>>) -> AddressMark {
        let (key, generation) = recipient.map_or(("", 0), |to| (to.address.key(), to.generation));
        let hash = self
            .first
            .hash("link address", &[key.as_bytes(), &generation.to_be_bytes()]);
        std::array::from_fn(|at| hash[at])
    }

    /// The pepper is part of it: a person who reads the database cannot make a link that exports or erases a subscriber.
    fn link_mac(&self, key: &SigningKey, purpose: LinkPurpose, content: &[u8]) -> Hmac<Sha256> {
        key.mac("link", &[purpose.as_str().as_bytes(), content, &self.pepper])
    }

    /// The id of the site's own feed. It stays the same if the site's name or address changes.
    #[must_use]
    pub fn site_id(&self) -> Uuid {
        let hash = self.first.hash("site", &[]);
        uuid::Builder::from_custom_bytes(std::array::from_fn(|at| hash[at])).into_uuid()
    }

    /// The keyed hash by which a rate limit is counted, so that the database does not reveal whose limit it is.
    #[must_use]
    pub fn limit_key(&self, kind: &str, parts: &[&[u8]]) -> [u8; 16] {
        let parts = [&[kind.as_bytes()], parts].concat();
        let hash = self.first.hash("limit", &parts);
        std::array::from_fn(|at| hash[at])
    }

    /// The id of the newest key, and the key for secrets that follows from it (`domain/sealed.rs`).
    pub(super) fn newest_sealing_key(&self) -> (u8, [u8; 32]) {
        let key = self.newest();
        (key.id, key.hash("seal", &[&self.pepper]))
    }

    /// The key for secrets that follows from the key with this id.
    pub(super) fn sealing_key(&self, id: u8) -> Option<[u8; 32]> {
        Some(self.key(id)?.hash("seal", &[&self.pepper]))
    }

    /// The id of the newest key, and its authentication code over `parts` (`domain/return_path.rs`).
    pub(super) fn sign_tag(&self, parts: &[&[u8]]) -> (u8, [u8; 32]) {
        let key = self.newest();
        (key.id, key.hash("tag", parts))
    }

    /// [`sign_tag`](Self::sign_tag) with the first key, so that the same parts always give the same code.
    pub(super) fn sign_lasting_tag(&self, parts: &[&[u8]]) -> (u8, [u8; 32]) {
        (self.first.id, self.first.hash("tag", parts))
    }

    /// Whether the key with this id made the truncated authentication code over `parts`.
    pub(super) fn verify_tag(&self, key: u8, parts: &[&[u8]], code: &[u8]) -> bool {
        // Takes the same time wherever the first difference is.
        self.key(key)
            .is_some_and(|key| key.mac("tag", parts).verify_truncated_left(code).is_ok())
    }

    /// The keyed hash of an address. It stays when all other data about the address is erased.
    #[must_use]
    pub fn address_hash(&self, address_key: &str) -> [u8; 32] {
        self.first.hash("address", &[address_key.as_bytes()])
    }
}

/// The beginning of every operator's token, by which people and secret scanners recognise one.
pub const OPERATOR_TOKEN_MARK: &str = "daywire_";
/// How many characters of an operator's token are stored and shown to name it: 208 of its 256 bits stay secret.
pub const OPERATOR_TOKEN_PREFIX: usize = OPERATOR_TOKEN_MARK.len() + 8;

/// Makes an operator's token from 256 random bits.
#[must_use]
pub fn operator_token(random: &[u8; 32]) -> String {
    format!("{OPERATOR_TOKEN_MARK}{}", URL_SAFE_NO_PAD.encode(random))
}

/// The hash of a token; only this is stored.
#[must_use]
pub fn token_hash(token: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::EmailAddress;

    fn keys(ids: &[i64]) -> Keys {
        let rows = ids.iter().map(|id| (*id, vec![u8::try_from(*id).unwrap(); KEY_LENGTH]));
        Keys::new(rows.collect(), Vec::new()).unwrap()
    }

    #[test]
    fn an_unsubscribe_token_names_its_subscription() {
        let subscription = SubscriptionId(Uuid::from_u128(77));
        let token = keys(&[1]).unsubscribe_token(subscription);
        assert_eq!(token.len(), UNSUBSCRIBE_TOKEN_LENGTH);
        assert_eq!(keys(&[1]).open_unsubscribe_token(&token), Some(subscription));
    }

    #[test]
    fn an_unsubscribe_token_stays_valid_when_a_newer_key_is_added() {
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
    fn a_confirmation_token_depends_on_the_pepper() {
        let bare = keys(&[1]);
        let peppered = Keys::new(vec![(1, vec![1; KEY_LENGTH])], vec![9]).unwrap();
        assert_ne!(
            bare.confirmation_token(1, b"nonce"),
            peppered.confirmation_token(1, b"nonce")
        );
        assert_eq!(bare.confirmation_token(2, b"nonce"), Err(UnknownKey(2)));
        let new = bare.new_confirmation_token(b"nonce");
        assert_eq!(bare.confirmation_token(new.0, b"nonce"), Ok(new.1));
    }

    #[test]
    fn a_signed_link_works_for_its_purpose_until_it_expires() {
        let keys = keys(&[1]);
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let subject = Uuid::from_u128(80);
        let [ada, grace] =
            ["ada@reader.example", "grace@reader.example"].map(|address| EmailAddress::parse(address).unwrap());
        let recipient = |address, generation| LinkRecipient { address, generation };
        let token = keys.link_token(LinkPurpose::Export, subject, Some(recipient(&ada, 1)), at(1_000));
        let link = keys.open_link_token(LinkPurpose::Export, &token, at(999)).unwrap();
        assert_eq!((link.subject, link.expires_at), (subject, at(1_000)));
        assert!(keys.was_mailed_to(&link, recipient(&ada, 1)));
        assert!(!keys.was_mailed_to(&link, recipient(&grace, 1)), "another address");
        assert!(
            !keys.was_mailed_to(&link, recipient(&ada, 3)),
            "changed and undone since"
        );
        let expired = keys.open_link_token(LinkPurpose::Export, &token, at(1_000));
        assert_eq!(expired, Err(SignedLinkError::Expired));
        let other = keys.open_link_token(LinkPurpose::Erasure, &token, at(999));
        assert_eq!(other, Err(SignedLinkError::Unknown));
        let peppered = Keys::new(vec![(1, vec![1; KEY_LENGTH])], vec![9]).unwrap();
        let unknown = peppered.open_link_token(LinkPurpose::Export, &token, at(999));
        assert_eq!(unknown, Err(SignedLinkError::Unknown));
        for at_byte in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at_byte] = if forged[at_byte] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            let opened = keys.open_link_token(LinkPurpose::Export, &forged, at(999));
            assert_eq!(opened, Err(SignedLinkError::Unknown), "at {at_byte}");
        }
    }

    #[test]
    fn missing_and_damaged_keys_are_refused() {
        let new = |rows| Keys::new(rows, Vec::new()).expect_err("the rows are unusable");
        assert_eq!(new(Vec::new()), KeysError::Missing);
        assert_eq!(
            new(vec![(1, vec![1; KEY_LENGTH]), (2, Vec::new())]),
            KeysError::Damaged(2)
        );
        assert_eq!(new(vec![(256, vec![1; KEY_LENGTH])]), KeysError::Damaged(256));
    }
}
