//! Imported readers who are asked by mail to confirm. A row stays after its mail, so that no later import asks the address again.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::signups::AddressHash;
use super::subscriptions::CLOCK_TOLERANCE;
use super::{Result, Tx, insert, on, over_values, row, select_over};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{NewsletterId, SubscriberId, SubscriptionId};
use crate::domain::topics::Topics;
use crate::words::Language;

/// An address that is to be asked.
#[derive(Debug)]
pub(crate) struct NewAsk {
    pub(crate) address_hash: AddressHash,
    /// What is on record about the consent elsewhere.
    pub(crate) note: String,
}

row! {
    /// An address whose turn it is, with the subscription that is to be confirmed.
    #[derive(Clone, Debug)]
    pub(crate) struct WaitingAsk {
        pub(crate) newsletter_id: NewsletterId,
        pub(crate) address_hash: Vec<u8>,
        pub(crate) note: String,
        /// `None`, as in the other fields, if there is nobody to ask any more.
        pub(crate) subscription_id: Option<SubscriptionId>,
        pub(crate) subscriber_id: Option<SubscriberId>,
        pub(crate) address: Option<EmailAddress>,
        pub(crate) topics: Option<Topics>,
        pub(crate) language: Option<Language>,
    }
}

impl Tx {
    /// Which of these addresses wait to be asked for a newsletter, or were asked.
    pub(crate) async fn asked_addresses(
        &mut self,
        newsletter: NewsletterId,
        hashes: &[AddressHash],
    ) -> Result<HashSet<AddressHash>> {
        let found = select_over!(
            self,
            "WITH wanted (newsletter_id, address_hash) AS (",
            ") SELECT a.address_hash FROM wanted JOIN confirmation_asks a ON a.newsletter_id = wanted.newsletter_id \
             AND a.address_hash = wanted.address_hash",
            (Vec<u8>,),
            hashes,
            |hash| newsletter,
            &hash[..]
        );
        found.into_iter().map(|(hash,)| super::imports::parsed(hash)).collect()
    }

    /// Adds addresses to be asked, none of which may exist.
    pub(crate) async fn add_confirmation_asks(
        &mut self,
        newsletter: NewsletterId,
        asks: &[NewAsk],
        now: DateTime<Utc>,
    ) -> Result<()> {
        insert!(
            self,
            "confirmation_asks (newsletter_id, address_hash, note, queued_at)",
            asks,
            |ask| newsletter,
            &ask.address_hash[..],
            &ask.note,
            now
        );
        Ok(())
    }

    /// How many addresses wait to be asked.
    pub(crate) async fn count_waiting_asks(&mut self) -> Result<i64> {
        let (count,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM confirmation_asks WHERE asked_at IS NULL"
        )?;
        Ok(count)
    }

    /// When somebody was asked last. A time that a wrong clock wrote does not count.
    pub(crate) async fn last_asked_at(&mut self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        let last = on!(
            self,
            optional as (DateTime<Utc>,),
            "SELECT asked_at FROM confirmation_asks WHERE asked_at <= $1 ORDER BY asked_at DESC LIMIT 1",
            now + CLOCK_TOLERANCE
        )?;
        Ok(last.map(|(at,)| at))
    }

    /// The next addresses, in the order of their imports. There is somebody to ask if the subscription still waits for a confirmation, no
    /// confirmation mail was sent meanwhile, the address is not suppressed, and the newsletter was not removed.
    pub(crate) async fn waiting_asks(&mut self, limit: i64) -> Result<Vec<WaitingAsk>> {
        Ok(on!(
            self,
            all as WaitingAsk,
            "SELECT a.newsletter_id, a.address_hash, a.note, s.id AS subscription_id, p.id AS subscriber_id, p.address, \
             s.topics, s.language \
             FROM (SELECT newsletter_id, address_hash, note, queued_at FROM confirmation_asks WHERE asked_at IS NULL \
             ORDER BY queued_at, newsletter_id, address_hash LIMIT $1) a \
             LEFT JOIN subscribers p ON p.address_hash = a.address_hash \
             LEFT JOIN subscriptions s ON s.subscriber_id = p.id AND s.newsletter_id = a.newsletter_id \
             AND s.state = 'pending' AND s.mailed_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM suppressions x WHERE x.address_hash = a.address_hash) \
             AND EXISTS (SELECT 1 FROM newsletters n WHERE n.id = a.newsletter_id AND n.removed_at IS NULL) \
             ORDER BY a.queued_at, a.newsletter_id, a.address_hash",
            limit
        )?)
    }

    /// Records that addresses are asked. The note is in the consent record from then on.
    pub(crate) async fn set_asked(&mut self, asks: &[WaitingAsk], now: DateTime<Utc>) -> Result<()> {
        over_values!(
            self,
            "WITH asked (newsletter_id, address_hash) AS (",
            ") UPDATE confirmation_asks SET asked_at = $1, note = '' FROM asked \
             WHERE confirmation_asks.newsletter_id = asked.newsletter_id AND confirmation_asks.address_hash = asked.address_hash",
            [now],
            asks,
            |ask| ask.newsletter_id,
            &ask.address_hash[..]
        );
        Ok(())
    }

    /// Deletes addresses with nobody to ask.
    pub(crate) async fn delete_waiting_asks(&mut self, asks: &[WaitingAsk]) -> Result<()> {
        for ask in asks {
            on!(
                self,
                execute,
                "DELETE FROM confirmation_asks WHERE newsletter_id = $1 AND address_hash = $2 AND asked_at IS NULL",
                ask.newsletter_id,
                &ask.address_hash[..]
            )?;
        }
        Ok(())
    }
}
