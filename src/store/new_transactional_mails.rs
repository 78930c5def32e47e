//! Queues transactional mails: each with its turn, the position in the queue.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::texts::SharedText;
use super::transactional_mails::TransactionalMail;
use super::{Result, Tx, insert, select_over};
use crate::domain::states::DeliveryState;

/// The interval between the turns of one requester's mails. It is the share of a busy queue that one requester gets: a person who causes
/// a thousand mails at once delays the mail of another person by those whose turn has come, and not by all. A shorter interval would let
/// the thousand pass sooner, a longer one would delay an office whose members share a network.
const TURN_INTERVAL: TimeDelta = TimeDelta::seconds(1);

/// A mail to be queued.
#[derive(Debug)]
pub(crate) struct NewTransactionalMail<'a> {
    pub(crate) mail: &'a TransactionalMail,
    /// The position in the queue, from [`Turns::take`].
    pub(crate) turn_at: DateTime<Utc>,
    /// HTML and text, if other mails have the same. Store both first ([`Tx::store_text`]); those of `mail` are empty.
    pub(crate) shared: Option<[&'a SharedText; 2]>,
}

/// The last position in the queue of each requester with waiting mails.
#[derive(Debug, Default)]
pub(crate) struct Turns(HashMap<String, DateTime<Utc>>);

impl Turns {
    /// The position of the next mail of a requester: `earliest`, or one second behind the last waiting one.
    pub(crate) fn take(&mut self, requester: &str, earliest: DateTime<Utc>) -> DateTime<Utc> {
        if let Some(last) = self.0.get_mut(requester) {
            *last = earliest.max(*last + TURN_INTERVAL);
            return *last;
        }
        self.0.insert(requester.to_owned(), earliest);
        earliest
    }
}

impl Tx {
    /// Queues a mail. The turns of one requester's mails are one second apart, so that many of them do not delay the mails of
    /// others.
    pub async fn add_transactional_mail(&mut self, mail: &TransactionalMail) -> Result<()> {
        let mut turns = self.last_turns(&[&mail.requester]).await?;
        let turn_at = turns.take(&mail.requester, mail.turn_at);
        let new = NewTransactionalMail {
            mail,
            turn_at,
            shared: None,
        };
        self.add_transactional_mails(&[new]).await
    }

    /// The turns of requesters with waiting mails. Call it once in a transaction.
    pub(crate) async fn last_turns(&mut self, requesters: &[&str]) -> Result<Turns> {
        // A subquery, because SQLite and PostgreSQL find the largest value of each requester in the index with it. A join with `MAX`
        // would read all waiting mails.
        let rows = select_over!(
            self,
            "WITH asked (requester) AS (",
            ") SELECT requester, (SELECT m.turn_at FROM transactional_mails m WHERE m.requester = asked.requester \
             AND m.state IN ('queued', 'deferred') ORDER BY m.turn_at DESC LIMIT 1) FROM asked",
            (String, Option<DateTime<Utc>>),
            requesters,
            |requester| *requester
        );
        let waiting = rows
            .into_iter()
            .filter_map(|(requester, last)| Some((requester, last?)));
        Ok(Turns(waiting.collect()))
    }

    /// Queues mails whose turns are known.
    pub(crate) async fn add_transactional_mails(&mut self, mails: &[NewTransactionalMail<'_>]) -> Result<()> {
        insert!(
            self,
            "transactional_mails (id, kind, subscriber_id, recipient, subject, html, text, token_nonce, signing_key_id, state, \
             attempts, next_attempt_at, expires_at, created_at, updated_at, requester, turn_at, html_hash, text_hash, \
             linked_subscriptions, reply_to, link_purpose, link_subject)",
            mails,
            |new| new.mail.id,
            new.mail.kind,
            new.mail.subscriber_id,
            &new.mail.recipient,
            &new.mail.subject,
            &new.mail.html,
            &new.mail.text,
            new.mail.links.nonce(),
            new.mail.links.signing_key_id(),
            DeliveryState::Queued,
            0_i64,
            new.mail.created_at,
            new.mail.expires_at,
            new.mail.created_at,
            new.mail.created_at,
            &new.mail.requester,
            new.turn_at,
            new.shared.map(|[html, _]| &html.hash[..]),
            new.shared.map(|[_, text]| &text.hash[..]),
            new.mail.links.subscriptions(),
            &new.mail.reply_to,
            new.mail.links.signed().0,
            new.mail.links.signed().1
        );
        Ok(())
    }
}
