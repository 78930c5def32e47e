//! The record of consent: what was requested, shown and confirmed. Rows are only added, and deleted with a subscription that was never
//! confirmed ([`Tx::purge_pending`]).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Result, Tx, on, row, texts};
use crate::domain::consent::ConsentSource;
use crate::domain::ids::SubscriptionId;
use crate::domain::states::ConsentEvent;

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

impl Tx {
    /// Adds an entry to the consent record. Store its texts first ([`Tx::store_text`]); the entry refers to them by their hashes.
    pub(crate) async fn add_consent(
        &mut self,
        id: Uuid,
        subscription: SubscriptionId,
        record: &ConsentRecord,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO consent_records (id, subscription_id, event, at, network_address, source, words_hash, mail_text_hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            id,
            subscription,
            record.event,
            record.at,
            &record.network_address,
            &record.source,
            record.words.as_deref().map(|words| texts::hash(words).to_vec()),
            record.mail_text.as_deref().map(|text| texts::hash(text).to_vec())
        )?;
        Ok(())
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
