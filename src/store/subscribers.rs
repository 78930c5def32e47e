//! Subscribers: one person's address.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::domain::time_zone::TimeZone;

row! {
    /// A subscriber as stored.
    #[derive(Clone)]
    pub struct Subscriber {
        /// Its id.
        pub id: SubscriberId,
        /// The address.
        pub address: EmailAddress,
        /// Keyed hash of the address's key.
        pub address_hash: Vec<u8>,
        /// What to call the person, if they said.
        pub name: Option<String>,
        /// Their time zone, if they said.
        pub timezone: Option<TimeZone>,
        /// When the address was first seen.
        pub created_at: DateTime<Utc>,
    }
}

/// A subscriber to be stored.
#[derive(Debug)]
pub struct NewSubscriber<'a> {
    /// The id it gets if the address is new.
    pub id: SubscriberId,
    /// The address.
    pub address: &'a EmailAddress,
    /// Keyed hash of the address's key.
    pub address_hash: &'a [u8],
    /// What to call the person.
    pub name: Option<&'a str>,
    /// Their time zone.
    pub timezone: Option<TimeZone>,
}

impl Tx {
    /// The id of the subscriber with this address, who is added if unknown. A known subscriber keeps name and time zone.
    pub async fn ensure_subscriber(&mut self, new: &NewSubscriber<'_>, now: DateTime<Utc>) -> Result<SubscriberId> {
        on!(
            self,
            execute,
            "INSERT INTO subscribers (id, address, address_key, address_hash, name, timezone, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (address_key) DO NOTHING",
            new.id,
            new.address.as_typed(),
            new.address.key(),
            new.address_hash,
            new.name,
            new.timezone,
            now
        )?;
        let (id,) = on!(
            self,
            one as (SubscriberId,),
            "SELECT id FROM subscribers WHERE address_key = $1",
            new.address.key()
        )?;
        Ok(id)
    }

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

    /// One subscriber.
    pub async fn subscriber(&mut self, id: SubscriberId) -> Result<Option<Subscriber>> {
        Ok(on!(
            self,
            optional as Subscriber,
            "SELECT id, address, address_hash, name, timezone, created_at FROM subscribers WHERE id = $1",
            id
        )?)
    }

    /// The subscriber with this address.
    pub async fn subscriber_by_address(&mut self, address: &EmailAddress) -> Result<Option<Subscriber>> {
        Ok(on!(
            self,
            optional as Subscriber,
            "SELECT id, address, address_hash, name, timezone, created_at FROM subscribers WHERE address_key = $1",
            address.key()
        )?)
    }
}
