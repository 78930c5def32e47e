//! Change of address: a link is mailed to the new address, its button makes the change, and the old address is informed and can undo it
//! for `privacy.undo_address_within`. If it does, both addresses are informed.
//!
//! Undoing a change also undoes all later ones, and those that wait cannot be confirmed any more. So a stranger who changed the address
//! cannot keep it by changing it again. Every change invalidates the links that were mailed before.

use chrono::{DateTime, TimeDelta, Utc};

use super::reader_language::reader_language;
use super::{address_holder, address_mails};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::SubscriberId;
use crate::domain::signed_links::{LinkPurpose, SignedLinkError};
use crate::domain::states::{ConsentEvent, MailKind, SubscriptionState, SuppressionReason};
use crate::domain::time::time_delta;
use crate::signup::mailbox_limits::{MailboxLimit, mailbox_key};
use crate::signup::subscription_mail_queue::{RenderedMail, SubscriptionMail};
use crate::store::address_changes::AddressChange;
use crate::store::consent_records::ConsentRecord;
use crate::store::subscribers::Subscriber;
use crate::store::transactional_mails::MailLinks;
use crate::store::{StoreError, Tx, retry_on_conflict};
use crate::words::Words;

/// Why no link is mailed to a new address.
#[derive(Debug, thiserror::Error)]
pub enum AddressRequestError {
    /// The new address is the old one.
    #[error("that is the address you have")]
    Same,
    /// `signup.blocked_domains` has the domain of the new address.
    #[error("the domain of the address is blocked")]
    Blocked,
    /// The reader asked too often today.
    #[error("you asked for several changes today; use the link in one of the mails, or try again tomorrow")]
    TooMany,
    /// The subscriber was erased.
    #[error("the subscriber is not on record any more")]
    Erased,
    /// The address that the subscriber has is suppressed, and a change would evade that.
    #[error("the address is suppressed")]
    Suppressed,
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail could not be rendered, which only a broken build can cause.
    #[error("the mail could not be written: {0}")]
    Template(#[from] askama::Error),
}

/// Why a link does not change an address.
#[derive(Debug, thiserror::Error)]
pub enum AddressChangeError {
    /// The link was not made here, or its change is not on record any more.
    #[error("the link is unknown")]
    Unknown,
    /// The link has expired.
    #[error("the link has expired")]
    Expired,
    /// The link in the mail to the old address has undone this change, or an earlier one.
    #[error("the change was undone")]
    Undone,
    /// The subscriber's address has changed since the change was requested, or since it was made or undone.
    #[error("the address has changed since")]
    Replaced,
    /// The address that the subscriber has is suppressed, and the change would evade that.
    #[error("the address is suppressed")]
    Suppressed,
    /// Another subscriber has confirmed the address.
    #[error("the address is taken")]
    Taken,
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail could not be rendered, which only a broken build can cause.
    #[error("the mail could not be written: {0}")]
    Template(#[from] askama::Error),
}

/// What a link does with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressLink {
    /// The link in the mail to the new address makes the change.
    Confirm,
    /// The link in the mail to the old address undoes it.
    Undo,
}

impl AddressLink {
    const fn purpose(self) -> LinkPurpose {
        match self {
            Self::Confirm => LinkPurpose::ConfirmAddress,
            Self::Undo => LinkPurpose::UndoAddress,
        }
    }

    /// The address that the subscriber has after the button of the link was pressed.
    const fn target(self, change: &AddressChange) -> &EmailAddress {
        match self {
            Self::Confirm => &change.to_address,
            Self::Undo => &change.from_address,
        }
    }

