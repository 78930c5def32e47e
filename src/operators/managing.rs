//! Adding and removing operators, and changing their roles, addresses and passwords.

use serde_json::json;

use super::error::{MAX_NAME_CHARS, OperatorError};
use super::passwords::{self, Requester};
use super::sessions::SignedIn;
use super::throttle;
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::OperatorId;
use crate::domain::password::NewPassword;
use crate::domain::role::Role;
use crate::domain::seen::Seen;
use crate::store::operators::Operator;
use crate::store::operators::OperatorVersion;
use crate::store::{StoreError, Tx};
use crate::text::plain::plain_line;

/// An operator to add.
#[derive(Clone, Debug)]
pub struct NewOperator<'a> {
    /// The name, by which the operator signs in.
    pub name: &'a str,
    /// What the operator may do.
    pub role: Role,
    /// Where invitations and links for a new password are sent; empty for nowhere.
    pub email: &'a str,
}

/// Adds an operator, who has no password yet.
///
/// # Errors
/// [`OperatorError`].
pub async fn add(app: &App, actor: &Actor, new: &NewOperator<'_>) -> Result<Operator, OperatorError> {
    let operator = parse(app, new)?;
    let mut tx = app.store.write().await?;
    insert(&mut tx, app, actor, &operator).await?;
    tx.commit().await?;
    Ok(operator)
}

/// All that is wrong with a name and an address; an empty address is none.
pub(crate) fn field_errors(name: Option<&str>, email: Option<&str>) -> Vec<OperatorError> {
    let name = name.and_then(|name| parse_name(name).err());
    let email = email.and_then(|email| parse_email(email).err());
    name.into_iter().chain(email).collect()
}

/// Checks the fields of a new operator.
pub(super) fn parse(app: &App, new: &NewOperator<'_>) -> Result<Operator, OperatorError> {
    let now = app.clock.now();
    Ok(Operator {
        id: OperatorId(app.rng.uuid(now)),
        name: parse_name(new.name)?,
        role: new.role,
        email: parse_email(new.email)?,
        password_hash: None,
        totp_secret: None,
        totp_step: 0,
        created_at: now,
        removed_at: None,
    })
}

/// Stores a new operator, with an entry of the audit log.
pub(super) async fn insert(tx: &mut Tx, app: &App, actor: &Actor, operator: &Operator) -> Result<(), OperatorError> {
    tx.lock_operators().await?;
    if !tx.add_operator(operator).await? {
        let name = operator.name.clone();
        let is_taken = tx.operator_by_name(&name).await?.is_some();
        return Err(if is_taken {
            OperatorError::Taken(name)
        } else {
            OperatorError::Used(name)
        });
    }
    let fields = json!({ "role": operator.role, "email": operator.email.as_ref().map(EmailAddress::as_typed) });
    let change = Change::of(AuditAction::OperatorAdded, &operator.name).to(fields);
    Ok(audit::record(tx, app, actor, change).await?)
}

/// What to change of an operator; `None` leaves it as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct OperatorEdit<'a> {
    /// What the operator may do.
    pub role: Option<Role>,
    /// Where invitations and links for a new password are sent; empty for nowhere.
    pub email: Option<&'a str>,
}

impl<'a> OperatorEdit<'a> {
    /// Changes the role alone.
    #[must_use]
    pub const fn role(role: Role) -> Self {
        Self {
            role: Some(role),
            email: None,
        }
    }

    /// Changes the email address alone.
    #[must_use]
    pub const fn email(email: &'a str) -> Self {
        Self {
            role: None,
            email: Some(email),
        }
    }
}

