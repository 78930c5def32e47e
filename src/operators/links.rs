//! Mailed links with which an operator chooses a password: an invitation, or a new password for a forgotten one.
//!
//! A link is signed and names its row, so the row and the stored mail have no token. Using the row makes the link work once.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::error::OperatorError;
use super::managing::{NewOperator, find, insert, parse, store_password};
use super::passwords;
use super::sessions::{Browser, actor_in_console};
use super::sign_in::look_up;
use super::throttle::{self, Guess};
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::{OperatorLinkId, TransactionalMailId};
use crate::domain::password::NewPassword;
use crate::domain::sign_in::OperatorLinkPurpose;
use crate::domain::signed_links::LinkPurpose;
use crate::domain::states::MailKind;
use crate::signup::subscription_mail::{self, MailCause, SubscriptionMailLink, SubscriptionMailView};
use crate::store::operator_sessions::OperatorLink;
use crate::store::operators::Operator;
use crate::store::transactional_mails::{MailLinks, TransactionalMail};
use crate::store::{StoreError, Tx};
use crate::words::Words;

/// How long an invitation works.
const INVITATION_LIFETIME: TimeDelta = TimeDelta::days(7);
/// How long a link for a new password works.
const RESET_LIFETIME: TimeDelta = TimeDelta::hours(2);

/// A mail with a link, rendered before the transaction.
struct Mail {
    subject: String,
    html: String,
    text: String,
    expires_at: DateTime<Utc>,
}

/// The mail for a purpose, in the language of the site.
fn render(app: &App, purpose: OperatorLinkPurpose, name: &str) -> Result<Mail, askama::Error> {
    let words: Words = app.words(app.config.site.language);
    let site = &app.config.site.name;
    let lifetime = if purpose == OperatorLinkPurpose::Invitation {
        INVITATION_LIFETIME
    } else {
        RESET_LIFETIME
    };
    let expires_at = app.clock.now() + lifetime;
    let until = words.moment(&expires_at);
    let (subject, opening, label) = if purpose == OperatorLinkPurpose::Invitation {
        (
            words.invitation_subject(site),
            words.invitation_opening(name, site, until),
            words.invitation_link(),
        )
    } else {
        (
            words.reset_subject(site),
            words.reset_opening(name, site, until),
            words.reset_link(),
        )
    };
    let view = SubscriptionMailView {
        subject,
        opening,
        subscriptions: Vec::new(),
        link: Some(SubscriptionMailLink {
            label,
            url: app.link(&format!("/admin/password/{}", subscription_mail::LINK_PLACEHOLDER)),
        }),
        closing: words.operator_mail_closing(),
        cause: MailCause::Operator,
    };
    let (html, text) = subscription_mail::render(&app.mail_site(), &words, &view)?;
    Ok(Mail {
        subject: view.subject,
        html,
        text,
        expires_at,
    })
}

/// Stores a link and queues its mail. Earlier links of the operator no longer work.
async fn queue(
    tx: &mut Tx,
    app: &App,
    operator: &Operator,
    recipient: &EmailAddress,
    purpose: OperatorLinkPurpose,
    mail: Mail,
) -> Result<(), StoreError> {
    let now = app.clock.now();
    let id = OperatorLinkId(app.rng.uuid(now));
    tx.void_operator_links(operator.id, now).await?;
    tx.add_operator_link(&OperatorLink {
        id,
        purpose,
        operator_id: Some(operator.id),
        token_hash: None,
        created_at: now,
        expires_at: mail.expires_at,
        used_at: None,
    })
    .await?;
    tx.add_transactional_mail(&TransactionalMail {
        id: TransactionalMailId(app.rng.uuid(now)),
        kind: MailKind::OperatorLink,
        subscriber_id: None,
        recipient: recipient.clone(),
        reply_to: None,
        subject: mail.subject,
        html: mail.html,
        text: mail.text,
        links: MailLinks::Signed {
            purpose: LinkPurpose::OperatorPassword,
            subject: id.0,
        },
        requester: "operators".into(),
        turn_at: now,
        attempts: 0,
        expires_at: mail.expires_at,
        created_at: now,
    })
    .await
}

/// Adds an operator, and mails a link to choose a password.
///
/// # Errors
/// [`OperatorError`].
pub async fn invite(app: &App, actor: &Actor, new: &NewOperator<'_>) -> Result<Operator, OperatorError> {
    let operator = parse(app, new)?;
    let email = operator
        .email
        .clone()
        .ok_or_else(|| OperatorError::Email(new.email.to_owned()))?;
    let mail = render(app, OperatorLinkPurpose::Invitation, &operator.name)?;
    let mut tx = app.store.write().await?;
    insert(&mut tx, app, actor, &operator).await?;
    queue(&mut tx, app, &operator, &email, OperatorLinkPurpose::Invitation, mail).await?;
    let change = Change::of(AuditAction::OperatorInvited, &operator.name);
    audit::record(&mut tx, app, actor, change).await?;
    tx.commit().await?;
    app.transactional_wakeup.notify_one();
    Ok(operator)
}

