//! Transactional mails: confirmations and other mails to one person about a request. They are queued in the transaction that causes
//! them, and sent by connections of their own.
//!
//! Unlike a delivery, a leased mail is `sending` at once. If its node dies, it is sent again (`nodes.rs`).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::statements::FallibleRow;
use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IssueId, NodeId, SubscriberId, SubscriptionId, TransactionalMailId};
use crate::domain::signed_links::LinkPurpose;
use crate::domain::states::{DeliveryState, MailKind};

/// A mail to one person.
#[derive(Clone, Debug)]
pub struct TransactionalMail {
    /// The id, from which the Message-ID is made.
    pub id: TransactionalMailId,
    /// The purpose of the mail.
    pub kind: MailKind,
    /// The recipient; `None` if it is an operator.
    pub subscriber_id: Option<SubscriberId>,
    /// The address of the recipient.
    pub recipient: EmailAddress,
    /// `Name <address>` for replies; `None` if they go to the sender.
    pub reply_to: Option<String>,
    /// The subject, on one line.
    pub subject: String,
    /// The HTML, with placeholders for tokens.
    pub html: String,
    /// The plain text, with placeholders for tokens.
    pub text: String,
    /// The data from which the tokens of its links are made.
    pub links: MailLinks,
    /// The network or domain that caused the mail. The mails of one requester do not delay those of another.
    pub requester: String,
    /// The position in the queue. For a new mail this is the time at which it was made. [`Tx::add_transactional_mail`] moves it to at
    /// least one second behind the last waiting mail of its requester.
    pub turn_at: DateTime<Utc>,
    /// The number of attempts so far.
    pub attempts: i64,
    /// The mail is not sent after this.
    pub expires_at: DateTime<Utc>,
    /// When the mail was made.
    pub created_at: DateTime<Utc>,
}

/// The links with a token in a mail. The token itself is not stored; it is made when the mail is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailLinks {
    /// No link has a token.
    None,
    /// A confirmation link. Its token is made from the signing key and the nonce.
    Confirmation {
        /// The id of the signing key.
        signing_key_id: i64,
        /// Random bytes, deleted when the mail is final. Then only the hash of the token is left.
        nonce: [u8; NONCE_LENGTH],
    },
    /// The preferences and unsubscribe links of these subscriptions, in the order of their placeholders.
    Subscriptions(Vec<SubscriptionId>),
    /// A link that is signed for one purpose, and works until the mail expires.
    Signed {
        /// What the link permits.
        purpose: LinkPurpose,
        /// The id that it is about.
        subject: Uuid,
    },
    /// The mail is a copy of this issue. Its links have the token of no subscription.
    IssueTest(IssueId),
}

impl MailLinks {
    pub(super) fn nonce(&self) -> Option<&[u8]> {
        match self {
            Self::Confirmation { nonce, .. } => Some(nonce),
            Self::None | Self::Subscriptions(_) | Self::Signed { .. } | Self::IssueTest(_) => None,
        }
    }

    pub(super) const fn signing_key_id(&self) -> Option<i64> {
        match self {
            Self::Confirmation { signing_key_id, .. } => Some(*signing_key_id),
            Self::None | Self::Subscriptions(_) | Self::Signed { .. } | Self::IssueTest(_) => None,
        }
    }

    /// The column `linked_subscriptions`: ids of 16 bytes each.
    pub(super) fn subscriptions(&self) -> Option<Vec<u8>> {
        match self {
            Self::Subscriptions(ids) => Some(ids.iter().flat_map(|id| *id.0.as_bytes()).collect()),
            Self::None | Self::Confirmation { .. } | Self::Signed { .. } | Self::IssueTest(_) => None,
        }
    }

    /// The columns `link_purpose` and `link_subject`.
    pub(super) const fn signed(&self) -> (Option<LinkPurpose>, Option<Uuid>) {
        match self {
            Self::Signed { purpose, subject } => (Some(*purpose), Some(*subject)),
            Self::IssueTest(issue) => (None, Some(issue.0)),
            Self::None | Self::Subscriptions(_) | Self::Confirmation { .. } => (None, None),
        }
    }
}

/// The bytes of a confirmation link's nonce.
pub const NONCE_LENGTH: usize = 32;

row! {
    /// A transactional mail as it is stored.
    struct TransactionalMailRow {
        id: TransactionalMailId,
        kind: MailKind,
        subscriber_id: Option<SubscriberId>,
        recipient: EmailAddress,
        reply_to: Option<String>,
        subject: String,
        html: String,
        text: String,
        token_nonce: Option<Vec<u8>>,
        signing_key_id: Option<i64>,
        /// Ids of subscriptions, 16 bytes each.
        linked_subscriptions: Option<Vec<u8>>,
        link_purpose: Option<LinkPurpose>,
        link_subject: Option<Uuid>,
        requester: String,
        turn_at: DateTime<Utc>,
        attempts: i64,
        expires_at: DateTime<Utc>,
        created_at: DateTime<Utc>,
    }
}