/// Changes the role and the email address of an operator. The last owner keeps the role. Links that were mailed to the former address no
/// longer work.
///
/// # Errors
/// [`OperatorError`].
pub async fn edit(
    app: &App,
    actor: &Actor,
    name: &str,
    edit: OperatorEdit<'_>,
    seen: &Seen<OperatorVersion>,
) -> Result<Operator, OperatorError> {
    let email = edit.email.map(parse_email).transpose()?;
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    let mut operator = find_as_seen(&mut tx, name, seen).await?;
    if let Some(role) = edit.role.filter(|role| *role != operator.role) {
        require_another_owner(&mut tx, &operator).await?;
        tx.set_operator_role(operator.id, role).await?;
        let change = Change::of(AuditAction::OperatorRoleChanged, &operator.name)
            .from(json!({ "role": operator.role }))
            .to(json!({ "role": role }));
        audit::record(&mut tx, app, actor, change).await?;
        operator.role = role;
    }
    let as_typed = |email: &Option<EmailAddress>| email.as_ref().map(|email| email.as_typed().to_owned());
    if let Some(email) = email.filter(|email| as_typed(email) != as_typed(&operator.email)) {
        if let Some(address) = &email
            && tx
                .operator_by_email(address)
                .await?
                .is_some_and(|other| other.id != operator.id)
        {
            return Err(OperatorError::EmailTaken);
        }
        tx.set_operator_email(operator.id, email.as_ref()).await?;
        tx.void_operator_links(operator.id, app.clock.now()).await?;
        let change = Change::of(AuditAction::OperatorEmailChanged, &operator.name)
            .from(json!({ "email": as_typed(&operator.email) }))
            .to(json!({ "email": as_typed(&email) }));
        audit::record(&mut tx, app, actor, change).await?;
        operator.email = email;
    }
    tx.commit().await?;
    Ok(operator)
}

/// Removes an operator: ends all sessions and revokes all tokens. The name stays in the audit log. The last owner cannot be removed.
///
/// # Errors
/// [`OperatorError`].
pub async fn remove(
    app: &App,
    actor: &Actor,
    name: &str,
    seen: &Seen<OperatorVersion>,
) -> Result<Operator, OperatorError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    let operator = find_as_seen(&mut tx, name, seen).await?;
    require_another_owner(&mut tx, &operator).await?;
    tx.remove_operator(operator.id, now).await?;
    tx.revoke_operator_tokens(operator.id, now).await?;
    tx.remove_passkeys(operator.id).await?;
    tx.remove_identities(operator.id).await?;
    tx.void_operator_links(operator.id, now).await?;
    tx.end_sessions(operator.id, None).await?;
    let change = Change::of(AuditAction::OperatorRemoved, &operator.name).from(json!({ "role": operator.role }));
    audit::record(&mut tx, app, actor, change).await?;
    tx.commit().await?;
    Ok(operator)
}

/// The operator with a name. The transaction must hold [`Tx::lock_operators`].
async fn find_as_seen(tx: &mut Tx, name: &str, seen: &Seen<OperatorVersion>) -> Result<Operator, OperatorError> {
    let operator = find(tx, name).await?;
    if !seen.is(&operator.version()) {
        return Err(OperatorError::Outdated(operator.name));
    }
    Ok(operator)
}

/// Refuses what would leave the site without an owner who can sign in. The transaction must hold [`Tx::lock_operators`].
async fn require_another_owner(tx: &mut Tx, operator: &Operator) -> Result<(), OperatorError> {
    if operator.role == Role::Owner && !tx.has_other_owner(operator.id).await? {
        return Err(OperatorError::LastOwner(operator.name.clone()));
    }
    Ok(())
}

/// Sets the password of an operator, as a person at the command line does. Ends all sessions of the operator.
///
/// # Errors
/// [`OperatorError`].
pub async fn set_password(app: &App, actor: &Actor, name: &str, password: &str) -> Result<Operator, OperatorError> {
    let operator = find(&mut app.store.read().await?, name).await?;
    let hash = passwords::hash(app, &NewPassword::parse(password, &operator.name)?).await?;
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    // The operator may have been removed while the password was hashed.
    let operator = find(&mut tx, name).await?;
    store_password(&mut tx, app, actor, &operator, &hash).await?;
    tx.end_sessions(operator.id, None).await?;
    tx.commit().await?;
    Ok(operator)
}

