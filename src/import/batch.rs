//! Stores the rows of one transaction: reads what is on record about all their addresses, decides row by row in memory, and writes each
//! table with statements for many rows.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::decision::{Change, Circumstances, Decision};
use super::held_back::Held;
use super::options::Options;
use super::read_row::{Person, ReadRow};
use crate::app::App;
use crate::clock::SortedIds;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::{SubscriberId, SubscriptionId};
use crate::domain::states::{ConsentEvent, SubscriptionState, SuppressionReason};
use crate::store::confirmation_asks::NewAsk;
use crate::store::consent_records::NewConsent;
use crate::store::imports::{ImportedSubscription, NewSuppression, OnRecord};
use crate::store::newsletters::Newsletter;
use crate::store::signups::AddressHash;
use crate::store::subscribers::NewSubscriber;
use crate::store::{StoreError, Tx};
use crate::text::html::clean_line;

/// What all batches of an import share.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) app: &'a App,
    pub(super) newsletter: &'a Newsletter,
    pub(super) options: &'a Options,
}

/// A row, and what all rows decide about its address.
pub(super) struct BatchRow {
    pub(super) row: ReadRow,
    pub(super) held: Held,
}

impl Target<'_> {
    /// What is on record about the addresses of these rows.
    pub(super) async fn on_record(
        self,
        tx: &mut Tx,
        rows: &[&BatchRow],
    ) -> Result<HashMap<AddressHash, OnRecord>, StoreError> {
        let people = rows.iter().filter_map(|row| row.row.person.as_ref().ok());
        let hashes: HashSet<_> = people.map(|person| person.hash).collect();
        let hashes: Vec<_> = hashes.into_iter().collect();
        let mut on_record = tx.on_record(self.newsletter.id, &hashes).await?;
        if self.options.ask {
            for hash in tx.asked_addresses(self.newsletter.id, &hashes).await? {
                on_record.entry(hash).or_default().is_asked = true;
            }
        }
        Ok(on_record)
    }

    /// Decides about each row and writes what it changes. Returns the decisions; `None` for a row that cannot be used.
    pub(super) async fn store(self, tx: &mut Tx, rows: &[&BatchRow]) -> Result<Vec<Option<Decision>>, StoreError> {
        let mut on_record = self.on_record(tx, rows).await?;
        let mut writes = Writes::new(self);
        let mut decisions = Vec::with_capacity(rows.len());
        for row in rows {
            let Ok(person) = &row.row.person else {
                decisions.push(None);
                continue;
            };
            let on_record = on_record.entry(person.hash).or_default();
            let decision = self.decide(row, person, on_record);
            if decision.writes() {
                // An earlier row of the batch has the same address: what it changes must be written before this row's changes.
                if !writes.addresses.insert(person.hash) {
                    let next = writes.next();
                    std::mem::replace(&mut writes, next).write(tx).await?;
                    writes.addresses.insert(person.hash);
                }
                writes.add(person, row.row.line, &decision, on_record);
            }
            decisions.push(Some(decision));
        }
        writes.write(tx).await?;
        Ok(decisions)
    }

    /// What a row changes, given what is on record.
    pub(super) fn decide(self, row: &BatchRow, person: &Person, on_record: &OnRecord) -> Decision {
        let circumstances = Circumstances {
            before: on_record.into(),
            held: row.held,
            confirms: self.options.confirmed,
            asks: self.options.ask,
        };
        Decision::new(
            person.reported.status,
            &person.reported.because_in_summary,
            circumstances,
        )
    }
}

/// What rows with different addresses change, collected for statements with many rows.
struct Writes<'a> {
    target: Target<'a>,
    now: DateTime<Utc>,
    ids: SortedIds,
    /// The addresses that something is written for.
    addresses: HashSet<AddressHash>,
    subscribers: Vec<NewSubscriber<'a>>,
    subscriptions: Vec<ImportedSubscription>,
    consents: Vec<NewConsent>,
    /// Entries of new subscriptions that had ended before the import.
    former: Vec<NewConsent>,
    /// Pending subscriptions that become confirmed.
    confirmed: Vec<SubscriptionId>,
    /// Existing subscriptions that end, with their entries of the consent record.
    ended: Vec<NewConsent>,
    asks: Vec<NewAsk>,
    suppressions: Vec<NewSuppression>,
    /// Suppressions of existing subscribers, for whom something may wait to be sent.
    suppressions_of_subscribers: Vec<NewSuppression>,
}

impl<'a> Writes<'a> {
    fn new(target: Target<'a>) -> Self {
        let now = target.app.clock.now();
        Self::with(target, now, target.app.rng.sorted_ids(now))
    }

    /// The writes of the next rows. Their ids follow those of these rows, because consent records with the same time are sorted by id.
    fn next(&self) -> Self {
        Self::with(self.target, self.now, self.ids.clone())
    }

