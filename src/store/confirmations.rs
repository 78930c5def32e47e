//! Confirmation tokens: only their hashes are here.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::SubscriptionId;
use crate::domain::states::SubscriptionState;

row! {
    /// What a token's hash leads to.
    #[derive(Clone)]
    pub struct Confirmation {
        /// The subscription it confirms.
        pub subscription_id: SubscriptionId,
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
    }
}

impl Tx {
    /// Stores a token's hash for one subscription.
    pub async fn add_confirmation(
        &mut self,
        token_hash: &[u8],
        subscription: SubscriptionId,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO confirmation_tokens (token_hash, subscription_id, created_at, expires_at) \
             VALUES ($1, $2, $3, $4)",
            token_hash,
            subscription,
            now,
            expires_at
        )?;
        Ok(())
    }

    /// The subscriptions that a token confirms; empty for an unknown one.
    pub async fn confirmations(&mut self, token_hash: &[u8]) -> Result<Vec<Confirmation>> {
        Ok(on!(
            self,
            all as Confirmation,
            "SELECT t.subscription_id, n.slug AS newsletter_slug, n.name AS newsletter_name, s.state, t.expires_at, \
             t.used_at FROM confirmation_tokens t JOIN subscriptions s ON s.id = t.subscription_id \
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
