//! Statements for many imported rows at once: what they find, and what they add.
//!
//! SQLite gets `INSERT` statements with many rows, and PostgreSQL gets `COPY` into the tables themselves. A row that another transaction
//! has added meanwhile fails the statement ([`StoreError::is_race`](super::StoreError::is_race)), and the caller repeats the transaction:
//! it then finds that row.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::consent_records::NewConsent;
use super::copied_rows::CopiedRows;
use super::signups::AddressHash;
use super::subscribers::NewSubscriber;
use super::{Result, StoreError, Tx, execution, insert, over_values, row, select_over};
use crate::domain::ids::{NewsletterId, SubscriberId, SubscriptionId};
use crate::domain::states::{SubscriptionState, SuppressionReason};
use crate::domain::topics::Topics;

row! {
    /// A subscriber, and one of the subscriptions if there are any.
    struct FoundRow {
        subscriber_id: SubscriberId,
        address_hash: Vec<u8>,
        id: Option<SubscriptionId>,
        newsletter_id: Option<NewsletterId>,
        state: Option<SubscriptionState>,
        mailed_at: Option<DateTime<Utc>>,
    }
}

/// What is on record about an address.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OnRecord {
    pub(crate) subscriber: Option<SubscriberId>,
    /// The subscription to the newsletter of the import.
    pub(crate) subscription: Option<(SubscriptionId, SubscriptionState)>,
    /// Why the address is suppressed.
    pub(crate) suppressed: Option<SuppressionReason>,
    /// Whether a confirmation mail was sent. If the import asks, also whether the address waits for one.
    pub(crate) is_asked: bool,
}

/// A subscription to be added.
#[derive(Debug)]
pub(crate) struct ImportedSubscription {
    pub(crate) id: SubscriptionId,
    pub(crate) subscriber_id: SubscriberId,
    /// Pending, confirmed or unsubscribed.
    pub(crate) state: SubscriptionState,
    pub(crate) topics: Topics,
}

impl ImportedSubscription {
    fn confirmed_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (self.state == SubscriptionState::Confirmed).then_some(now)
    }

    fn ended_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (self.state == SubscriptionState::Unsubscribed).then_some(now)
    }

    /// As if it had been added as pending and then ended.
    fn state_before_end(&self) -> Option<SubscriptionState> {
        (self.state == SubscriptionState::Unsubscribed).then_some(SubscriptionState::Pending)
    }
}

/// A suppression to be added for an address that is not suppressed, and that no subscriber has.
#[derive(Debug)]
pub(crate) struct NewSuppression {
    pub(crate) address_hash: AddressHash,
    pub(crate) reason: SuppressionReason,
    pub(crate) evidence: String,
    pub(crate) since: DateTime<Utc>,
}

impl Tx {
    /// What is on record about addresses, given by their hashes. An address without any record is not in the result.
    pub(crate) async fn on_record(
        &mut self,
        newsletter: NewsletterId,
        hashes: &[AddressHash],
    ) -> Result<HashMap<AddressHash, OnRecord>> {
        let mut found: HashMap<AddressHash, OnRecord> = HashMap::with_capacity(hashes.len());
        for row in self.subscriptions_of_hashes(hashes).await? {
            let on_record = found.entry(parsed(row.address_hash)?).or_default();
            on_record.subscriber = Some(row.subscriber_id);
            if row.newsletter_id == Some(newsletter) {
                on_record.subscription = row.id.zip(row.state);
                on_record.is_asked = row.mailed_at.is_some();
            }
        }
        for (hash, reason) in self.suppression_reasons(hashes).await? {
            found.entry(parsed(hash)?).or_default().suppressed = Some(reason);
        }
        Ok(found)
    }

    async fn subscriptions_of_hashes(&mut self, hashes: &[AddressHash]) -> Result<Vec<FoundRow>> {
        const SELECT: &str = "SELECT p.id AS subscriber_id, p.address_hash, s.id, s.newsletter_id, s.state, s.mailed_at \
            FROM subscribers p LEFT JOIN subscriptions s ON s.subscriber_id = p.id WHERE p.address_hash ";
        if let Self::Postgres(db) = self {
            let sql = sqlx::AssertSqlSafe(format!("{SELECT} = ANY ($1)"));
            let hashes: Vec<_> = hashes.iter().map(|hash| &hash[..]).collect();
            let query = sqlx::query::<sqlx::Postgres>(sql).bind(hashes);
            return Ok(db.all(query).await.and_then(execution::all)?);
        }
        let select = format!("{SELECT} IN (");
        Ok(select_over!(self, select, ")", FoundRow, hashes, |hash| &hash[..]))
    }

    async fn suppression_reasons(&mut self, hashes: &[AddressHash]) -> Result<Vec<(Vec<u8>, SuppressionReason)>> {
        type Found = (Vec<u8>, SuppressionReason);
        const SELECT: &str = "SELECT address_hash, reason FROM suppressions WHERE address_hash ";
        if let Self::Postgres(db) = self {
            let sql = sqlx::AssertSqlSafe(format!("{SELECT} = ANY ($1)"));
            let hashes: Vec<_> = hashes.iter().map(|hash| &hash[..]).collect();
            let query = sqlx::query::<sqlx::Postgres>(sql).bind(hashes);
            return Ok(db.all(query).await.and_then(execution::all)?);
        }
        let select = format!("{SELECT} IN (");
        Ok(select_over!(self, select, ")", Found, hashes, |hash| &hash[..]))
    }

