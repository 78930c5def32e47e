//! The browsers in which operators are signed in to the console, and the links for operators that work once.

use chrono::{DateTime, Utc};
use const_format::concatcp;

use super::{Columns, Result, Tx, on, row};
use crate::domain::ids::{OperatorId, OperatorLinkId, SessionId};
use crate::domain::sign_in::{OperatorLinkPurpose, SessionStage};

row! {
    /// A session of the console, without the token of its cookie.
    #[derive(Clone, Debug)]
    pub struct Session {
        pub id: SessionId,
        pub operator_id: OperatorId,
        /// SHA-256 of the token.
        pub token_hash: Vec<u8>,
        pub stage: SessionStage,
        /// The browser, as its `User-Agent` field names it.
        pub browser: String,
        /// The network address of the browser when it signed in; empty if none is kept.
        pub network: String,
        pub created_at: DateTime<Utc>,
        pub expires_at: DateTime<Utc>,
    }
}

row! {
    /// A link for an operator, without its token.
    #[derive(Clone, Debug)]
    pub struct OperatorLink {
        pub id: OperatorLinkId,
        pub purpose: OperatorLinkPurpose,
        /// `None` if the link creates the operator.
        pub operator_id: Option<OperatorId>,
        /// SHA-256 of the token; `None` if the link is signed and names this row.
        pub token_hash: Option<Vec<u8>>,
        pub created_at: DateTime<Utc>,
        pub expires_at: DateTime<Utc>,
        pub used_at: Option<DateTime<Utc>>,
    }
}

impl Tx {
    pub(crate) async fn add_session(&mut self, session: &Session) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO operator_sessions (id, operator_id, token_hash, stage, browser, network, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            session.id,
            session.operator_id,
            &session.token_hash,
            session.stage,
            &session.browser,
            &session.network,
            session.created_at,
            session.expires_at
        )?;
        Ok(())
    }

    /// The session whose token has this hash, unless it has expired.
    pub(crate) async fn session(&mut self, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<Session>> {
        Ok(on!(
            self,
            optional as Session,
            concatcp!(
                "SELECT ",
                Session::COLUMNS,
                " FROM operator_sessions WHERE token_hash = $1 AND expires_at > $2"
            ),
            token_hash,
            now
        )?)
    }

    /// The sessions of an operator who is signed in, the newest first.
    pub(crate) async fn open_sessions(&mut self, operator: OperatorId, now: DateTime<Utc>) -> Result<Vec<Session>> {
        Ok(on!(
            self,
            all as Session,
            concatcp!(
                "SELECT ",
                Session::COLUMNS,
                " FROM operator_sessions WHERE operator_id = $1 AND stage = 'open' AND expires_at > $2 \
             ORDER BY created_at DESC, id DESC"
            ),
            operator,
            now
        )?)
    }

    /// Ends a session of an operator; returns false if there is no such session.
    pub(crate) async fn end_session(&mut self, operator: OperatorId, id: SessionId) -> Result<bool> {
        let ended = on!(
            self,
            execute,
            "DELETE FROM operator_sessions WHERE id = $1 AND operator_id = $2",
            id,
            operator
        )?;
        Ok(ended == 1)
    }

    /// Ends all sessions of an operator except for `kept`. Returns how many were ended.
    pub(crate) async fn end_sessions(&mut self, operator: OperatorId, kept: Option<SessionId>) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM operator_sessions WHERE operator_id = $1 AND ($2 IS NULL OR id <> $2)",
            operator,
            kept
        )?)
    }

    pub(crate) async fn add_operator_link(&mut self, link: &OperatorLink) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO operator_links (id, purpose, operator_id, token_hash, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            link.id,
            link.purpose,
            link.operator_id,
            link.token_hash.as_deref(),
            link.created_at,
            link.expires_at
        )?;
        Ok(())
    }

    /// The link for a purpose whose token has this hash, whether it was used or not.
    pub(crate) async fn operator_link(
        &mut self,
        purpose: OperatorLinkPurpose,
        token_hash: &[u8],
    ) -> Result<Option<OperatorLink>> {
        Ok(on!(
            self,
            optional as OperatorLink,
            concatcp!(
                "SELECT ",
                OperatorLink::COLUMNS,
                " FROM operator_links WHERE token_hash = $1 AND purpose = $2"
            ),
            token_hash,
            purpose
        )?)
    }

    pub(crate) async fn operator_link_by_id(&mut self, id: OperatorLinkId) -> Result<Option<OperatorLink>> {
        Ok(on!(
            self,
            optional as OperatorLink,
            concatcp!("SELECT ", OperatorLink::COLUMNS, " FROM operator_links WHERE id = $1"),
            id
        )?)
    }

    /// Uses a link; returns false if it was used before or has expired.
    pub(crate) async fn use_operator_link(&mut self, id: OperatorLinkId, now: DateTime<Utc>) -> Result<bool> {
        let used = on!(
            self,
            execute,
            "UPDATE operator_links SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2",
            id,
            now
        )?;
        Ok(used == 1)
    }

    /// Makes all unused links of an operator invalid.
    pub(crate) async fn void_operator_links(&mut self, operator: OperatorId, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE operator_links SET used_at = $2 WHERE operator_id = $1 AND used_at IS NULL",
            operator,
            now
        )?;
        Ok(())
    }

    /// Makes all links to create the first owner invalid, and locks them until this transaction ends.
    pub(crate) async fn void_first_owner_links(&mut self, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE operator_links SET used_at = COALESCE(used_at, $1) WHERE purpose = 'first_owner'",
            now
        )?;
        Ok(())
    }

    /// Deletes sessions, links and challenges that have expired.
    pub(crate) async fn purge_operator_access(&mut self, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM operator_sessions WHERE expires_at <= $1",
            now
        )?;
        on!(self, execute, "DELETE FROM operator_links WHERE expires_at <= $1", now)?;
        on!(
            self,
            execute,
            "DELETE FROM operator_challenges WHERE expires_at <= $1",
            now
        )?;
        Ok(())
    }
}