/// Mails another invitation to an operator who has not chosen a password yet. The link of the earlier one no longer works.
///
/// # Errors
/// [`OperatorError::HasPassword`], [`OperatorError::NoEmail`], [`OperatorError::UnknownOperator`].
pub async fn invite_again(app: &App, actor: &Actor, name: &str) -> Result<Operator, OperatorError> {
    let found = find(&mut app.store.read().await?, name).await?;
    let mail = render(app, OperatorLinkPurpose::Invitation, &found.name)?;
    let mut tx = app.store.write().await?;
    // The operator may choose a password by the earlier link, or be removed, at the same time.
    tx.lock_operators().await?;
    let operator = find(&mut tx, name).await?;
    if operator.password_hash.is_some() {
        return Err(OperatorError::HasPassword(operator.name));
    }
    let email = operator.email.clone();
    let email = email.ok_or_else(|| OperatorError::NoEmail(operator.name.clone()))?;
    queue(&mut tx, app, &operator, &email, OperatorLinkPurpose::Invitation, mail).await?;
    let change = Change::of(AuditAction::OperatorInvited, &operator.name);
    audit::record(&mut tx, app, actor, change).await?;
    tx.commit().await?;
    app.transactional_wakeup.notify_one();
    Ok(operator)
}

/// Mails an operator a link to choose a new password, if one has this name or address. The answer is the same for every name.
///
/// # Errors
/// [`OperatorError::TooMany`], or if the database fails.
pub async fn request_reset(app: &App, typed: &str, browser: &Browser<'_>, device: &str) -> Result<(), OperatorError> {
    let name = typed.trim().to_lowercase();
    let operator = look_up(&mut app.store.read().await?, &name).await?;
    let guess = Guess {
        name: &name,
        operator: operator.as_ref(),
        network: browser.network,
        device,
    };
    if !throttle::take(app, &guess).await? {
        return Err(OperatorError::TooMany);
    }
    // Rendered for every name, so that an unknown one takes as long.
    let shown_name = operator
        .as_ref()
        .map_or(name.as_str(), |operator| operator.name.as_str());
    let mail = render(app, OperatorLinkPurpose::PasswordReset, shown_name)?;
    let Some((operator, email)) = operator.and_then(|operator| Some((operator.clone(), operator.email?))) else {
        return Ok(());
    };
    let mut tx = app.store.write().await?;
    queue(
        &mut tx,
        app,
        &operator,
        &email,
        OperatorLinkPurpose::PasswordReset,
        mail,
    )
    .await?;
    let change = Change::of(AuditAction::OperatorResetRequested, &operator.name);
    audit::record(&mut tx, app, &actor_in_console(&operator), change).await?;
    tx.commit().await?;
    app.transactional_wakeup.notify_one();
    Ok(())
}

/// The operator whose password a link sets; `None` if the link was used, has expired or is not ours.
///
/// # Errors
/// If the database fails.
pub async fn operator_of_link(app: &App, token: &str) -> Result<Option<String>, StoreError> {
    let mut tx = app.store.read().await?;
    Ok(usable(&mut tx, app, token).await?.map(|(_, operator)| operator.name))
}

async fn usable(tx: &mut Tx, app: &App, token: &str) -> Result<Option<(OperatorLink, Operator)>, StoreError> {
    let now = app.clock.now();
    let opened = app.keys.open_link_token(LinkPurpose::OperatorPassword, token, now);
    let Ok(id) = opened.map(|link| link.subject) else {
        return Ok(None);
    };
    let Some(link) = usable_row(tx, id, now).await? else {
        return Ok(None);
    };
    let Some(operator_id) = link.operator_id else {
        return Ok(None);
    };
    let operator = tx.operator(operator_id).await?;
    let operator = operator.filter(|operator| operator.removed_at.is_none());
    Ok(operator.map(|operator| (link, operator)))
}

async fn usable_row(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<Option<OperatorLink>, StoreError> {
    let link = tx.operator_link_by_id(OperatorLinkId(id)).await?;
    Ok(link.filter(|link| link.used_at.is_none() && link.expires_at > now))
}

/// Sets the password of the operator of a link. All sessions of the operator end. The code of an authenticator app is still asked for at
/// the sign-in.
///
/// # Errors
/// [`OperatorError::Link`] if the link does not work any more; [`OperatorError::Password`].
pub async fn choose_password(app: &App, token: &str, password: &str) -> Result<(), OperatorError> {
    let found = usable(&mut app.store.read().await?, app, token).await?;
    let (link, operator) = found.ok_or(OperatorError::Link)?;
    let hash = passwords::hash(app, &NewPassword::parse(password, &operator.name)?).await?;
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    if !tx.use_operator_link(link.id, app.clock.now()).await? {
        return Err(OperatorError::Link);
    }
    let current = tx.operator(operator.id).await?;
    let current = current.filter(|current| current.removed_at.is_none());
    let current = current.ok_or(OperatorError::Link)?;
    store_password(&mut tx, app, &actor_in_console(&current), &current, &hash).await?;
    tx.end_sessions(current.id, None).await?;
    tx.commit().await?;
    Ok(())
}