impl TransactionalMailRow {
    fn links(&self) -> std::result::Result<MailLinks, String> {
        if let (MailKind::IssueTest, None, Some(issue)) = (self.kind, self.link_purpose, self.link_subject) {
            return Ok(MailLinks::IssueTest(IssueId(issue)));
        }
        let signed = self.link_purpose.zip(self.link_subject);
        let links = match (
            &self.token_nonce,
            self.signing_key_id,
            &self.linked_subscriptions,
            signed,
        ) {
            (None, None, None, None) => Some(MailLinks::None),
            (None, None, None, Some((purpose, subject))) => Some(MailLinks::Signed { purpose, subject }),
            (Some(nonce), Some(signing_key_id), None, None) => nonce
                .as_slice()
                .try_into()
                .ok()
                .map(|nonce| MailLinks::Confirmation { signing_key_id, nonce }),
            (None, None, Some(ids), None) => {
                let (ids, rest) = ids.as_chunks::<16>();
                let ids = ids.iter().map(|id| SubscriptionId(Uuid::from_bytes(*id)));
                rest.is_empty().then(|| MailLinks::Subscriptions(ids.collect()))
            }
            _ => None,
        };
        links.ok_or_else(|| {
            format!(
                "the columns for the links of TransactionalMailRow {} are damaged",
                self.id
            )
        })
    }

    fn into_mail(self) -> std::result::Result<TransactionalMail, String> {
        let links = self.links()?;
        Ok(TransactionalMail {
            id: self.id,
            kind: self.kind,
            subscriber_id: self.subscriber_id,
            recipient: self.recipient,
            reply_to: self.reply_to,
            subject: self.subject,
            html: self.html,
            text: self.text,
            links,
            requester: self.requester,
            turn_at: self.turn_at,
            attempts: self.attempts,
            expires_at: self.expires_at,
            created_at: self.created_at,
        })
    }
}

row! {
    /// What became of a mail.
    #[derive(Clone, Debug)]
    pub struct MailSummary {
        /// The purpose of the mail.
        pub kind: MailKind,
        /// The state of the mail.
        pub state: DeliveryState,
        /// The number of attempts so far.
        pub attempts: i64,
        /// The relay's last reply, or why nothing was sent.
        pub last_reply: Option<String>,
        /// When the mail was made.
        pub created_at: DateTime<Utc>,
        /// When it entered the state.
        pub updated_at: DateTime<Utc>,
    }
}

row! {
    /// A copy of an issue that an operator asked for.
    #[derive(Clone, Debug)]
    pub struct TestMailSummary {
        /// The address that it is sent to.
        pub recipient: EmailAddress,
        /// The state of the mail.
        pub state: DeliveryState,
        /// The relay's last reply, or why nothing was sent.
        pub last_reply: Option<String>,
        /// When it was queued again because its process ended while it was being sent. It may arrive twice then.
        pub interrupted_at: Option<DateTime<Utc>>,
        /// When it entered the state.
        pub updated_at: DateTime<Utc>,
    }
}

/// A mail that a node has leased.
#[derive(Clone, Debug)]
pub struct LeasedMail {
    /// The id, even if the row cannot be read.
    pub id: TransactionalMailId,
    /// The mail. If its row cannot be read, the reason, which names the row: a damaged row must not keep the others from being sent.
    pub mail: std::result::Result<TransactionalMail, String>,
}

/// Assignments that delete the content of a mail that has become final, and the data of its links. Of a confirmation token only the hash
/// is left.
macro_rules! delete_mail_content {
    () => {
        "token_nonce = NULL, linked_subscriptions = NULL, html = '', text = ''"
    };
}
pub(super) use delete_mail_content;

/// The outcome of an attempt, or of a mail that was not attempted.
#[derive(Debug)]
pub struct TransactionalOutcome<'a> {
    /// The state after the attempt.
    pub state: DeliveryState,
    /// When to try again; ignored if the state is final.
    pub next_attempt_at: DateTime<Utc>,
    /// The new position in the queue.
    pub turn_at: DateTime<Utc>,
    /// Whether the outcome counts as an attempt.
    pub attempted: bool,
    /// The relay's reply, or why the mail was not sent.
    pub reply: &'a str,
}

