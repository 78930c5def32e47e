//! What a batch of sign-ups concerns: as the transaction has read it, and as the requests change it.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::check::CheckedRequest;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{NewsletterId, SubscriberId, SubscriptionId};
use crate::domain::states::SubscriptionState;
use crate::store::mailbox_histories::{MailboxHistory, MailboxKey};
use crate::store::new_transactional_mails::Turns;
use crate::store::rate_limits::{LimitKey, RateLimits};
use crate::store::signups::AddressHash;
use crate::store::spent_tokens::SpentKey;
use crate::store::suppressions::Suppression;
use crate::store::{StoreError, Tx};
use crate::words::Language;

/// What the transaction has read, and what the requests decided so far have made of it.
#[derive(Debug, Default)]
pub(super) struct State<'a> {
    pub(super) suppressions: HashMap<AddressHash, Suppression>,
    /// Subscribers by the keys of their addresses.
    pub(super) people: BTreeMap<String, Person<'a>>,
    pub(super) mailboxes: HashMap<MailboxKey, MailboxHistory>,
    pub(super) turns: Turns,
    /// The tokens of forms and proofs that were used.
    pub(super) spent: HashSet<SpentKey>,
    pub(super) limits: RateLimits,
}

/// A subscriber, stored or to be added.
#[derive(Debug)]
pub(super) struct Person<'a> {
    pub(super) id: SubscriberId,
    /// The address as it was first typed. All mails go to it: another spelling may be another mailbox, because only the receiving server
    /// knows whether case matters.
    pub(super) address: EmailAddress,
    /// The request that adds the subscriber; `None` if they are stored.
    pub(super) added_by: Option<&'a CheckedRequest>,
    pub(super) subscriptions: Vec<KnownSubscription>,
}

/// A subscription, stored or to be added.
#[derive(Clone, Debug)]
pub(super) struct KnownSubscription {
    pub(super) id: SubscriptionId,
    pub(super) newsletter_id: NewsletterId,
    pub(super) state: SubscriptionState,
    pub(super) is_paused_after_bounces: bool,
    /// When the last confirmation mail was queued; `None` once its link was used.
    pub(super) mailed_at: Option<DateTime<Utc>>,
    pub(super) language: Option<Language>,
    /// How its row changes; `None` if it does not.
    pub(super) change: Option<SubscriptionChange>,
}

impl KnownSubscription {
    /// A pending subscription to be added.
    pub(super) const fn added(id: SubscriptionId, newsletter_id: NewsletterId) -> Self {
        Self {
            id,
            newsletter_id,
            state: SubscriptionState::Pending,
            is_paused_after_bounces: false,
            mailed_at: None,
            language: None,
            change: Some(SubscriptionChange::Added),
        }
    }
}

/// The change of a subscription's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SubscriptionChange {
    Added,
    /// A confirmation mail was queued for it.
    Mailed,
}

impl State<'_> {
    /// Reads and locks what the requests concern. Their mailboxes are locked already, so no other sign-up and no confirmation changes
    /// it meanwhile.
    pub(super) async fn read(
        tx: &mut Tx,
        requests: &[&CheckedRequest],
        limits: Vec<LimitKey>,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let hashes = distinct(requests, |request| request.address_hash);
        let suppressions = tx.suppressions_of(&hashes).await?;
        let mut people = BTreeMap::new();
        for found in tx.subscriptions_of_addresses(&hashes).await? {
            let person = people.entry(found.address_key).or_insert_with(|| Person {
                id: found.subscriber_id,
                address: found.address,
                added_by: None,
                subscriptions: Vec::new(),
            });
            if let (Some(id), Some(newsletter_id), Some(state)) = (found.id, found.newsletter_id, found.state) {
                person.subscriptions.push(KnownSubscription {
                    id,
                    newsletter_id,
                    state,
                    is_paused_after_bounces: found.pause_reason.is_some(),
                    mailed_at: found.mailed_at,
                    language: found.language,
                    change: None,
                });
            }
        }
        let mailboxes = distinct(requests, |request| request.mailbox);
        let mailboxes = tx.mailbox_histories(&mailboxes).await?;
        let requesters = distinct(requests, |request| request.requester.as_str());
        let turns = tx.last_turns(&requesters).await?;
        let mut tokens: Vec<SpentKey> = requests
            .iter()
            .flat_map(|request| request.tokens())
            .map(|(key, _)| *key)
            .collect();
        tokens.sort_unstable();
        tokens.dedup();
        let spent = tx.spent_tokens(&tokens).await?;
        // Last, because all sign-ups take a permit of the overall limit, and wait for its row on PostgreSQL.
        let limits = tx.lock_rate_limits(limits, now).await?;
        Ok(Self {
            suppressions,
            people,
            mailboxes,
            turns,
            spent,
            limits,
        })
    }
}

/// The different values of requests, sorted.
fn distinct<'a, T: Ord>(requests: &[&'a CheckedRequest], value: impl Fn(&'a CheckedRequest) -> T) -> Vec<T> {
    let mut values: Vec<T> = requests.iter().map(|request| value(request)).collect();
    values.sort_unstable();
    values.dedup();
    values
}
