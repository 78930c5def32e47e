//! Transactional mails: written in the transaction that causes them, sent by senders of their own.

use chrono::{DateTime, TimeDelta, Utc};

use super::texts::SharedText;
use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{NodeId, SubscriberId, TransactionalMailId};
use crate::domain::states::MailKind;

row! {
    /// A mail to one person about what they or an operator did.
    #[derive(Clone)]
    pub struct TransactionalMail {
        /// Its id, from which its Message-ID is made.
        pub id: TransactionalMailId,
        /// What it is for.
        pub kind: MailKind,
        /// To whom; none: to an operator.
        pub subscriber_id: Option<SubscriberId>,
        /// The address.
        pub recipient: EmailAddress,
        /// Its subject.
        pub subject: String,
        /// Its HTML, with a placeholder for the token.
        pub html: String,
        /// Its text, with a placeholder for the token.
        pub text: String,
        /// The token is made from this and the signing key. Without a key: the ids of the subscriptions that the mail links to.
        pub token_nonce: Vec<u8>,
        /// The key; none where there is no token.
        pub signing_key_id: Option<i64>,
        /// Who caused it: a network or a domain. The mails of one requester do not delay those of another.
        pub requester: String,
        /// Its place in the queue. A new mail states when it was made, and is moved behind its requester's last one.
        pub turn_at: DateTime<Utc>,
        /// How often it was tried.
        pub attempts: i64,
        /// After this it is of no use.
        pub expires_at: DateTime<Utc>,
        /// When it was written.
        pub created_at: DateTime<Utc>,
    }
}

/// The interval between the turns of one requester's mails.
const TURN: TimeDelta = TimeDelta::seconds(1);

/// What became of an attempt, for the row.
#[derive(Debug)]
pub struct TransactionalOutcome<'a> {
    /// The new state's word: one of the delivery states.
    pub state: &'static str,
    /// When to try again, if at all.
    pub next_attempt_at: DateTime<Utc>,
    /// Its new place in the queue.
    pub turn_at: DateTime<Utc>,
    /// Whether this counts as an attempt.
    pub attempted: bool,
    /// What the relay said.
    pub reply: &'a str,
}

impl Tx {
    /// Queues a mail. The turns of one requester's mails are one second apart, so that many of them do not delay the mails of
    /// others.
    pub async fn add_transactional_mail(&mut self, mail: &TransactionalMail) -> Result<()> {
        self.queue_mail(mail, None).await
    }

    /// Queues a mail that shares HTML and text with others. Store both first ([`Tx::store_text`]); those of `mail` are empty.
    pub(crate) async fn add_transactional_mail_with_texts(
        &mut self,
        mail: &TransactionalMail,
        html: &SharedText,
        text: &SharedText,
    ) -> Result<()> {
        self.queue_mail(mail, Some([html, text])).await
    }

    async fn queue_mail(&mut self, mail: &TransactionalMail, shared: Option<[&SharedText; 2]>) -> Result<()> {
        let last: Option<(DateTime<Utc>,)> = on!(
            self,
            optional as (DateTime<Utc>,),
            "SELECT turn_at FROM transactional_mails WHERE requester = $1 AND state IN ('queued', 'deferred') \
             ORDER BY turn_at DESC LIMIT 1",
            &mail.requester
        )?;
        let turn_at = last.map_or(mail.turn_at, |(last,)| mail.turn_at.max(last + TURN));
        on!(
            self,
            execute,
            "INSERT INTO transactional_mails (id, kind, subscriber_id, recipient, subject, html, text, token_nonce, \
             signing_key_id, state, attempts, next_attempt_at, expires_at, created_at, updated_at, requester, turn_at, \
             html_hash, text_hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', 0, $11, $10, $11, $11, $12, $13, $14, $15)",
            mail.id,
            mail.kind,
            mail.subscriber_id,
            &mail.recipient,
            &mail.subject,
            &mail.html,
            &mail.text,
            &mail.token_nonce,
            mail.signing_key_id,
            mail.expires_at,
            mail.created_at,
            &mail.requester,
            turn_at,
            shared.map(|[html, _]| html.hash.to_vec()),
            shared.map(|[_, text]| text.hash.to_vec())
        )?;
        Ok(())
    }

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

    /// Whether a mail is due: a look that takes no lock.
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

    /// Takes a lease on due mails, in the order of their turns. The node must have sent a heartbeat in the same transaction.
    pub async fn lease_transactional_mails(
        &mut self,
        node: NodeId,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<TransactionalMail>> {
        Ok(on!(
            self,
            all as TransactionalMail,
            "UPDATE transactional_mails SET state = 'sending', lease_owner = $1, updated_at = $2 \
             WHERE id IN (SELECT id FROM transactional_mails WHERE state IN ('queued', 'deferred') \
             AND next_attempt_at <= $2 ORDER BY turn_at LIMIT $3) \
             AND state IN ('queued', 'deferred') AND next_attempt_at <= $2 \
             RETURNING id, kind, subscriber_id, recipient, subject, \
             COALESCE((SELECT t.body FROM texts t WHERE t.hash = html_hash), html) AS html, \
             COALESCE((SELECT t.body FROM texts t WHERE t.hash = text_hash), text) AS text, token_nonce, signing_key_id, \
             requester, turn_at, attempts, expires_at, created_at",
            node,
            now,
            limit
        )?)
    }

    /// Records what became of a mail that this node holds. Once nothing is left to do, what its token was made from is
    /// forgotten, so that only the token's hash is here; so are texts of its own, which nobody reads any more.
    pub async fn record_transactional_mail(
        &mut self,
        id: TransactionalMailId,
        node: NodeId,
        outcome: &TransactionalOutcome<'_>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE transactional_mails SET state = $3, next_attempt_at = $4, attempts = attempts + $5, \
             last_reply = $6, lease_owner = NULL, updated_at = $7, turn_at = $9, \
             token_nonce = CASE WHEN $3 IN ('queued', 'deferred') THEN token_nonce ELSE $8 END, \
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
            &b""[..],
            outcome.turn_at
        )?;
        Ok(())
    }
}
