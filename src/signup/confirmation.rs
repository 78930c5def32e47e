//! The confirmation link: what it shows, and what its button does.
//!
//! A GET only looks ([`look_up`]), because link scanners open every address in a mail. The POST of the button confirms ([`confirm`]).

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::mailbox_limits::{MailboxLimit, mailbox_key};
use crate::app::App;
use crate::domain::consent::ConsentSource;
use crate::domain::states::{ConsentEvent, SubscriptionState};
use crate::domain::tokens::token_hash;
use crate::store::confirmations::Confirmation;
use crate::store::consent_records::ConsentRecord;
use crate::store::preferences::PreferencesUpdate;
use crate::store::{StoreError, Tx, retry_on_conflict};

/// The state of a confirmation link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// It can confirm these newsletters, by name.
    Open(Vec<String>),
    /// It has confirmed these newsletters, and they still are confirmed.
    Confirmed(Vec<String>),
    /// It was used, and the reader has unsubscribed since.
    Used,
    /// It was not used in time (`signup.token_ttl`).
    Expired,
    /// Its token is not stored: it was never made here, or it was deleted.
    Unknown,
}

/// Reads the state of a confirmation link. Changes nothing.
///
/// # Errors
/// If the database fails.
pub async fn look_up(app: &App, token: &str) -> Result<Link, StoreError> {
    let found = app.store.read().await?.confirmations(&token_hash(token)).await?;
    Ok(state_of(&found, app.clock.now()))
}

/// The slugs of the newsletters that a confirmation link was made for, also if it was used or has expired.
pub(crate) async fn newsletters_of_link(app: &App, token: &str) -> Result<Vec<String>, StoreError> {
    let found = app.store.read().await?.confirmations(&token_hash(token)).await?;
    let slugs = found.into_iter().map(|confirmation| confirmation.newsletter_slug);
    Ok(slugs.collect())
}

fn state_of(found: &[Confirmation], now: DateTime<Utc>) -> Link {
    // A link for several newsletters can be in several states: the reader may have left one of them.
    let names = |is_listed: &dyn Fn(&Confirmation) -> bool| -> Vec<String> {
        let listed = found.iter().filter(|confirmation| is_listed(confirmation));
        listed
            .map(|confirmation| confirmation.newsletter_name.clone())
            .collect()
    };
    let confirmed = names(&|c| c.used_at.is_some() && c.state == SubscriptionState::Confirmed);
    let open = names(&|c| c.used_at.is_none() && c.expires_at > now);
    if found.is_empty() {
        Link::Unknown
    } else if !confirmed.is_empty() {
        Link::Confirmed(confirmed)
    } else if found.iter().any(|confirmation| confirmation.used_at.is_some()) {
        Link::Used
    } else if open.is_empty() {
        Link::Expired
    } else {
        Link::Open(open)
    }
}

/// Confirms the subscriptions of a link, once, and records the consent. Returns the state of the link afterwards.
///
/// # Errors
/// If the database fails; then nothing is changed.
pub async fn confirm(app: &App, token: &str, network: Option<IpAddr>) -> Result<Link, StoreError> {
    let now = app.clock.now();
    let hash = token_hash(token);
    // Anybody can send made-up tokens at any rate, so only a valid link may take the write connection.
    let found = app.store.read().await?.confirmations(&hash).await?;
    let state = state_of(&found, now);
    if !matches!(state, Link::Open(_)) {
        return Ok(state);
    }
    let Some(address) = found.first().map(|confirmation| &confirmation.address) else {
        return Ok(state);
    };
    let mailbox = mailbox_key(app, MailboxLimit::SignUps, address);
    retry_on_conflict(StoreError::is_conflict, || use_link(app, &hash, &mailbox, network, now)).await
}

async fn use_link(
    app: &App,
    hash: &[u8],
    mailbox: &[u8; 16],
    network: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<Link, StoreError> {
    let mut tx = app.store.write().await?;
    // The reader has access to the mailbox and wants the mail, so the waits end. This is the first statement, because it locks the
    // mailbox: a sign-up locks it before tokens and subscriptions, too.
    tx.reset_unanswered_mails(mailbox).await?;
    let mut confirmed = Vec::new();
    // Of two requests with one token at the same time, only one marks it as used.
    if tx.use_confirmation(hash, now).await? {
        for confirmation in tx.confirmations(hash).await? {
            if confirmation.used_at == Some(now) && tx.confirm_subscription(confirmation.subscription_id, now).await? {
                let record = ConsentRecord {
                    event: ConsentEvent::Confirmed,
                    at: now,
                    network_address: network.map(|address| address.to_string()),
                    source: ConsentSource::Mail,
                    words: None,
                    mail_text: None,
                };
                tx.add_consent(app.rng.uuid(now), confirmation.subscription_id, &record)
                    .await?;
                apply_profile(&mut tx, &confirmation, now).await?;
                confirmed.push(confirmation.subscription_id);
            }
        }
    }
    let found = tx.confirmations(hash).await?;
    tx.commit().await?;
    for subscription in confirmed {
        tracing::info!(subscription.id = %subscription, "subscription confirmed");
    }
    Ok(state_of(&found, now))
}

/// Stores topics, name and time zone of the sign-up that this link was mailed for, and of no other sign-up: the user of the link
/// has access to the mailbox.
async fn apply_profile(tx: &mut Tx, confirmation: &Confirmation, now: DateTime<Utc>) -> Result<(), StoreError> {
    let update = PreferencesUpdate {
        topics: Some(confirmation.topics.clone()),
        cadence: None,
    };
    tx.set_preferences(confirmation.subscription_id, &update).await?;
    let (name, timezone) = (confirmation.name.as_deref(), confirmation.timezone);
    if name.is_some() || timezone.is_some() {
        tx.set_profile(confirmation.subscriber_id, name, timezone).await?;
    }
    tx.make_confirmations_due(confirmation.subscriber_id, now).await
}
