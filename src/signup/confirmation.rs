//! The confirmation link: what it shows, and what its button does.
//!
//! A GET only looks ([`look_up`]), because link scanners open every address in a mail. The POST of the button confirms ([`confirm`]).

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::mailbox_limits::{MailboxLimit, mailbox_key};
use super::request::{SentForm, ShownWords, SignupRequest};
use super::signups::Signups;
use super::welcome_mail::{WelcomeError, WelcomeMail};
use crate::app::App;
use crate::digest::rules::language_of;
use crate::domain::consent::ConsentSource;
use crate::domain::states::{ConsentEvent, SubscriptionState, SuppressionReason};
use crate::domain::tokens::token_hash;
use crate::store::confirmations::Confirmation;
use crate::store::consent_records::ConsentRecord;
use crate::store::mailbox_histories::MailboxKey;
use crate::store::preferences::PreferencesUpdate;
use crate::store::signups::AddressHash;
use crate::store::{StoreError, Tx};
use crate::unsubscribe;
use crate::write_queue::{Locks, Step, StepOutcome};

/// The state of a confirmation link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// It can confirm these newsletters, by name.
    Open(Vec<String>),
    /// These newsletters are confirmed already, by this link or by another one. If this link confirmed them, some may be paused now.
    Confirmed(Vec<String>),
    /// It was used, and the reader has unsubscribed since.
    Used,
    /// It was not used in time (`signup.token_ttl`), or a suppression or leaving ended it.
    Expired,
    /// It does not work any more, and a newer link that was mailed later does.
    Superseded,
    /// Its token is not stored: it was never made here, or it was deleted.
    Unknown,
}

/// Reads the state of a confirmation link. Changes nothing.
///
/// # Errors
/// If the database fails.
pub async fn look_up(app: &App, token: &str) -> Result<Link, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let found = tx.confirmations(&token_hash(token)).await?;
    let state = state_of(&found, now);
    // The reader opened an old mail, and a newer one is in the same mailbox.
    if state == Link::Expired && tx.has_open_confirmation(&found, now).await? {
        return Ok(Link::Superseded);
    }
    Ok(state)
}

/// The sign-up that a link was made for, to be sent again, because the link has expired or was used before the reader left. `None` if the
/// link can still be used, or is unknown.
///
/// Another person may have this link. That is safe: the new link goes to the same address, within the same limits as any sign-up.
///
/// # Errors
/// If the database fails.
pub async fn request_again(
    app: &App,
    token: &str,
    network: Option<IpAddr>,
) -> Result<Option<SignupRequest>, StoreError> {
    let found = app.store.read().await?.confirmations(&token_hash(token)).await?;
    if !matches!(state_of(&found, app.clock.now()), Link::Expired | Link::Used) {
        return Ok(None);
    }
    let Some(first) = found.first() else {
        return Ok(None);
    };
    Ok(Some(SignupRequest {
        email: first.address.as_typed().to_owned(),
        newsletters: found
            .iter()
            .map(|confirmation| confirmation.newsletter_slug.clone())
            .collect(),
        name: first.name.clone(),
        timezone: first.timezone.map(|zone| zone.to_string()),
        topics: first.topics.to_vec(),
        cadence: first.cadence,
        language: first.language,
        source: ConsentSource::NewLink,
        words: ShownWords::Unknown,
        network,
        honeypot_filled: false,
        form: SentForm::MailedLink,
        proof: None,
    }))
}

