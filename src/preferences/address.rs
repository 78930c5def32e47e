//! Change of address: a link is mailed to the new address, its button makes the change, and the old address is informed and can undo it
//! for `privacy.undo_address_within`. If it does, both addresses are informed.
//!
//! Undoing a change also undoes all later ones. So a stranger who changed the address cannot keep it by changing it again.

use chrono::{DateTime, TimeDelta, Utc};

use super::reader_language::reader_language;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::SubscriberId;
use crate::domain::signed_links::{LinkPurpose, SignedLinkError};
use crate::domain::states::{ConsentEvent, MailKind, SubscriptionState};
use crate::domain::time::time_delta;
use crate::signup::mailbox_limits::MailboxLimit;
use crate::signup::subscription_mail::{self, MailCause, SubscriptionMailLink, SubscriptionMailView};
use crate::signup::subscription_mail_queue::{RenderedMail, SubscriptionMail};
use crate::store::address_changes::AddressChange;
use crate::store::consent_records::ConsentRecord;
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
    /// The subscriber's address has changed since the change was requested.
    #[error("the address has changed since")]
    Replaced,
    /// Another subscriber has the address.
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

    /// Whether the button of the link was pressed before.
    const fn is_used(self, change: &AddressChange) -> bool {
        match self {
            Self::Confirm => change.confirmed_at.is_some(),
            Self::Undo => change.undone_at.is_some(),
        }
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
    let mail = confirmation(app, &words)?;
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
    let subscriber = tx.subscriber(subscriber_id).await?.ok_or(AddressRequestError::Erased)?;
    if subscriber.address == *to {
        return Err(AddressRequestError::Same);
    }
    let today = tx
        .count_address_changes(subscriber_id, now - TimeDelta::days(1))
        .await?;
    if today >= i64::from(app.config.signup.confirmations_per_day) {
        return Err(AddressRequestError::TooMany);
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
    tx.add_address_change(&change).await?;
    if tx.suppression(&app.keys.address_hash(to.key())).await?.is_none() {
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

/// Whether the button of a link was pressed before, for the page of the link.
///
/// # Errors
/// [`AddressChangeError`] if the link does not work.
pub async fn look_up(app: &App, link: AddressLink, token: &str) -> Result<bool, AddressChangeError> {
    let change = open(app, &mut app.store.read().await?, link, token).await?;
    Ok(link.is_used(&change))
}

/// The change of a link.
async fn open(app: &App, tx: &mut Tx, link: AddressLink, token: &str) -> Result<AddressChange, AddressChangeError> {
    let opened = match app.keys.open_link_token(link.purpose(), token, app.clock.now()) {
        Ok(opened) => opened,
        Err(SignedLinkError::Expired) => return Err(AddressChangeError::Expired),
        Err(SignedLinkError::Unknown) => return Err(AddressChangeError::Unknown),
    };
    let change = tx.address_change(opened.subject).await?;
    let change = change.ok_or(AddressChangeError::Unknown)?;
    if link == AddressLink::Confirm && change.undone_at.is_some() {
        return Err(AddressChangeError::Undone);
    }
    Ok(change)
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
        AddressLink::Confirm => mail_to_old_address(app, &words)?,
        AddressLink::Undo => mail_about_undo(app, &words)?,
    };
    let is_conflict =
        |error: &AddressChangeError| matches!(error, AddressChangeError::Store(error) if error.is_conflict());
    let changed = retry_on_conflict(is_conflict, || change_once(app, link, token, &notice)).await?;
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
    let change = open(app, &mut tx, link, token).await?;
    if link.is_used(&change) {
        return Ok(false);
    }
    let subscriber = tx.subscriber(change.subscriber_id).await?;
    let subscriber = subscriber.ok_or(AddressChangeError::Unknown)?;
    let (from, to) = match link {
        AddressLink::Confirm if subscriber.address.key() != change.from_address.key() => {
            return Err(AddressChangeError::Replaced);
        }
        AddressLink::Confirm => (Some(&change.from_address), &change.to_address),
        AddressLink::Undo => (None, &change.from_address),
    };
    let before = tx
        .subscriber(change.subscriber_id)
        .await?
        .map(|subscriber| subscriber.address);
    let hash = app.keys.address_hash(to.key());
    let moved = match tx.change_address(change.subscriber_id, from, to, &hash, now).await {
        // Another transaction gave the address to another reader at the same time.
        Err(error) if error.is_unique_violation() => false,
        moved => moved?,
    };
    if !moved {
        return Err(AddressChangeError::Taken);
    }
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
            tx.undo_address_changes(change.subscriber_id, change.requested_at, now)
                .await?;
            // Both addresses: the one that gets the newsletters again, and the one that loses them.
            let lost = before.filter(|before| before.key() != change.from_address.key());
            for address in lost.iter().chain([&change.from_address]) {
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

/// The mail to the new address.
fn confirmation(app: &App, words: &Words) -> Result<RenderedMail, askama::Error> {
    let site = &app.config.site.name;
    let view = SubscriptionMailView {
        subject: words.use_address_mail_subject(site),
        opening: words.use_address_mail_opening(site, words.within(app.config.privacy.link_ttl)),
        subscriptions: Vec::new(),
        link: Some(SubscriptionMailLink {
            label: words.use_new_address(),
            url: app.link(&format!("/address/{}", subscription_mail::LINK_PLACEHOLDER)),
        }),
        closing: words.link_mail_closing(),
        cause: MailCause::Requested,
    };
    render(app, words, view)
}

/// The mail to the old address.
fn mail_to_old_address(app: &App, words: &Words) -> Result<RenderedMail, askama::Error> {
    let site = &app.config.site.name;
    let view = SubscriptionMailView {
        subject: words.address_changed_mail_subject(site),
        opening: words.address_changed_mail_opening(site, words.within(app.config.privacy.undo_address_within)),
        subscriptions: Vec::new(),
        link: Some(SubscriptionMailLink {
            label: words.undo_address_change(),
            url: app.link(&format!("/address/undo/{}", subscription_mail::LINK_PLACEHOLDER)),
        }),
        closing: words.address_changed_mail_closing(),
        cause: MailCause::FormerAddress,
    };
    render(app, words, view)
}

/// The mail to both addresses after a change was undone.
fn mail_about_undo(app: &App, words: &Words) -> Result<RenderedMail, askama::Error> {
    let site = &app.config.site.name;
    let view = SubscriptionMailView {
        subject: words.address_undone_mail_subject(site),
        opening: words.address_undone_mail_opening(site),
        subscriptions: Vec::new(),
        link: None,
        closing: words.address_undone_mail_closing(),
        cause: MailCause::Requested,
    };
    render(app, words, view)
}

fn render(app: &App, words: &Words, view: SubscriptionMailView) -> Result<RenderedMail, askama::Error> {
    let (html, text) = subscription_mail::render(&app.mail_site(), words, &view)?;
    Ok(RenderedMail {
        subject: view.subject,
        html,
        text,
    })
}
