//! Signing up: a request leaves a pending subscription, a record of consent and a confirmation mail; the link confirms.

pub(crate) mod account_mail;
mod check;
pub mod confirmation_mail;
mod limits;
pub(crate) mod mailbox;
mod mails;
mod request;
mod requester;
pub mod words;

use std::net::IpAddr;

use chrono::{DateTime, Utc};

pub use request::Signups;

use crate::app::App;
use crate::domain::address::AddressError;
use crate::domain::consent::ConsentSource;
use crate::domain::states::{ConsentEvent, SubscriptionState};
use crate::domain::tokens::token_hash;
use crate::domain::topics::TopicError;
use crate::store::confirmations::Confirmation;
use crate::store::preferences::PreferencesUpdate;
use crate::store::subscriptions::ConsentRecord;
use crate::store::{StoreError, Tx};
use mailbox::{MailboxLimit, mailbox_key};

/// Stands for the token in a confirmation mail until the mail is sent: the token itself is never stored.
pub const TOKEN_PLACEHOLDER: &str = "DAYWIRE_CONFIRMATION_TOKEN_OF_THIS_READER";

/// A person, or a program for them, asks to be mailed.
#[derive(Clone, Debug)]
pub struct SignupRequest {
    /// The address as typed.
    pub email: String,
    /// Slugs; none means the oldest newsletter.
    pub newsletters: Vec<String>,
    /// What to call them.
    pub name: Option<String>,
    /// IANA name of their time zone.
    pub timezone: Option<String>,
    /// The topics they want; none for all.
    pub topics: Vec<String>,
    /// What made the request.
    pub source: ConsentSource,
    /// The exact words they were shown, if it was our form.
    pub words: Option<String>,
    /// From which network address.
    pub network: Option<IpAddr>,
}

/// Why a request was not taken. None of these tells whether an address is known.
#[derive(Debug, thiserror::Error)]
pub enum SignupError {
    /// The address cannot be mailed.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// No newsletter has that name.
    #[error("there is no newsletter “{0}”; the sign-up page lists them")]
    UnknownNewsletter(String),
    /// The reader was shown the newsletters and chose none.
    #[error("choose at least one newsletter")]
    NoneChosen,
    /// There is none at all yet.
    #[error("there is no newsletter to subscribe to yet")]
    NoNewsletter,
    /// No such time zone.
    #[error("“{0}” is no time zone; write one such as Europe/Berlin")]
    Timezone(String),
    /// The name is too long, or holds a web address.
    #[error("that is not a name; write at most 100 characters and no web address")]
    Name,
    /// No requested newsletter has this topic.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// A limit is reached.
    #[error("too many sign-ups from here just now; try again in a few minutes")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail could not be written.
    #[error("the confirmation mail could not be written: {0}")]
    Template(#[from] askama::Error),
}

impl SignupError {
    /// Whether the service failed, as opposed to an invalid request.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Store(_) | Self::Template(_))
    }
}

/// What a confirmation link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// It can confirm these newsletters.
    Open(Vec<String>),
    /// It has confirmed these newsletters, and they still are confirmed.
    Confirmed(Vec<String>),
    /// It was used, and the reader has left since.
    Used,
    /// It is too old.
    Expired,
    /// It is none of ours, or was forgotten.
    Unknown,
}

/// Looks at a confirmation link and changes nothing.
///
/// # Errors
/// When the database fails.
pub async fn look_up(app: &App, token: &str) -> Result<Link, StoreError> {
    let found = app.store.read().await?.confirmations(&token_hash(token)).await?;
    Ok(judge(&found, app))
}

/// The slugs of the newsletters that a confirmation link was for, also if it is used or expired.
pub(crate) async fn newsletters_of_link(app: &App, token: &str) -> Result<Vec<String>, StoreError> {
    let found = app.store.read().await?.confirmations(&token_hash(token)).await?;
    Ok(found
        .into_iter()
        .map(|confirmation| confirmation.newsletter_slug)
        .collect())
}

fn judge(found: &[Confirmation], app: &App) -> Link {
    let now = app.clock.now();
    // A link for several newsletters is not the same for each: the reader may have left one of them.
    let names = |these: fn(&Confirmation, DateTime<Utc>) -> bool| -> Vec<String> {
        let these = found.iter().filter(|c| these(c, now));
        these.map(|c| c.newsletter_name.clone()).collect()
    };
    let confirmed = names(|c, _| c.used_at.is_some() && c.state == SubscriptionState::Confirmed);
    let open = names(|c, now| c.used_at.is_none() && c.expires_at > now);
    if found.is_empty() {
        Link::Unknown
    } else if !confirmed.is_empty() {
        Link::Confirmed(confirmed)
    } else if found.iter().any(|c| c.used_at.is_some()) {
        Link::Used
    } else if open.is_empty() {
        Link::Expired
    } else {
        Link::Open(open)
    }
}

/// Confirms what the link is for, once, and puts it on record. Returns what the link leads to afterwards.
///
/// # Errors
/// When the database fails; nothing is changed then.
pub async fn confirm(app: &App, token: &str, network: Option<IpAddr>) -> Result<Link, StoreError> {
    let now = app.clock.now();
    let hash = token_hash(token);
    // Anybody can send made-up tokens at any rate, so only a valid link may take the write connection.
    let found = app.store.read().await?.confirmations(&hash).await?;
    let seen = judge(&found, app);
    if !matches!(seen, Link::Open(_)) {
        return Ok(seen);
    }
    let mut tx = app.store.write().await?;
    if tx.use_confirmation(&hash, now).await? {
        for confirmation in tx.confirmations(&hash).await? {
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
                take_over(&mut tx, app, &confirmation, now).await?;
                tracing::info!(subscription.id = %confirmation.subscription_id, "a reader confirmed");
            }
        }
    }
    let found = tx.confirmations(&hash).await?;
    tx.commit().await?;
    Ok(judge(&found, app))
}

/// Stores what was typed at the sign-up that this link was mailed for, and at no other: its user has access to the mailbox.
async fn take_over(tx: &mut Tx, app: &App, confirmation: &Confirmation, now: DateTime<Utc>) -> Result<(), StoreError> {
    let topics = Some(confirmation.topics.clone());
    let wanted = PreferencesUpdate { topics, cadence: None };
    tx.set_preferences(confirmation.subscription_id, &wanted).await?;
    let (name, timezone) = (confirmation.name.as_deref(), confirmation.timezone);
    if name.is_some() || timezone.is_some() {
        tx.set_profile(confirmation.subscriber_id, name, timezone).await?;
    }
    // The reader has access to the mailbox and wants the mail, so the waits end.
    tx.reset_unanswered_mails(&mailbox_key(app, MailboxLimit::SignUps, &confirmation.address))
        .await?;
    tx.make_confirmations_due(confirmation.subscriber_id, now).await
}