/// The slugs of the newsletters that a confirmation link was made for, even if it was used or has expired.
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
    let is_in_force = |state| matches!(state, SubscriptionState::Confirmed | SubscriptionState::Paused);
    let confirmed = names(&|c| c.used_at.is_some() && is_in_force(c.state));
    // The reader signed up twice and used the link of the other mail. A link that ends a pause or lifts a suppression is different.
    let is_confirmed = |c: &Confirmation| c.state == SubscriptionState::Confirmed && !c.is_suppressed;
    let confirmed_by_another = names(&is_confirmed);
    let open = names(&|c| c.used_at.is_none() && c.expires_at > now && !is_confirmed(c));
    if found.is_empty() {
        Link::Unknown
    } else if !confirmed.is_empty() {
        Link::Confirmed(confirmed)
    } else if found.iter().any(|confirmation| confirmation.used_at.is_some()) {
        Link::Used
    } else if !open.is_empty() {
        Link::Open(open)
    } else if !confirmed_by_another.is_empty() {
        Link::Confirmed(confirmed_by_another)
    } else {
        Link::Expired
    }
}

/// Confirms the subscriptions of a link, once, and records the consent. If the address is suppressed, and not by an operator, the
/// suppression is lifted. Returns the state of the link afterwards.
///
/// # Errors
/// If the database fails, or a welcome mail cannot be rendered; then nothing is changed.
pub(crate) async fn confirm(signups: &Signups, token: &str, network: Option<IpAddr>) -> Result<Link, WelcomeError> {
    let app = signups.writes().app();
    let now = app.clock.now();
    let hash = token_hash(token);
    // Anybody can send made-up tokens at any rate, so only a valid link may take a place in the queue.
    let found = app.store.read().await?.confirmations(&hash).await?;
    let state = state_of(&found, now);
    let Some(Confirmation { address, .. }) = found.first().filter(|_| matches!(state, Link::Open(_))) else {
        return Ok(state);
    };
    let link = UsedLink {
        token_hash: hash,
        mailbox: mailbox_key(app, MailboxLimit::SignUps, address),
        address_hash: app.keys.address_hash(address.key()),
        welcome: welcome_mails(app, &found).await?,
        network,
        now,
    };
    let Some(used) = signups.writes().run(link).await? else {
        let found = app.store.read().await?.confirmations(&hash).await?;
        return Ok(state_of(&found, now));
    };
    for confirmation in used.confirmed {
        tracing::info!(subscription.id = %confirmation.subscription_id, "subscription confirmed");
    }
    if let Some(reason) = used.lifted {
        tracing::info!(suppression.reason = %reason, "suppression lifted by a confirmation");
    }
    app.transactional_wakeup.notify_one();
    Ok(used.link)
}

/// The welcome mails of the newsletters of a link. Those of readers who come back after a pause are not sent.
async fn welcome_mails(app: &App, found: &[Confirmation]) -> Result<Vec<WelcomeMail>, WelcomeError> {
    let mut mails = Vec::new();
    for confirmation in found.iter().filter(|found| found.state != SubscriptionState::Paused) {
        let newsletter = app.store.read().await?.newsletter(confirmation.newsletter_id).await?;
        let language = confirmation.language.unwrap_or(language_of(app, &newsletter));
        mails.extend(WelcomeMail::of(app, &newsletter, &app.words(language)).await?);
    }
    Ok(mails)
}

/// A link whose button was pressed.
struct UsedLink {
    token_hash: [u8; 32],
    mailbox: MailboxKey,
    address_hash: AddressHash,
    /// The welcome mails of its newsletters.
    welcome: Vec<WelcomeMail>,
    network: Option<IpAddr>,
    now: DateTime<Utc>,
}

/// What the use of a link has changed.
struct Used {
    link: Link,
    confirmed: Vec<Confirmation>,
    /// The reason of the suppression that was lifted.
    lifted: Option<SuppressionReason>,
}

impl Step for UsedLink {
    /// `None` if another request used the link first.
    type Output = Option<Used>;

    fn locks(&self) -> Locks {
        Locks {
            newsletters: Vec::new(),
            mailboxes: vec![self.mailbox],
        }
    }

