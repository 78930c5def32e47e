//! What a batch of sign-ups writes.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::check::CheckedRequest;
use super::mail_cache::{MailCache, SharedMail};
use super::state::{State, SubscriptionChange};
use crate::domain::ids::SubscriptionId;
use crate::domain::time_zone::TimeZone;
use crate::store::confirmations::NewConfirmation;
use crate::store::consent_records::NewConsent;
use crate::store::mailbox_histories::MailboxKey;
use crate::store::new_transactional_mails::NewTransactionalMail;
use crate::store::signups::{AddressHash, NewSubscription};
use crate::store::spent_tokens::SpentKey;
use crate::store::subscribers::NewSubscriber;
use crate::store::texts::SharedText;
use crate::store::transactional_mails::TransactionalMail;
use crate::store::{StoreError, Tx};
use crate::words::Language;

/// Name, time zone and language of a request.
type Profile = (Option<String>, Option<TimeZone>, Option<Language>);

/// A mail to be queued.
#[derive(Debug)]
pub(super) struct QueuedMail {
    pub(super) mail: TransactionalMail,
    pub(super) shared: Arc<SharedMail>,
}

/// The rows to be written, in the order of their requests. The others are those of [`State`] that have changed.
#[derive(Debug, Default)]
pub(super) struct Writes {
    pub(super) confirmations: Vec<NewConfirmation>,
    pub(super) consents: Vec<NewConsent>,
    pub(super) mails: Vec<QueuedMail>,
    /// The mailboxes whose histories changed.
    pub(super) mailboxes: HashSet<MailboxKey>,
    pub(super) suppressed_and_mailed: BTreeSet<AddressHash>,
    /// The tokens of forms and proofs that were used, and when they expire.
    pub(super) spent: Vec<(SpentKey, DateTime<Utc>)>,
    /// The hashes of the texts that consent records and mails refer to.
    pub(super) texts: HashSet<[u8; 32]>,
    /// The profiles that the unused links of a subscription keep: what all later requests repeated.
    disputes: BTreeMap<SubscriptionId, Profile>,
}

impl Writes {
    /// Returns the hash by which a row refers to a text.
    pub(super) fn refer_to(&mut self, text: &SharedText) -> [u8; 32] {
        self.texts.insert(text.hash);
        text.hash
    }

    /// Removes name, time zone and language from unused links of a subscription if a later request gives others.
    pub(super) fn dispute(&mut self, subscription: SubscriptionId, later: &CheckedRequest) {
        let later: Profile = (later.name.clone(), later.timezone, later.language);
        let links = self.confirmations.iter_mut();
        for link in links.filter(|link| link.subscription_id == subscription) {
            keep_agreed((&mut link.name, &mut link.timezone, &mut link.language), &later);
        }
        if let Some((name, timezone, language)) = self.disputes.get_mut(&subscription) {
            keep_agreed((name, timezone, language), &later);
        } else {
            self.disputes.insert(subscription, later);
        }
    }

    /// Writes everything. Returns the hashes of the texts that were not known to be stored.
    pub(super) async fn write(
        &self,
        tx: &mut Tx,
        state: &State<'_>,
        texts: &[&SharedText],
        mails: &MailCache,
        now: DateTime<Utc>,
    ) -> Result<Vec<[u8; 32]>, StoreError> {
        let mut stored = Vec::new();
        let shared = self
            .mails
            .iter()
            .flat_map(|queued| [&queued.shared.html, &queued.shared.text]);
        for text in texts.iter().copied().chain(shared) {
            if self.texts.contains(&text.hash) && !mails.is_stored(text) && !stored.contains(&text.hash) {
                tx.store_text(text).await?;
                stored.push(text.hash);
            }
        }
        let added = state.people.values().filter_map(|person| {
            person.added_by.map(|request| NewSubscriber {
                id: person.id,
                address: &request.address,
                address_hash: &request.address_hash,
                // What was typed is stored for the subscriber when the mailed link is used.
                name: None,
                timezone: None,
            })
        });
        tx.add_subscribers(&added.collect::<Vec<_>>(), now).await?;
        let (mut added, mut mailed) = (Vec::new(), Vec::new());
        for person in state.people.values() {
            for subscription in &person.subscriptions {
                match subscription.change {
                    None => {}
                    Some(SubscriptionChange::Mailed) => mailed.push(subscription.id),
                    Some(SubscriptionChange::Added) => added.push(NewSubscription {
                        id: subscription.id,
                        subscriber_id: person.id,
                        newsletter_id: subscription.newsletter_id,
                        mailed_at: subscription.mailed_at,
                    }),
                }
            }
        }
        tx.add_subscriptions(&added, now).await?;
        mailed.sort_unstable();
        tx.set_mailed_at(&mailed, now).await?;
        for hash in &self.suppressed_and_mailed {
            tx.note_confirmation_of_suppressed(hash, now).await?;
        }
        // Before the new links are added, because a dispute concerns only those that were made before it.
        for (subscription, (name, timezone, language)) in &self.disputes {
            tx.forget_disputed_profile(*subscription, name.as_deref(), *timezone, *language, now)
                .await?;
        }
        let histories = state.mailboxes.iter();
        let mut histories: Vec<_> = histories.filter(|(key, _)| self.mailboxes.contains(*key)).collect();
        histories.sort_unstable_by_key(|(key, _)| **key);
        tx.put_mailbox_histories(&histories, now).await?;
        tx.add_confirmations(&self.confirmations).await?;
        tx.add_consents(&self.consents).await?;
        let mails: Vec<_> = self
            .mails
            .iter()
            .map(|queued| NewTransactionalMail {
                mail: &queued.mail,
                turn_at: queued.mail.turn_at,
                shared: Some([&queued.shared.html, &queued.shared.text]),
            })
            .collect();
        tx.add_transactional_mails(&mails).await?;
        let mut spent = self.spent.clone();
        spent.sort_unstable();
        tx.spend_tokens(&spent).await?;
        tx.store_rate_limits(&state.limits).await?;
        Ok(stored)
    }
}

/// Removes what differs in a later request. Nobody knows which of the two requests came from the owner of the address.
fn keep_agreed(
    (name, timezone, language): (&mut Option<String>, &mut Option<TimeZone>, &mut Option<Language>),
    later: &Profile,
) {
    if *name != later.0 {
        *name = None;
    }
    if *timezone != later.1 {
        *timezone = None;
    }
    if *language != later.2 {
        *language = None;
    }
}
