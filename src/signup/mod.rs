//! Signing up: a request leaves a pending subscription, a record of consent and a confirmation mail; the link confirms.

pub mod confirmation_mail;
pub mod limits;
mod requester;
pub mod words;

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::domain::address::{AddressError, EmailAddress};
use crate::domain::html::clean_line;
use crate::domain::ids::{SubscriberId, SubscriptionId, TransactionalMailId};
use crate::domain::states::SubscriptionState;
use crate::domain::time::time_delta;
use crate::domain::tokens::token_hash;
use crate::store::confirmations::Confirmation;
use crate::store::editions::Preferences;
use crate::store::newsletters::Newsletter;
use crate::store::subscribers::NewSubscriber;
use crate::store::subscriptions::ConsentRecord;
use crate::store::transactional_mails::TransactionalMail;
use crate::store::{StoreError, Tx};
use confirmation_mail::{ConfirmationMail, ConfirmationView};

/// Stands for the token in a confirmation mail until the mail is sent: the token itself is never stored.
pub const TOKEN_PLACEHOLDER: &str = "DAYWIRE_CONFIRMATION_TOKEN_OF_THIS_READER";

/// A person, or a program for them, asks to be mailed.
#[derive(Clone, Debug, Default)]
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
    /// How the request came: `form`, `form: ORIGIN` for a page of another site, `api`.
    pub source: String,
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
    /// There is none at all yet.
    #[error("there is no newsletter to subscribe to yet")]
    NoNewsletter,
    /// No such time zone.
    #[error("“{0}” is no time zone; write one such as Europe/Berlin")]
    Timezone(String),
    /// Too many requests of late.
    #[error("too many sign-ups from here just now; try again in a few minutes")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail could not be written.
    #[error("the confirmation mail could not be written: {0}")]
    Template(#[from] askama::Error),
}

/// Topics that one reader may choose.
const MOST_TOPICS: usize = 50;
/// Characters of a topic.
const LONGEST_TOPIC: usize = 60;
/// Bytes of all together: readers are found by them, and PostgreSQL has at most 2,700 bytes in a row of an index.
const LONGEST_TOPICS: usize = 2_000;

/// Topics as they are stored: in lower case, each once, sorted, one a line; empty for all. Those beyond what is kept are left out.
#[must_use]
pub fn topics(wanted: &[String]) -> String {
    let tidy = |topic: &String| {
        clean_line(topic)
            .to_lowercase()
            .chars()
            .take(LONGEST_TOPIC)
            .collect::<String>()
            .trim_end()
            .to_owned()
    };
    let mut topics: Vec<String> = wanted.iter().map(tidy).filter(|topic| !topic.is_empty()).collect();
    topics.sort();
    topics.dedup();
    topics.truncate(MOST_TOPICS);
    let mut bytes = 0;
    topics.retain(|topic| {
        bytes += topic.len() + 1;
        bytes <= LONGEST_TOPICS
    });
    topics.join("\n")
}

