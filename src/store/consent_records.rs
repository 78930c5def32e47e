//! The record of consent: what was requested, shown and confirmed. Rows are only added, and deleted with a subscription that was never
//! confirmed ([`Tx::purge_pending`]).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{EventSubject, Result, Tx, insert, on, row, texts};
use crate::domain::consent::ConsentSource;
use crate::domain::counted::CountedEvent;
use crate::domain::ids::{NewsletterId, SubscriptionId};
use crate::domain::states::ConsentEvent;
use crate::domain::webhook::WebhookEvent;

row! {
    /// An entry of the record of consent.
    #[derive(Clone)]
    pub struct ConsentRecord {
        /// The event that is recorded.
        pub event: ConsentEvent,
        /// The time of the event.
        pub at: DateTime<Utc>,
        /// The network address of the request; `None` for an operator.
        pub network_address: Option<String>,
        /// What caused the event.
        pub source: ConsentSource,
        /// The exact text that the form showed.
        pub words: Option<String>,
        /// The text of the mail, without its token.
        pub mail_text: Option<String>,
    }
}

/// An entry to be added. Its texts are given by their hashes, and must be stored first ([`Tx::store_text`]).
#[derive(Debug)]
pub(crate) struct NewConsent {
    pub(crate) id: Uuid,
    pub(crate) subscription_id: SubscriptionId,
    pub(crate) newsletter_id: NewsletterId,
    pub(crate) event: ConsentEvent,
    pub(crate) at: DateTime<Utc>,
    pub(crate) network_address: Option<String>,
    pub(crate) source: ConsentSource,
    pub(crate) words_hash: Option<[u8; 32]>,
    pub(crate) mail_text_hash: Option<[u8; 32]>,
}

impl Tx {
    /// Adds an entry to the consent record, and counts it for the statistics of the newsletter. Store its texts first
    /// ([`Tx::store_text`]).
    pub(crate) async fn add_consent(
        &mut self,
        id: Uuid,
        subscription: SubscriptionId,
        newsletter: NewsletterId,
        record: &ConsentRecord,
    ) -> Result<()> {
        let new = NewConsent {
            id,
            subscription_id: subscription,
            newsletter_id: newsletter,
            event: record.event,
            at: record.at,
            network_address: record.network_address.clone(),
            source: record.source.clone(),
            words_hash: record.words.as_deref().map(texts::hash),
            mail_text_hash: record.mail_text.as_deref().map(texts::hash),
        };
        self.add_consents(&[new]).await
    }

    /// Adds entries to the consent record, and counts them for the statistics.
    pub(crate) async fn add_consents(&mut self, consents: &[NewConsent]) -> Result<()> {
        self.count_consents(consents);
        self.insert_consents(consents).await
    }

    pub(super) async fn insert_consents(&mut self, consents: &[NewConsent]) -> Result<()> {
        insert!(
            self,
            "consent_records (id, subscription_id, event, at, network_address, source, words_hash, mail_text_hash)",
            consents,
            |new| new.id,
            new.subscription_id,
            new.event,
            new.at,
            new.network_address.as_deref(),
            &new.source,
            new.words_hash.as_ref().map(|hash| &hash[..]),
            new.mail_text_hash.as_ref().map(|hash| &hash[..])
        );
        Ok(())
    }

    /// Counts entries of the consent record for the statistics, and collects their events for webhooks.
    pub(super) fn count_consents(&mut self, consents: &[NewConsent]) {
        for new in consents {
            if let Some(event) = CountedEvent::of_consent(new.event, &new.source) {
                self.count_event(Some(new.newsletter_id), event, 1, new.at);
            }
        }
        self.collect_consents(consents);
    }

    /// Collects the events of entries of the consent record for webhooks.
    pub(super) fn collect_consents(&mut self, consents: &[NewConsent]) {
        for new in consents {
            let fields = vec![("source", new.source.kind().into())];
            let subject = EventSubject::Subscription(new.subscription_id);
            self.collect_event(WebhookEvent::of_consent(new.event), new.at, subject, fields);
        }
    }

    /// The record of consent of one subscription, oldest entry first.
    pub async fn consent_of(&mut self, subscription: SubscriptionId) -> Result<Vec<ConsentRecord>> {
        Ok(on!(
            self,
            all as ConsentRecord,
            "SELECT r.event, r.at, r.network_address, r.source, form.body AS words, mail.body AS mail_text \
             FROM consent_records r LEFT JOIN texts form ON form.hash = r.words_hash \
             LEFT JOIN texts mail ON mail.hash = r.mail_text_hash WHERE r.subscription_id = $1 ORDER BY r.at, r.id",
            subscription
        )?)
    }
}