    /// Whether the button of the link was pressed before. The record of the change alone does not show it, because the subscriber may have
    /// changed the address again since.
    fn is_used(self, change: &AddressChange, now_at: &EmailAddress) -> Result<bool, AddressChangeError> {
        let used_at = match self {
            Self::Confirm if change.undone_at.is_some() => return Err(AddressChangeError::Undone),
            Self::Confirm => change.confirmed_at,
            Self::Undo => change.undone_at,
        };
        let must_have = match self {
            _ if used_at.is_some() => self.target(change),
            Self::Confirm => &change.from_address,
            Self::Undo => return Ok(false),
        };
        if now_at.key() != must_have.key() {
            return Err(AddressChangeError::Replaced);
        }
        Ok(used_at.is_some())
    }
}

/// The words of mails to a reader.
async fn words_for(tx: &mut Tx, app: &App, subscriber_id: SubscriberId) -> Result<Words, StoreError> {
    let subscriptions = tx.subscriptions_of(subscriber_id).await?;
    Ok(app.words(reader_language(tx, app, &subscriptions).await?))
}

/// Mails a link to the new address. A suppressed address, and one that has got its mails of this day, gets none, which the caller does not
/// learn.
///
/// # Errors
/// [`AddressRequestError`]; then nothing is mailed.
pub async fn request(app: &App, subscriber_id: SubscriberId, to: &EmailAddress) -> Result<(), AddressRequestError> {
    if app.config.signup.blocked_domains.contains(to) {
        return Err(AddressRequestError::Blocked);
    }
    let words = words_for(&mut app.store.read().await?, app, subscriber_id).await?;
    let mail = address_mails::confirmation(app, &words)?;
    let is_conflict =
        |error: &AddressRequestError| matches!(error, AddressRequestError::Store(error) if error.is_conflict());
    retry_on_conflict(is_conflict, || request_once(app, subscriber_id, to, &mail)).await?;
    app.transactional_wakeup.notify_one();
    Ok(())
}

async fn request_once(
    app: &App,
    subscriber_id: SubscriberId,
    to: &EmailAddress,
    mail: &RenderedMail,
) -> Result<(), AddressRequestError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    tx.lock_mailboxes(vec![mailbox_key(app, MailboxLimit::SignUps, to)])
        .await?;
    // Requests at the same time are counted one after the other.
    let subscriber = tx.lock_subscriber(subscriber_id).await?;
    let subscriber = subscriber.ok_or(AddressRequestError::Erased)?;
    if subscriber.address == *to {
        return Err(AddressRequestError::Same);
    }
    let today = tx
        .count_address_changes(subscriber_id, now - TimeDelta::days(1))
        .await?;
    if today >= i64::from(app.config.signup.confirmations_per_day) {
        return Err(AddressRequestError::TooMany);
    }
    if is_held_back(&mut tx, &subscriber).await? {
        return Err(AddressRequestError::Suppressed);
    }
    let change = AddressChange {
        id: app.rng.uuid(now),
        subscriber_id,
        from_address: subscriber.address,
        to_address: to.clone(),
        requested_at: now,
        confirmed_at: None,
        undone_at: None,
    };
    let hashes = [&change.from_address, to].map(|address| app.keys.address_hash(address.key()));
    tx.add_address_change(&change, hashes).await?;
    if tx.suppression(&hashes[1]).await?.is_none() {
        let mail = SubscriptionMail {
            // A stranger may own the address, so the mail counts like one that a sign-up causes.
            limit: MailboxLimit::SignUps,
            kind: MailKind::AddressChange,
            subscriber: subscriber_id,
            recipient: to,
            reply_to: None,
            mail,
            links: MailLinks::Signed {
                purpose: LinkPurpose::ConfirmAddress,
                subject: change.id,
            },
            expires_at: now + time_delta(app.config.privacy.link_ttl),
        };
        mail.queue(&mut tx, app, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether a subscriber must not change the address because it is suppressed. A mailbox that does not accept mail any more is a reason to
/// change it. Other suppressions are about the person.
async fn is_held_back(tx: &mut Tx, subscriber: &Subscriber) -> Result<bool, StoreError> {
    let suppression = tx.suppression(&subscriber.address_hash).await?;
    Ok(suppression.is_some_and(|suppression| suppression.reason != SuppressionReason::HardBounce))
}

/// Whether the button of a link was pressed before, for the page of the link.
///
/// # Errors
/// [`AddressChangeError`] if the link does not work.
pub async fn look_up(app: &App, link: AddressLink, token: &str) -> Result<bool, AddressChangeError> {
    let mut tx = app.store.read().await?;
    let change = open(app, &mut tx, link, token).await?;
    let subscriber = tx.subscriber(change.subscriber_id).await?;
    link.is_used(&change, &subscriber.ok_or(AddressChangeError::Unknown)?.address)
}

/// The change of a link.
async fn open(app: &App, tx: &mut Tx, link: AddressLink, token: &str) -> Result<AddressChange, AddressChangeError> {
    let opened = match app.keys.open_link_token(link.purpose(), token, app.clock.now()) {
        Ok(opened) => opened,
        Err(SignedLinkError::Expired) => return Err(AddressChangeError::Expired),
        Err(SignedLinkError::Unknown) => return Err(AddressChangeError::Unknown),
    };
    let change = tx.address_change(opened.subject).await?;
    change.ok_or(AddressChangeError::Unknown)
}

/// Makes or undoes the change of a link. A second time changes nothing.
///
/// # Errors
/// [`AddressChangeError`]; then nothing is changed.
pub async fn change(app: &App, link: AddressLink, token: &str) -> Result<(), AddressChangeError> {
    let words = {
        let mut tx = app.store.read().await?;
        let change = open(app, &mut tx, link, token).await?;
        words_for(&mut tx, app, change.subscriber_id).await?
    };
    let notice = match link {
        AddressLink::Confirm => address_mails::mail_to_old_address(app, &words)?,
        AddressLink::Undo => address_mails::mail_about_undo(app, &words)?,
    };
    // A sign-up may add a subscriber with the address, or a subscription, after the rows were read.
    let is_race = |error: &AddressChangeError| matches!(error, AddressChangeError::Store(error) if error.is_race());
    let changed = retry_on_conflict(is_race, || change_once(app, link, token, &notice)).await?;
    if changed {
        tracing::info!("address of a subscriber changed");
        app.transactional_wakeup.notify_one();
    }
    Ok(())
}

async fn change_once(
    app: &App,
    link: AddressLink,
    token: &str,
    notice: &RenderedMail,
) -> Result<bool, AddressChangeError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let asked = open(app, &mut tx, link, token).await?;
    let locked = address_holder::lock(app, &mut tx, asked.subscriber_id, link.target(&asked)).await?;
    let (subscriber, holder) = locked.ok_or(AddressChangeError::Unknown)?;
    // Of two requests with one link, the second has waited for the lock, and must see what the first has done.
    let change = open(app, &mut tx, link, token).await?;
    if link.is_used(&change, &subscriber.address)? {
        return Ok(false);
    }
    if link == AddressLink::Confirm && is_held_back(&mut tx, &subscriber).await? {
        return Err(AddressChangeError::Suppressed);
    }
    // Links that were mailed to the address before. Those of the holder were mailed to the new one, and stay.
    tx.expire_confirmations_of_address(&subscriber.address_hash, now)
        .await?;
    if let Some(holder) = holder {
        if holder.is_confirmed() && (link == AddressLink::Confirm || holder.may_have_to_move_back(app, &mut tx).await?)
        {
            return Err(AddressChangeError::Taken);
        }
        holder.give_all_to(app, &mut tx, &subscriber).await?;
    }
    let to = link.target(&change);
    tx.set_address(subscriber.id, to, &app.keys.address_hash(to.key()))
        .await?;
    record(app, &mut tx, change.subscriber_id, now).await?;
    match link {
        AddressLink::Confirm => {
            tx.confirm_address_change(change.id, now).await?;
            let undo = MailLinks::Signed {
                purpose: LinkPurpose::UndoAddress,
                subject: change.id,
            };
            inform(app, &mut tx, &change, &change.from_address, notice, undo).await?;
        }
        AddressLink::Undo => {
            tx.undo_address_changes(&change, now).await?;
            // Both addresses: the one that gets the newsletters again, and the one that loses them.
            let lost = Some(&subscriber.address).filter(|lost| lost.key() != change.from_address.key());
            for address in lost.into_iter().chain([&change.from_address]) {
                inform(app, &mut tx, &change, address, notice, MailLinks::None).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(true)
}

/// Adds the change to the record of consent of every subscription that is in force.
async fn record(app: &App, tx: &mut Tx, subscriber: SubscriberId, now: DateTime<Utc>) -> Result<(), StoreError> {
    for subscription in tx.subscriptions_of(subscriber).await? {
        if subscription.state == SubscriptionState::Unsubscribed {
            continue;
        }
        let record = ConsentRecord {
            event: ConsentEvent::AddressChanged,
            at: now,
            network_address: None,
            source: ConsentSource::Mail,
            words: None,
            mail_text: None,
        };
        tx.add_consent(app.rng.uuid(now), subscription.id, subscription.newsletter_id, &record)
            .await?;
    }
    Ok(())
}

/// Informs an address, unless it is suppressed. The number of these mails is not limited, because the reader must learn of it.
async fn inform(
    app: &App,
    tx: &mut Tx,
    change: &AddressChange,
    recipient: &EmailAddress,
    notice: &RenderedMail,
    links: MailLinks,
) -> Result<(), StoreError> {
    if tx.suppression(&app.keys.address_hash(recipient.key())).await?.is_some() {
        return Ok(());
    }
    let now = app.clock.now();
    let mail = SubscriptionMail {
        limit: MailboxLimit::PreferenceChanges,
        kind: MailKind::AddressChange,
        subscriber: change.subscriber_id,
        recipient,
        reply_to: None,
        mail: notice,
        links,
        expires_at: now + time_delta(app.config.privacy.undo_address_within),
    };
    mail.queue_unlimited(tx, app, now).await
}
