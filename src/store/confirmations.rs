//! Confirmation tokens: only their hashes are here.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{SubscriberId, SubscriptionId};
use crate::domain::states::SubscriptionState;
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::Topics;

row! {
    /// What a token's hash leads to.
    #[derive(Clone)]
    pub struct Confirmation {
        /// The subscription it confirms.
        pub subscription_id: SubscriptionId,
        /// Whose it is.
        pub subscriber_id: SubscriberId,
        /// The subscriber's address as typed.
        pub address: EmailAddress,
        /// The newsletter's slug.
        pub newsletter_slug: String,
        /// The newsletter's name.
        pub newsletter_name: String,
        /// Where the subscription stands.
        pub state: SubscriptionState,
        /// Until when the token works.
        pub expires_at: DateTime<Utc>,
        /// When it was used.
        pub used_at: Option<DateTime<Utc>>,
        /// The name typed at the sign-up.
        pub name: Option<String>,
        /// The time zone chosen at the sign-up.
        pub timezone: Option<TimeZone>,
        /// The topics chosen at the sign-up; empty for all.
        pub topics: Topics,
    }
}

/// A token to be stored, for one subscription.
#[derive(Debug)]
pub(crate) struct NewConfirmation<'a> {
    pub(crate) token_hash: &'a [u8],
    pub(crate) subscription_id: SubscriptionId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    /// What was typed at the sign-up.
    pub(crate) name: Option<&'a str>,
    pub(crate) timezone: Option<TimeZone>,
    /// Empty for all.
    pub(crate) topics: &'a Topics,
}

impl Tx {
    /// Stores a token's hash for one subscription.
    pub(crate) async fn add_confirmation(&mut self, new: &NewConfirmation<'_>) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO confirmation_tokens (token_hash, subscription_id, created_at, expires_at, name, timezone, topics) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            new.token_hash,
            new.subscription_id,
            new.created_at,
            new.expires_at,
            new.name,
            new.timezone,
            new.topics
        )?;
        Ok(())
    }

    /// Forgets the name and the time zone that an unused link would set, where a later request for the same subscription gives
    /// others: nobody knows which of the two the reader wrote.
    pub(crate) async fn forget_disputed_profile(
        &mut self,
        subscription: SubscriptionId,
        name: Option<&str>,
        timezone: Option<TimeZone>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE confirmation_tokens SET name = CASE WHEN name = $2 THEN name END, \
             timezone = CASE WHEN timezone = $3 THEN timezone END \
             WHERE subscription_id = $1 AND used_at IS NULL AND expires_at > $4",
            subscription,
            name,
            timezone,
            now
        )?;
        Ok(())
    }

    /// The subscriptions that a token confirms; empty for an unknown one.
    pub async fn confirmations(&mut self, token_hash: &[u8]) -> Result<Vec<Confirmation>> {
        Ok(on!(
            self,
            all as Confirmation,
            "SELECT t.subscription_id, s.subscriber_id, p.address, n.slug AS newsletter_slug, n.name AS newsletter_name, \
             s.state, t.expires_at, t.used_at, t.name, t.timezone, t.topics FROM confirmation_tokens t \
             JOIN subscriptions s ON s.id = t.subscription_id JOIN subscribers p ON p.id = s.subscriber_id \
             JOIN newsletters n ON n.id = s.newsletter_id WHERE t.token_hash = $1 ORDER BY n.name",
            token_hash
        )?)
    }

    /// Uses a token up, if it is unused and not expired; false otherwise. The one statement that decides.
    pub async fn use_confirmation(&mut self, token_hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
        let used = on!(
            self,
            execute,
            "UPDATE confirmation_tokens SET used_at = $2 \
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
            token_hash,
            now
        )?;
        Ok(used > 0)
    }
}
