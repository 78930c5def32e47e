//! Sessions of the console: a random token in a cookie, of which the hash is stored.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction, Way};
use crate::domain::ids::{OperatorId, SessionId};
use crate::domain::role::{Permission, Role};
use crate::domain::session_cookie::SessionToken;
use crate::domain::sign_in::SessionStage;
use crate::domain::signed_links::LinkPurpose;
use crate::domain::time::time_delta;
use crate::domain::tokens::token_hash;
use crate::store::operator_sessions::Session;
use crate::store::operators::Operator;
use crate::store::{StoreError, Tx};
use crate::text::plain::{one_line, shorten};

/// The most characters of the name of a browser.
const MAX_BROWSER_CHARS: usize = 200;
/// How long a session waits for the code of the authenticator app.
pub(super) const CODE_TIMEOUT: TimeDelta = TimeDelta::minutes(10);
/// How long a browser has its own limit of guesses after a sign-in (`throttle.rs`).
const DEVICE_LIFETIME: TimeDelta = TimeDelta::days(180);
/// The clocks of two nodes may differ by this. A cookie from further ahead counts as used just now.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);
/// The cookie gets a new time of use if the old one is older than this.
const REFRESH_AFTER: TimeDelta = TimeDelta::minutes(1);

/// The browser that a request came from.
#[derive(Clone, Debug)]
pub struct Browser<'a> {
    /// Its `User-Agent` field; may be empty.
    pub name: &'a str,
    /// The network address of its client.
    pub network: IpAddr,
}

/// A session that was just made: the cookies that the browser gets.
#[derive(Clone)]
pub struct NewSession {
    /// The value of the cookie.
    pub cookie: String,
    /// The value of the cookie by which the browser is known to the account; `None` as long as the code is missing.
    pub device: Option<String>,
    /// Whether the code of the authenticator app is still missing.
    pub needs_code: bool,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewSession(needs_code: {})", self.needs_code)
    }
}

/// The operator of a request to the console.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The id of the operator.
    pub operator_id: OperatorId,
    /// The name of the operator.
    pub name: String,
    /// What the operator may do.
    pub role: Role,
    /// The session of the browser.
    pub session_id: SessionId,
    /// The new value of the cookie, if its time of use is to be changed.
    pub refreshed_cookie: Option<String>,
}

impl SignedIn {
    /// Whether the operator's role permits it.
    #[must_use]
    pub const fn may(&self, permission: Permission) -> bool {
        self.role.allows(permission)
    }

    /// Who acts, for the audit log.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor {
            operator_id: Some(self.operator_id),
            name: self.name.clone(),
            way: Way::Console,
        }
    }
}

/// Stores a new session of an operator. Each has a new token, so a token that somebody knew before the sign-in is useless.
pub(super) async fn begin(
    tx: &mut Tx,
    app: &App,
    operator: &Operator,
    browser: &Browser<'_>,
    stage: SessionStage,
) -> Result<NewSession, StoreError> {
    let now = app.clock.now();
    let token: SessionToken = app.rng.bytes();
    let lifetime = match stage {
        SessionStage::Code => CODE_TIMEOUT,
        SessionStage::Open => time_delta(app.config.operators.session_lifetime),
    };
    tx.add_session(&Session {
        id: SessionId(app.rng.uuid(now)),
        operator_id: operator.id,
        token_hash: token_hash(token).to_vec(),
        stage,
        browser: shorten(&one_line(browser.name), MAX_BROWSER_CHARS).0,
        network: app.recorded_network(Some(browser.network)).unwrap_or_default(),
        created_at: now,
        expires_at: now + lifetime,
    })
    .await?;
    if stage == SessionStage::Open {
        let actor = actor_in_console(operator);
        audit::record(
            tx,
            app,
            &actor,
            Change::of(AuditAction::OperatorSignedIn, &operator.name),
        )
        .await?;
    }
    Ok(NewSession {
        cookie: app.keys.session_cookie(&token, now),
        device: (stage == SessionStage::Open).then(|| {
            let expires_at = now + DEVICE_LIFETIME;
            app.keys
                .link_token(LinkPurpose::ConsoleDevice, operator.id.0, None, expires_at)
        }),
        needs_code: stage == SessionStage::Code,
    })
}

