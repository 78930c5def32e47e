//! Subscribers: persons, each with one address.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::domain::signed_links::LinkRecipient;
use crate::domain::time_zone::TimeZone;
use crate::domain::tokens::Keys;

row! {
    /// A person with an address.
    #[derive(Clone)]
    pub struct Subscriber {
        /// The internal id, which sorts by the time of creation.
        pub id: SubscriberId,
        /// The address as typed.
        pub address: EmailAddress,
        /// The keyed hash of the normalised address, as in the suppression list.
        pub address_hash: Vec<u8>,
        /// The name, if the subscriber gave one.
        pub name: Option<String>,
        /// The time zone, if it is known.
        pub timezone: Option<TimeZone>,
        /// Raised by every change of the address. Links that were mailed before do not work any more.
        pub link_generation: i64,
        /// When the subscriber was added.
        pub created_at: DateTime<Utc>,
    }
}

/// A subscriber to be stored.
#[derive(Debug)]
pub struct NewSubscriber<'a> {
    /// The id of the subscriber, if the address is new.
    pub id: SubscriberId,
    /// The address as typed.
    pub address: &'a EmailAddress,
    /// The keyed hash of the normalised address.
    pub address_hash: &'a [u8],
    /// The name, if it is known.
    pub name: Option<&'a str>,
    /// The time zone, if it is known.
    pub timezone: Option<TimeZone>,
}

impl Subscriber {
    /// The recipient of the links that are mailed now.
    #[must_use]
    pub fn link_recipient(&self) -> LinkRecipient<'_> {
        LinkRecipient {
            address: &self.address,
            generation: self.link_generation,
        }
    }
}

impl Tx {
    /// Sets name and time zone; `None` leaves the value unchanged.
    pub(crate) async fn set_profile(
        &mut self,
        id: SubscriberId,
        name: Option<&str>,
        timezone: Option<TimeZone>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE subscribers SET name = COALESCE($2, name), timezone = COALESCE($3, timezone) WHERE id = $1",
            id,
            name,
            timezone
        )?;
        Ok(())
    }

    /// The subscriber with this id.
    pub async fn subscriber(&mut self, id: SubscriberId) -> Result<Option<Subscriber>> {
        Ok(on!(
            self,
            optional as Subscriber,
            "SELECT id, address, address_hash, name, timezone, link_generation, created_at FROM subscribers WHERE id = $1",
            id
        )?)
    }

    /// The subscriber with this address, found by its hash.
    pub async fn subscriber_by_address(&mut self, keys: &Keys, address: &EmailAddress) -> Result<Option<Subscriber>> {
        Ok(on!(
            self,
            optional as Subscriber,
            "SELECT id, address, address_hash, name, timezone, link_generation, created_at FROM subscribers WHERE address_hash = $1",
            &keys.address_hash(address.key())[..]
        )?)
    }

    /// Reads a subscriber, and locks the row until this transaction ends. Every transaction that changes an address or erases a subscriber
    /// holds this lock, so of two requests the second finds what the first has done.
    pub(crate) async fn lock_subscriber(&mut self, id: SubscriberId) -> Result<Option<Subscriber>> {
        Ok(on!(
            self,
            optional as Subscriber,
            "UPDATE subscribers SET name = name WHERE id = $1 \
             RETURNING id, address, address_hash, name, timezone, link_generation, created_at",
            id
        )?)
    }

    /// Gives a subscriber an address that nobody else has. Links that were mailed before do not work any more.
    pub(crate) async fn set_address(&mut self, id: SubscriberId, to: &EmailAddress, to_hash: &[u8]) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE subscribers SET address = $2, address_key = $3, address_hash = $4, link_generation = link_generation + 1 \
             WHERE id = $1",
            id,
            to.as_typed(),
            to.key(),
            to_hash
        )?;
        Ok(())
    }
}