impl Tx {
    /// Makes the waiting confirmation mails of a subscriber due now.
    pub(crate) async fn make_confirmations_due(&mut self, subscriber: SubscriberId, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE transactional_mails SET next_attempt_at = $2, turn_at = $2, created_at = $2 WHERE subscriber_id = $1 \
             AND kind = 'confirmation' AND state = 'queued' AND attempts = 0 AND created_at > $2",
            subscriber,
            now
        )?;
        Ok(())
    }

    /// The mails to a subscriber, the latest first.
    pub(crate) async fn transactional_mails_of(
        &mut self,
        subscriber: SubscriberId,
        limit: i64,
    ) -> Result<Vec<MailSummary>> {
        Ok(on!(
            self,
            all as MailSummary,
            "SELECT kind, state, attempts, last_reply, created_at, updated_at FROM transactional_mails \
             WHERE subscriber_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
            subscriber,
            limit
        )?)
    }

    /// The copies of an issue that operators asked for, the latest first.
    pub async fn test_mails(&mut self, issue: IssueId, limit: i64) -> Result<Vec<TestMailSummary>> {
        Ok(on!(
            self,
            all as TestMailSummary,
            "SELECT recipient, state, last_reply, interrupted_at, updated_at FROM transactional_mails \
             WHERE link_subject = $1 AND kind = 'issue_test' ORDER BY created_at DESC, id DESC LIMIT $2",
            issue,
            limit
        )?)
    }

    /// Whether a mail is due. Takes no lock.
    pub async fn transactional_mails_due(&mut self, now: DateTime<Utc>) -> Result<bool> {
        let (due,) = on!(
            self,
            one as (bool,),
            "SELECT EXISTS (SELECT 1 FROM transactional_mails WHERE state IN ('queued', 'deferred') \
             AND next_attempt_at <= $1)",
            now
        )?;
        Ok(due)
    }

    /// Leases at most `limit` due mails, and returns them in the order of their turns. The node must have updated its heartbeat in the same
    /// transaction.
    pub async fn lease_transactional_mails(
        &mut self,
        node: NodeId,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<LeasedMail>> {
        // The condition is repeated outside, for a mail that another node has leased while PostgreSQL waited for its row.
        let rows = on!(
            self,
            all as FallibleRow<TransactionalMailRow>,
            "UPDATE transactional_mails SET state = 'sending', lease_owner = $1, updated_at = $2 \
             WHERE id IN (SELECT id FROM transactional_mails WHERE state IN ('queued', 'deferred') \
             AND next_attempt_at <= $2 ORDER BY turn_at LIMIT $3) \
             AND state IN ('queued', 'deferred') AND next_attempt_at <= $2 \
             RETURNING id, kind, subscriber_id, recipient, reply_to, subject, \
             COALESCE((SELECT t.body FROM texts t WHERE t.hash = html_hash), html) AS html, \
             COALESCE((SELECT t.body FROM texts t WHERE t.hash = text_hash), text) AS text, token_nonce, signing_key_id, \
             linked_subscriptions, link_purpose, link_subject, requester, turn_at, attempts, expires_at, created_at",
            node,
            now,
            limit
        )?;
        let leased = rows.into_iter().map(|FallibleRow { id, row }| LeasedMail {
            id: TransactionalMailId(id),
            mail: row
                .map_err(|error| error.to_string())
                .and_then(TransactionalMailRow::into_mail),
        });
        let mut leased: Vec<_> = leased.collect();
        // RETURNING has no order. Rows that cannot be read come first.
        leased.sort_by_key(|leased| (leased.mail.as_ref().ok().map(|mail| mail.turn_at), leased.id));
        Ok(leased)
    }

    /// Records the outcome of a mail that this node has leased. If the new state is final, the data of its links and its own text
    /// are deleted: of a confirmation token only the hash is kept. Returns false, and records nothing, if the node has no lease.
    pub async fn record_transactional_mail(
        &mut self,
        id: TransactionalMailId,
        node: NodeId,
        outcome: &TransactionalOutcome<'_>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let recorded = on!(
            self,
            execute,
            "UPDATE transactional_mails SET state = $3, next_attempt_at = $4, attempts = attempts + $5, \
             last_reply = $6, lease_owner = NULL, updated_at = $7, turn_at = $8, \
             token_nonce = CASE WHEN $3 IN ('queued', 'deferred') THEN token_nonce END, \
             linked_subscriptions = CASE WHEN $3 IN ('queued', 'deferred') THEN linked_subscriptions END, \
             html = CASE WHEN $3 IN ('queued', 'deferred') THEN html ELSE '' END, \
             text = CASE WHEN $3 IN ('queued', 'deferred') THEN text ELSE '' END \
             WHERE id = $1 AND lease_owner = $2 AND state = 'sending'",
            id,
            node,
            outcome.state,
            outcome.next_attempt_at,
            i64::from(outcome.attempted),
            outcome.reply,
            now,
            outcome.turn_at
        )?;
        Ok(recorded > 0)
    }

    /// Deletes the record of mails that were made and ended before `before`. At most `limit` rows; returns how many.
    pub(crate) async fn purge_transactional_mails(&mut self, before: DateTime<Utc>, limit: i64) -> Result<u64> {
        // Ids sort by the time they were made, so the primary key leads to the old rows, and those that wait are few.
        let millis = u64::try_from(before.timestamp_millis()).unwrap_or(0);
        let first_kept = uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid();
        Ok(on!(
            self,
            execute,
            "DELETE FROM transactional_mails WHERE id IN (SELECT m.id FROM transactional_mails m WHERE m.id < $1 \
             AND m.updated_at < $2 AND m.state NOT IN ('queued', 'deferred', 'sending') ORDER BY m.id LIMIT $3)",
            first_kept,
            before,
            limit
        )?)
    }
}