/// Takes a request. The same happens, as far as anyone outside can tell, for an address that is new, pending, confirmed
/// or suppressed; a mail goes out only where a confirmation is wanted and none was sent within `signup.resend_after`.
///
/// # Errors
/// [`SignupError`]; nothing is stored then.
pub async fn request(app: &App, request: &SignupRequest) -> Result<(), SignupError> {
    let address = EmailAddress::parse(&request.email)?;
    let timezone = request
        .timezone
        .as_deref()
        .map(str::trim)
        .filter(|zone| !zone.is_empty());
    if let Some(zone) = timezone.filter(|zone| zone.parse::<chrono_tz::Tz>().is_err()) {
        return Err(SignupError::Timezone(zone.chars().take(64).collect()));
    }
    let name = request.name.as_deref().map(clean_line).filter(|name| !name.is_empty());

    let now = app.clock.now();
    let hash = app.keys.address_hash(address.key());
    let mut tx = app.store.write().await?;
    let wanted = wanted_newsletters(&mut tx, &request.newsletters).await?;
    let subscriber = NewSubscriber {
        id: SubscriberId(app.chance.uuid(now)),
        address: &address,
        address_hash: &hash,
        name: name.as_deref(),
        timezone,
    };
    let subscriber = tx.ensure_subscriber(&subscriber, now).await?;
    let suppressed = tx.suppression(&hash).await?.is_some();
    let mut to_confirm = Vec::new();
    for newsletter in &wanted {
        let id = SubscriptionId(app.chance.uuid(now));
        let (there, _) = tx.ensure_subscription(id, subscriber, newsletter.id, now).await?;
        let unconfirmed = matches!(
            there.state,
            SubscriptionState::Pending | SubscriptionState::Unsubscribed
        );
        let not_since = now - time_delta(app.config.signup.resend_after);
        if !suppressed && unconfirmed && tx.note_request(there.id, now, not_since).await? {
            // Of somebody who is a reader already nobody else changes a thing.
            let topics = Some(topics(&request.topics));
            tx.set_preferences(there.id, &Preferences { topics, cadence: None })
                .await?;
            to_confirm.push(there);
        }
    }
    if !to_confirm.is_empty() {
        let newsletters = to_confirm.iter().map(|there| there.newsletter_name.clone()).collect();
        let mail = confirmation(app, newsletters)?;
        let nonce = app.chance.bytes::<32>();
        let key_id = app.keys.newest();
        let token = app.keys.confirmation_token(key_id, &nonce).unwrap_or_default();
        let expires_at = now + time_delta(app.config.signup.token_ttl);
        for there in &to_confirm {
            tx.add_confirmation(&token_hash(&token), there.id, now, expires_at)
                .await?;
            let record = ConsentRecord {
                event: "requested".into(),
                at: now,
                network_address: request.network.map(|address| address.to_string()),
                source: request.source.clone(),
                words: request.words.clone(),
                mail_text: Some(mail.text.clone()),
            };
            tx.add_consent(app.chance.uuid(now), there.id, &record).await?;
        }
        tx.add_transactional_mail(&TransactionalMail {
            id: TransactionalMailId(app.chance.uuid(now)),
            kind: "confirmation".into(),
            subscriber_id: Some(subscriber),
            recipient: address.as_typed().to_owned(),
            subject: mail.subject,
            html: mail.html,
            text: mail.text,
            token_nonce: nonce.to_vec(),
            signing_key_id: Some(key_id),
            requester: requester::of(request.network, &address),
            turn_at: now,
            attempts: 0,
            expires_at,
            created_at: now,
        })
        .await?;
    }
    tx.commit().await?;
    app.transactional_bell.notify_one();
    Ok(())
}

/// The confirmation mail, with a placeholder for its token.
fn confirmation(app: &App, newsletters: Vec<String>) -> Result<ConfirmationMail, askama::Error> {
    confirmation_mail::render(&ConfirmationView {
        site_name: app.config.site.name.clone(),
        site_url: app.link(""),
        newsletters,
        confirm_url: app.link(&format!("/confirm/{TOKEN_PLACEHOLDER}")),
        valid_for: app.config.signup.token_ttl,
        postal_address: app.config.site.postal_address.clone(),
    })
}

async fn wanted_newsletters(tx: &mut Tx, slugs: &[String]) -> Result<Vec<Newsletter>, SignupError> {
    let all = tx.public_newsletters().await?;
    if slugs.is_empty() {
        return all
            .into_iter()
            .next()
            .map(|first| vec![first])
            .ok_or(SignupError::NoNewsletter);
    }
    if let Some(unknown) = slugs.iter().find(|slug| all.iter().all(|there| there.slug != **slug)) {
        return Err(SignupError::UnknownNewsletter(unknown.chars().take(64).collect()));
    }
    // Always in the same order: two requests for the same reader then never wait for each other's rows.
    let mut wanted = all;
    wanted.retain(|newsletter| slugs.contains(&newsletter.slug));
    Ok(wanted)
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
    let mut tx = app.store.write().await?;
    if tx.use_confirmation(&hash, now).await? {
        for confirmation in tx.confirmations(&hash).await? {
            if confirmation.used_at == Some(now) && tx.confirm_subscription(confirmation.subscription_id, now).await? {
                let record = ConsentRecord {
                    event: "confirmed".into(),
                    at: now,
                    network_address: network.map(|address| address.to_string()),
                    source: "mail".into(),
                    words: None,
                    mail_text: None,
                };
                tx.add_consent(app.chance.uuid(now), confirmation.subscription_id, &record)
                    .await?;
                tracing::info!(subscription.id = %confirmation.subscription_id, "a reader confirmed");
            }
        }
    }
    let found = tx.confirmations(&hash).await?;
    tx.commit().await?;
    Ok(judge(&found, app))
}