    /// Adds subscribers, none of whom may exist.
    pub(crate) async fn import_subscribers(&mut self, new: &[NewSubscriber<'_>], now: DateTime<Utc>) -> Result<()> {
        let Self::Postgres(db) = self else {
            return self.add_subscribers(new, now).await;
        };
        let mut rows = CopiedRows::new(7);
        for new in new {
            let zone = new.timezone.map(|zone| zone.to_string());
            rows.row()
                .uuid(new.id.0)
                .text(new.address.as_typed())
                .text(new.address.key())
                .bytes(new.address_hash)
                .optional_text(new.name)
                .optional_text(zone.as_deref())
                .time(now);
        }
        rows.copy(
            db,
            "subscribers (id, address, address_key, address_hash, name, timezone, created_at)",
        )
        .await
    }

    /// Adds subscriptions, none of which may exist.
    pub(crate) async fn import_subscriptions(
        &mut self,
        newsletter: NewsletterId,
        new: &[ImportedSubscription],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let Self::Postgres(db) = self else {
            insert!(
                self,
                "subscriptions (id, subscriber_id, newsletter_id, state, requested_at, confirmed_at, ended_at, state_before_end, topics)",
                new,
                |new| new.id,
                new.subscriber_id,
                newsletter,
                new.state,
                now,
                new.confirmed_at(now),
                new.ended_at(now),
                new.state_before_end(),
                &new.topics
            );
            return Ok(());
        };
        let mut rows = CopiedRows::new(9);
        for new in new {
            rows.row()
                .uuid(new.id.0)
                .uuid(new.subscriber_id.0)
                .uuid(newsletter.0)
                .text(new.state.as_str())
                .time(now)
                .optional_time(new.confirmed_at(now))
                .optional_time(new.ended_at(now))
                .optional_text(new.state_before_end().map(SubscriptionState::as_str))
                .text(&new.topics.to_vec().join("\n"));
        }
        rows.copy(
            db,
            "subscriptions (id, subscriber_id, newsletter_id, state, requested_at, confirmed_at, ended_at, state_before_end, topics)",
        )
        .await
    }

    /// [`Tx::add_consents`] for many entries. They have no texts.
    pub(crate) async fn import_consents(&mut self, consents: &[NewConsent]) -> Result<()> {
        self.copy_consents(consents).await?;
        self.count_consents(consents);
        Ok(())
    }

    /// Does as [`Self::import_consents`] for subscriptions that had ended before they were imported. They do not count as readers who left.
    pub(crate) async fn import_former_consents(&mut self, consents: &[NewConsent]) -> Result<()> {
        self.copy_consents(consents).await?;
        self.collect_consents(consents);
        Ok(())
    }

    async fn copy_consents(&mut self, consents: &[NewConsent]) -> Result<()> {
        let Self::Postgres(db) = self else {
            return self.insert_consents(consents).await;
        };
        let mut rows = CopiedRows::new(6);
        for new in consents {
            rows.row()
                .uuid(new.id)
                .uuid(new.subscription_id.0)
                .text(new.event.as_str())
                .time(new.at)
                .optional_text(new.network_address.as_deref())
                .text(&new.source.to_string());
        }
        rows.copy(
            db,
            "consent_records (id, subscription_id, event, at, network_address, source)",
        )
        .await
    }

    /// Confirms pending subscriptions, and returns how many. One that is not pending any more stays as it is.
    pub(crate) async fn confirm_imported(&mut self, ids: &[SubscriptionId], now: DateTime<Utc>) -> Result<u64> {
        Ok(over_values!(
            self,
            "WITH imported (id) AS (",
            ") UPDATE subscriptions SET state = 'confirmed', confirmed_at = $1, mailed_at = NULL FROM imported \
             WHERE subscriptions.id = imported.id AND subscriptions.state = 'pending'",
            [now],
            ids,
            |id| *id
        ))
    }

    /// Suppresses addresses for which nothing waits to be sent. None may be suppressed.
    pub(crate) async fn add_suppressions(&mut self, new: &[NewSuppression], now: DateTime<Utc>) -> Result<()> {
        for new in new {
            self.collect_suppression(&new.address_hash, new.reason, now);
        }
        insert!(
            self,
            "suppressions (address_hash, reason, evidence, created_at)",
            new,
            |new| &new.address_hash[..],
            new.reason,
            &new.evidence,
            new.since
        );
        Ok(())
    }
}

pub(super) fn parsed(hash: Vec<u8>) -> Result<AddressHash> {
    AddressHash::try_from(hash)
        .map_err(|_| StoreError::Query(sqlx::Error::Decode("an address hash is not 32 bytes long".into())))
}