/// An operator who acts in the console without being signed in yet.
pub(super) fn actor_in_console(operator: &Operator) -> Actor {
    Actor {
        operator_id: Some(operator.id),
        name: operator.name.clone(),
        way: Way::Console,
    }
}

/// The stored session of a cookie, with its operator and the time of its last use. `None` if the cookie is not ours, or the session
/// has ended or was idle for too long.
pub(super) async fn stored_session(
    app: &App,
    cookie: &str,
) -> Result<Option<(Session, Operator, SessionToken, DateTime<Utc>)>, StoreError> {
    let now = app.clock.now();
    let Some(cookie) = app.keys.open_session_cookie(cookie) else {
        return Ok(None);
    };
    if cookie.used_at > now + MAX_CLOCK_SKEW || cookie.used_at + time_delta(app.config.operators.session_idle) <= now {
        return Ok(None);
    }
    let mut tx = app.store.read().await?;
    let Some(session) = tx.session(&token_hash(cookie.token), now).await? else {
        return Ok(None);
    };
    let operator = tx.operator(session.operator_id).await?;
    let operator = operator.filter(|operator| operator.removed_at.is_none());
    Ok(operator.map(|operator| (session, operator, cookie.token, cookie.used_at)))
}

/// The operator who is signed in with a cookie; `None` if nobody is.
///
/// # Errors
/// If the database fails.
pub async fn session_of(app: &App, cookie: &str) -> Result<Option<SignedIn>, StoreError> {
    let Some((session, operator, token, used_at)) = stored_session(app, cookie).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    let is_old = used_at + REFRESH_AFTER <= now;
    Ok((session.stage == SessionStage::Open).then(|| SignedIn {
        operator_id: operator.id,
        name: operator.name,
        role: operator.role,
        session_id: session.id,
        refreshed_cookie: is_old.then(|| app.keys.session_cookie(&token, now)),
    }))
}

/// Ends the session of an operator.
///
/// # Errors
/// If the database fails.
pub async fn sign_out(app: &App, signed_in: &SignedIn) -> Result<(), StoreError> {
    let mut tx = app.store.write().await?;
    if tx.end_session(signed_in.operator_id, signed_in.session_id).await? {
        let change = Change::of(AuditAction::OperatorSignedOut, &signed_in.name);
        audit::record(&mut tx, app, &signed_in.actor(), change).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Ends another session of the same operator; returns false if it had ended.
///
/// # Errors
/// If the database fails.
pub async fn end_session(app: &App, signed_in: &SignedIn, session: SessionId) -> Result<bool, StoreError> {
    let mut tx = app.store.write().await?;
    let has_ended = tx.end_session(signed_in.operator_id, session).await?;
    if has_ended {
        record_ended(&mut tx, app, signed_in, 1).await?;
        tx.commit().await?;
    }
    Ok(has_ended)
}

/// Ends all other sessions of the same operator. Returns how many there were.
///
/// # Errors
/// If the database fails.
pub async fn end_other_sessions(app: &App, signed_in: &SignedIn) -> Result<u64, StoreError> {
    let mut tx = app.store.write().await?;
    let ended = tx
        .end_sessions(signed_in.operator_id, Some(signed_in.session_id))
        .await?;
    if ended > 0 {
        record_ended(&mut tx, app, signed_in, ended).await?;
        tx.commit().await?;
    }
    Ok(ended)
}

async fn record_ended(tx: &mut Tx, app: &App, signed_in: &SignedIn, count: u64) -> Result<(), StoreError> {
    let change = Change::of(AuditAction::OperatorSessionsEnded, &signed_in.name).from(json!({ "sessions": count }));
    audit::record(tx, app, &signed_in.actor(), change).await
}