    fn with(target: Target<'a>, now: DateTime<Utc>, ids: SortedIds) -> Self {
        Self {
            target,
            now,
            ids,
            addresses: HashSet::new(),
            subscribers: Vec::new(),
            subscriptions: Vec::new(),
            consents: Vec::new(),
            former: Vec::new(),
            confirmed: Vec::new(),
            ended: Vec::new(),
            asks: Vec::new(),
            suppressions: Vec::new(),
            suppressions_of_subscribers: Vec::new(),
        }
    }

    /// Adds what a row changes, and enters it into `on_record`.
    fn add(&mut self, person: &'a Person, line: u64, decision: &Decision, on_record: &mut OnRecord) {
        let is_known = on_record.subscriber.is_some();
        let subscriber = *on_record
            .subscriber
            .get_or_insert_with(|| SubscriberId(self.ids.next_id()));
        if !is_known {
            self.subscribers.push(NewSubscriber {
                id: subscriber,
                address: &person.address,
                address_hash: &person.hash,
                name: person.reported.name.as_deref(),
                timezone: person.reported.timezone,
            });
        }
        let state = decision.after.state.unwrap_or(SubscriptionState::Pending);
        let subscription = if let Some((id, _)) = on_record.subscription {
            id
        } else {
            let id = SubscriptionId(self.ids.next_id());
            self.subscriptions.push(ImportedSubscription {
                id,
                subscriber_id: subscriber,
                state,
                topics: person.topics.clone(),
            });
            id
        };
        on_record.subscription = Some((subscription, state));
        self.add_consent(person, decision, subscription);
        if decision.asks {
            self.asks.push(NewAsk {
                address_hash: person.hash,
                note: self.note(person),
            });
        }
        on_record.is_asked = decision.after.is_asked;
        if let Some(reason) = decision.suppress {
            self.suppress(person, line, reason, is_known || on_record.suppressed.is_some());
        }
        on_record.suppressed = decision.after.suppressed;
    }

    fn add_consent(&mut self, person: &Person, decision: &Decision, subscription_id: SubscriptionId) {
        let event = match decision.change {
            Change::Confirm => ConsentEvent::Imported,
            Change::End => ConsentEvent::Unsubscribed,
            Change::Nothing => return,
        };
        let consent = NewConsent {
            id: self.ids.next_id(),
            subscription_id,
            newsletter_id: self.target.newsletter.id,
            event,
            at: self.now,
            network_address: self.target.app.recorded_network(person.reported.network_address),
            source: ConsentSource::Import(self.note(person)),
            words_hash: None,
            mail_text_hash: None,
        };
        match decision.change {
            Change::End if decision.is_new => self.former.push(consent),
            Change::End => self.ended.push(consent),
            _ if decision.is_new => self.consents.push(consent),
            _ => {
                self.confirmed.push(subscription_id);
                self.consents.push(consent);
            }
        }
    }

    /// What the consent record says about an imported person: where the consent comes from, and the other system's evidence, unchanged.
    fn note(&self, person: &Person) -> String {
        let provenance = self.target.options.provenance.as_deref();
        let mut note = provenance.unwrap_or("no provenance given").to_owned();
        for evidence in [&person.reported.because, &person.reported.evidence] {
            if !evidence.is_empty() {
                note.push_str("; ");
                note.push_str(&clean_line(evidence));
            }
        }
        note
    }

    fn suppress(&mut self, person: &Person, line: u64, reason: SuppressionReason, may_wait: bool) {
        let suppression = NewSuppression {
            address_hash: person.hash,
            reason,
            evidence: format!("{}, line {line}: {}", self.target.options.file, person.reported.because),
            since: person.reported.since.map_or(self.now, |since| since.min(self.now)),
        };
        if may_wait {
            self.suppressions_of_subscribers.push(suppression);
        } else {
            self.suppressions.push(suppression);
        }
    }

    /// Writes everything, each table after the one that it refers to.
    async fn write(mut self, tx: &mut Tx) -> Result<(), StoreError> {
        // In this order, neighbouring rows change the same pages of an index, and two imports of the same people lock them in the same
        // order.
        self.subscribers
            .sort_unstable_by(|one, other| one.address_hash.cmp(other.address_hash));
        tx.import_subscribers(&self.subscribers, self.now).await?;
        tx.import_subscriptions(self.target.newsletter.id, &self.subscriptions, self.now)
            .await?;
        if tx.confirm_imported(&self.confirmed, self.now).await? != self.confirmed.len() as u64 {
            return Err(StoreError::Changed);
        }
        for consent in self.ended {
            // A subscriber who left meanwhile has an entry for that.
            if tx.end_subscription(consent.subscription_id, self.now).await?.is_some() {
                self.consents.push(consent);
            }
        }
        tx.import_consents(&self.consents).await?;
        tx.import_former_consents(&self.former).await?;
        tx.add_confirmation_asks(self.target.newsletter.id, &self.asks, self.now)
            .await?;
        tx.add_suppressions(&self.suppressions, self.now).await?;
        for new in self.suppressions_of_subscribers {
            tx.suppress_since(&new.address_hash, new.reason, &new.evidence, new.since, self.now)
                .await?;
        }
        Ok(())
    }
}
