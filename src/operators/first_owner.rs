//! The first owner: while there is none, `daywire serve` prints a link at its start that creates one.

use chrono::TimeDelta;
use data_encoding::HEXLOWER;

use super::error::OperatorError;
use super::managing::{NewOperator, insert, parse};
use super::passwords;
use super::sessions::{Browser, NewSession, actor_in_console, begin};
use crate::app::App;
use crate::domain::ids::OperatorLinkId;
use crate::domain::password::NewPassword;
use crate::domain::role::Role;
use crate::domain::sign_in::{OperatorLinkPurpose, SessionStage};
use crate::domain::tokens::token_hash;
use crate::store::operator_sessions::OperatorLink;
use crate::store::{StoreError, Tx};

/// How long the link works.
const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// Makes a link that creates the first owner; `None` if there is an owner. Earlier links keep working until they expire, because another
/// node may have printed one.
///
/// # Errors
/// If the database fails.
pub async fn first_owner_link(app: &App) -> Result<Option<String>, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    if tx.has_owner().await? {
        return Ok(None);
    }
    let token = HEXLOWER.encode(&app.rng.bytes::<32>());
    tx.add_operator_link(&OperatorLink {
        id: OperatorLinkId(app.rng.uuid(now)),
        purpose: OperatorLinkPurpose::FirstOwner,
        operator_id: None,
        token_hash: Some(token_hash(&token).to_vec()),
        created_at: now,
        expires_at: now + LIFETIME,
        used_at: None,
    })
    .await?;
    tx.commit().await?;
    Ok(Some(app.link(&format!("/admin/setup/{token}"))))
}

/// Whether a link creates the first owner now.
///
/// # Errors
/// If the database fails.
pub async fn is_first_owner_link(app: &App, token: &str) -> Result<bool, StoreError> {
    let mut tx = app.store.read().await?;
    Ok(usable_link(&mut tx, app, token).await?.is_some())
}

async fn usable_link(tx: &mut Tx, app: &App, token: &str) -> Result<Option<OperatorLink>, StoreError> {
    let link = tx
        .operator_link(OperatorLinkPurpose::FirstOwner, &token_hash(token))
        .await?;
    let has_owner = tx.has_owner().await?;
    Ok(link.filter(|link| !has_owner && link.used_at.is_none() && link.expires_at > app.clock.now()))
}

/// Creates the first owner, and signs the browser in.
///
/// # Errors
/// [`OperatorError::Link`] if the link was used, has expired, or there is an owner; other errors are about the fields.
pub async fn create_first_owner(
    app: &App,
    token: &str,
    name: &str,
    email: &str,
    password: &str,
    browser: &Browser<'_>,
) -> Result<NewSession, OperatorError> {
    if !is_first_owner_link(app, token).await? {
        return Err(OperatorError::Link);
    }
    let new = NewOperator {
        name,
        role: Role::Owner,
        email,
    };
    let mut operator = parse(app, &new)?;
    let password = NewPassword::parse(password, &operator.name)?;
    operator.password_hash = Some(passwords::hash(app, &password).await?);
    let mut tx = app.store.write().await?;
    // Locks all links. A second request with this or another link waits here, and then finds that there is an owner.
    tx.void_first_owner_links(app.clock.now()).await?;
    if tx.has_owner().await? {
        return Err(OperatorError::Link);
    }
    insert(&mut tx, app, &actor_in_console(&operator), &operator).await?;
    let session = begin(&mut tx, app, &operator, browser, SessionStage::Open).await?;
    tx.commit().await?;
    Ok(session)
}