/// Changes the password of an operator who is signed in and has typed the current one. All other sessions end.
///
/// # Errors
/// [`OperatorError`].
pub async fn change_own_password(
    app: &App,
    signed_in: &SignedIn,
    current: &str,
    password: &str,
) -> Result<(), OperatorError> {
    check_own_password(app, signed_in, current).await?;
    let hash = passwords::hash(app, &NewPassword::parse(password, &signed_in.name)?).await?;
    let mut tx = app.store.write().await?;
    tx.lock_operators().await?;
    let operator = find(&mut tx, &signed_in.name).await?;
    store_password(&mut tx, app, &signed_in.actor(), &operator, &hash).await?;
    tx.end_sessions(operator.id, Some(signed_in.session_id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses a change of an operator who is signed in and has typed another password than the current one. A person at an unlocked machine must
/// not be able to guess it, so guesses are limited.
pub(super) async fn check_own_password(app: &App, signed_in: &SignedIn, typed: &str) -> Result<(), OperatorError> {
    let hash = password_hash(app, signed_in).await?;
    check_password(app, signed_in, typed, hash.as_deref()).await
}

/// [`check_own_password`] of an operator who may have no password; then nothing is checked.
pub(super) async fn check_own_password_if_any(
    app: &App,
    signed_in: &SignedIn,
    typed: &str,
) -> Result<(), OperatorError> {
    match password_hash(app, signed_in).await? {
        Some(hash) => check_password(app, signed_in, typed, Some(&hash)).await,
        None => Ok(()),
    }
}

async fn check_password(app: &App, signed_in: &SignedIn, typed: &str, hash: Option<&str>) -> Result<(), OperatorError> {
    if !throttle::take_own(app, signed_in.operator_id).await? {
        return Err(OperatorError::TooMany);
    }
    if !passwords::verify(app, Requester::Known, typed, hash).await? {
        return Err(OperatorError::WrongPassword);
    }
    Ok(())
}

async fn password_hash(app: &App, signed_in: &SignedIn) -> Result<Option<String>, StoreError> {
    let operator = app.store.read().await?.operator(signed_in.operator_id).await?;
    Ok(operator.and_then(|operator| operator.password_hash))
}

/// Whether the operator has a password.
///
/// # Errors
/// When the database fails.
pub async fn has_password(app: &App, signed_in: &SignedIn) -> Result<bool, StoreError> {
    Ok(password_hash(app, signed_in).await?.is_some())
}

/// Stores a password hash. Links that were mailed to choose a password no longer work.
pub(super) async fn store_password(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    operator: &Operator,
    hash: &str,
) -> Result<(), OperatorError> {
    tx.set_password_hash(operator.id, hash).await?;
    tx.void_operator_links(operator.id, app.clock.now()).await?;
    let change = Change::of(AuditAction::OperatorPasswordChanged, &operator.name);
    Ok(audit::record(tx, app, actor, change).await?)
}

/// The operator with this name.
pub(super) async fn find(tx: &mut Tx, name: &str) -> Result<Operator, OperatorError> {
    let found = tx.operator_by_name(&name.trim().to_ascii_lowercase()).await?;
    found.ok_or_else(|| OperatorError::UnknownOperator(plain_line(name)))
}

/// Checks a name and converts it to lower case, so that no two names differ only by case.
fn parse_name(text: &str) -> Result<String, OperatorError> {
    let name = text.trim().to_ascii_lowercase();
    let is_valid = name.len() <= MAX_NAME_CHARS
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@'));
    is_valid
        .then_some(name)
        .ok_or_else(|| OperatorError::Name(plain_line(text)))
}

/// Checks an address; `None` if the field is empty.
fn parse_email(text: &str) -> Result<Option<EmailAddress>, OperatorError> {
    match text.trim() {
        "" => Ok(None),
        text => match EmailAddress::parse(text) {
            Ok(address) => Ok(Some(address)),
            Err(_) => Err(OperatorError::Email(plain_line(text))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for (text, name) in [
            ("ada", "ada"),
            (" Desk.2 ", "desk.2"),
            ("ada@example.org", "ada@example.org"),
        ] {
            assert_eq!(parse_name(text).ok().as_deref(), Some(name));
        }
        let long = "a".repeat(MAX_NAME_CHARS + 1);
        for text in ["", " ", "-x", "Ada Lovelace", "ä", "a\nb", "a/b", &long] {
            assert!(parse_name(text).is_err(), "{text:?}");
        }
    }
}