    async fn run(&self, app: &App, tx: &mut Tx) -> Result<StepOutcome<Option<Used>>, StoreError> {
        let now = self.now;
        // The reader has access to the mailbox and wants the mail, so the waits end. This is the first statement, because it locks the
        // mailbox: a sign-up locks it before tokens and subscriptions, too.
        tx.reset_unanswered_mails(&self.mailbox).await?;
        // Every suppression invalidates the links that were mailed before. So this link was asked for after it.
        let lifted = tx
            .lift_suppression_by_confirmation(&self.address_hash, "the reader signed up again and confirmed", now)
            .await?;
        // Of two requests with one token at the same time, only one marks it as used.
        if !tx.use_confirmation(&self.token_hash, now).await? {
            // Nothing may be lifted by a link that cannot be used any more.
            return Ok(StepOutcome::RollBack(None));
        }
        let mut confirmed = Vec::new();
        for confirmation in tx.confirmations(&self.token_hash).await? {
            if confirmation.used_at != Some(now) {
                continue;
            }
            let is_new = tx.confirm_subscription(confirmation.subscription_id, now).await?;
            if is_new {
                self.queue_welcome(app, tx, &confirmation).await?;
            }
            if is_new || lifted.is_some() {
                let record = ConsentRecord {
                    event: ConsentEvent::Confirmed,
                    at: now,
                    network_address: app.recorded_network(self.network),
                    source: ConsentSource::Mail,
                    words: None,
                    mail_text: None,
                };
                let (subscription, newsletter) = (confirmation.subscription_id, confirmation.newsletter_id);
                tx.add_consent(app.rng.uuid(now), subscription, newsletter, &record)
                    .await?;
                apply_profile(tx, &confirmation, now).await?;
                confirmed.push(confirmation);
            }
        }
        let lifted = lifted.map(|lifted| lifted.reason);
        if lifted == Some(SuppressionReason::Complaint) {
            end_other_subscriptions(app, tx, &confirmed).await?;
        }
        let found = tx.confirmations(&self.token_hash).await?;
        Ok(StepOutcome::Commit(Some(Used {
            link: state_of(&found, now),
            confirmed,
            lifted,
        })))
    }
}

impl UsedLink {
    async fn queue_welcome(&self, app: &App, tx: &mut Tx, confirmation: &Confirmation) -> Result<(), StoreError> {
        let welcome = self
            .welcome
            .iter()
            .find(|mail| mail.newsletter == confirmation.newsletter_id);
        let Some(welcome) = welcome else {
            return Ok(());
        };
        let subscriber = (confirmation.subscriber_id, &confirmation.address);
        welcome
            .queue(tx, app, subscriber, confirmation.subscription_id, self.now)
            .await
    }
}

/// Ends the subscriptions of a reader who complained, except those that the reader has just confirmed: for the others there is no
/// consent newer than the complaint.
async fn end_other_subscriptions(app: &App, tx: &mut Tx, confirmed: &[Confirmation]) -> Result<(), StoreError> {
    let Some(first) = confirmed.first() else {
        return Ok(());
    };
    for subscription in tx.subscriptions_of(first.subscriber_id).await? {
        let is_confirmed = confirmed
            .iter()
            .any(|confirmation| confirmation.subscription_id == subscription.id);
        if !is_confirmed && subscription.state != SubscriptionState::Pending {
            unsubscribe::end(app, tx, subscription.id, &ConsentSource::Complaint, None).await?;
        }
    }
    Ok(())
}

/// Stores topics, cadence, name, time zone and language of the sign-up that this link was mailed for, and of no other sign-up: the user of the link
/// has access to the mailbox.
async fn apply_profile(tx: &mut Tx, confirmation: &Confirmation, now: DateTime<Utc>) -> Result<(), StoreError> {
    let update = PreferencesUpdate {
        topics: Some(confirmation.topics.clone()),
        cadence: confirmation.cadence,
        language: confirmation.language,
    };
    tx.set_preferences(confirmation.subscription_id, &update).await?;
    let (name, timezone) = (confirmation.name.as_deref(), confirmation.timezone);
    if name.is_some() || timezone.is_some() {
        tx.set_profile(confirmation.subscriber_id, name, timezone).await?;
    }
    tx.make_confirmations_due(confirmation.subscriber_id, now).await
}
