//! Confirmation tokens. Only their hashes are stored. A token has one row for each subscription that it confirms.

use chrono::{DateTime, Utc};

use super::{Result, Tx, insert, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{NewsletterId, SubscriberId, SubscriptionId};
use crate::domain::states::{Cadence, SubscriptionState};
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::Topics;
use crate::words::Language;

row! {
    /// A subscription that a token confirms.
    #[derive(Clone)]
    pub struct Confirmation {
        pub(crate) subscription_id: SubscriptionId,
        pub(crate) subscriber_id: SubscriberId,
        /// The subscriber's address as typed.
        pub address: EmailAddress,
        pub(crate) newsletter_id: NewsletterId,
        pub(crate) newsletter_slug: String,
        pub(crate) newsletter_name: String,
        /// The state of the subscription.
        pub state: SubscriptionState,
        /// Whether the address is suppressed.
        pub is_suppressed: bool,
        /// When the token expires.
        pub expires_at: DateTime<Utc>,
        /// When the token was used; `None` if it was not.
        pub used_at: Option<DateTime<Utc>>,
        /// The name typed at the sign-up.
        pub name: Option<String>,
        /// The time zone chosen at the sign-up.
        pub timezone: Option<TimeZone>,
        /// The topics chosen at the sign-up; empty for all.
        pub topics: Topics,
        /// The cadence chosen at the sign-up; `None` leaves that of the subscription.
        pub cadence: Option<Cadence>,
        /// The language of the sign-up; `None` for the newsletter's.
        pub language: Option<Language>,
    }
}

/// A token for one subscription.
#[derive(Debug)]
pub(crate) struct NewConfirmation {
    pub(crate) token_hash: [u8; 32],
    pub(crate) subscription_id: SubscriptionId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    /// The name typed at the sign-up.
    pub(crate) name: Option<String>,
    pub(crate) timezone: Option<TimeZone>,
    /// The chosen topics; empty for all.
    pub(crate) topics: Topics,
    /// `None` leaves the cadence of the subscription.
    pub(crate) cadence: Option<Cadence>,
    /// The language of the sign-up; `None` for the newsletter's.
    pub(crate) language: Option<Language>,
}

impl Tx {
    /// Notes that a sign-up causes a confirmation mail to a suppressed address.
    pub(crate) async fn note_confirmation_of_suppressed(
        &mut self,
        address_hash: &[u8],
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE suppressions SET confirmation_mailed_at = $2 WHERE address_hash = $1",
            address_hash,
            now
        )?;
        Ok(())
    }

    /// Adds the hashes of tokens.
    pub(crate) async fn add_confirmations(&mut self, confirmations: &[NewConfirmation]) -> Result<()> {
        insert!(
            self,
            "confirmation_tokens (token_hash, subscription_id, created_at, expires_at, name, timezone, topics, cadence, language)",
            confirmations,
            |new| &new.token_hash[..],
            new.subscription_id,
            new.created_at,
            new.expires_at,
            new.name.as_deref(),
            new.timezone,
            &new.topics,
            new.cadence,
            new.language
        );
        Ok(())
    }

    /// Removes name, time zone and language from unused tokens of a subscription if a later request gives others. Nobody knows which of the
    /// two requests came from the owner of the address.
    pub(crate) async fn forget_disputed_profile(
        &mut self,
        subscription: SubscriptionId,
        name: Option<&str>,
        timezone: Option<TimeZone>,
        language: Option<Language>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE confirmation_tokens SET name = CASE WHEN name = $2 THEN name END, \
             timezone = CASE WHEN timezone = $3 THEN timezone END, language = CASE WHEN language = $4 THEN language END \
             WHERE subscription_id = $1 AND used_at IS NULL AND expires_at > $5",
            subscription,
            name,
            timezone,
            language,
            now
        )?;
        Ok(())
    }

    /// The subscriptions that a token confirms; empty if the token is unknown.
    pub async fn confirmations(&mut self, token_hash: &[u8]) -> Result<Vec<Confirmation>> {
        Ok(on!(
            self,
            all as Confirmation,
            "SELECT t.subscription_id, s.subscriber_id, p.address, s.newsletter_id, n.slug AS newsletter_slug, n.name AS newsletter_name, \
             s.state, EXISTS (SELECT 1 FROM suppressions x WHERE x.address_hash = p.address_hash) AS is_suppressed, t.expires_at, t.used_at, \
             t.name, t.timezone, t.topics, t.cadence, t.language FROM confirmation_tokens t \
             JOIN subscriptions s ON s.id = t.subscription_id JOIN subscribers p ON p.id = s.subscriber_id \
             JOIN newsletters n ON n.id = s.newsletter_id WHERE t.token_hash = $1 ORDER BY n.name",
            token_hash
        )?)
    }

    /// Whether one of the subscriptions of these tokens has a confirmation link that can be used.
    pub(crate) async fn has_open_confirmation(&mut self, found: &[Confirmation], now: DateTime<Utc>) -> Result<bool> {
        for confirmation in found {
            let (has_open,) = on!(
                self,
                one as (bool,),
                "SELECT EXISTS (SELECT 1 FROM confirmation_tokens \
                 WHERE subscription_id = $1 AND used_at IS NULL AND expires_at > $2)",
                confirmation.subscription_id,
                now
            )?;
            if has_open {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Marks a token as used; returns false if it was used before or has expired. If two requests use the same token, this one statement
    /// decides which of them confirms.
    pub(crate) async fn use_confirmation(&mut self, token_hash: &[u8], now: DateTime<Utc>) -> Result<bool> {
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
