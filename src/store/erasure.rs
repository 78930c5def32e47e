//! Erasing a person. One transaction deletes the rows, or empties what must stay for the sums of others ([`Tx::erase_subscriber`],
//! [`Tx::erase_address`]), and adds a row to `erasures`. Then the other methods, several times if necessary, end what was in flight and
//! empty what quotes the person, until the row can be deleted.
//!
//! What stays: deliveries and bounces without a subscription, so that every delivery report still balances; counts; and the
//! suppression with the keyed hash of the address.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::deliveries::end_waiting_deliveries;
use super::{EventSubject, Result, Tx, on, row};
use crate::domain::ids::{IssueId, SubscriberId, SubscriptionId, TransactionalMailId};
use crate::domain::states::DeliveryState;
use crate::domain::webhook::WebhookEvent;

/// The evidence of a suppression whose subscriber was erased.
const ERASED: &str = "erased with the address";

row! {
    /// An erasure that is not complete.
    #[derive(Clone, Debug)]
    pub(crate) struct Erasure {
        pub(crate) id: Uuid,
        /// One a line. Empty if nobody was erased: then only the deliveries to subscriptions are detached.
        pub(crate) addresses: String,
        /// The names, also one a line.
        pub(crate) names: String,
        /// Ids of 16 bytes each.
        pub(crate) subscriptions: Vec<u8>,
        /// Ids of 16 bytes each.
        pub(crate) mails: Vec<u8>,
        pub(crate) requested_at: DateTime<Utc>,
    }
}

impl Erasure {
    /// Whether no row quotes the person any more.
    pub(crate) const fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.subscriptions.is_empty() && self.mails.is_empty()
    }
}

row! {
    /// A delivery to an erased subscription.
    #[derive(Clone, Debug)]
    pub(crate) struct ErasedDelivery {
        pub(crate) issue_id: IssueId,
        pub(crate) state: DeliveryState,
        pub(crate) last_reply: Option<String>,
    }
}

/// Condition: the row belongs to a subscription of the subscriber `$1`.
macro_rules! of_own_subscription {
    () => {
        "subscription_id IN (SELECT id FROM subscriptions WHERE subscriber_id = $1)"
    };
}

/// Empties the returned mails of the bounces that match a condition.
macro_rules! empty_returned_mails {
    ($condition:expr) => {
        concat!(
            "UPDATE returned_mails SET content = $2, recipient = NULL, event_id = NULL WHERE id IN \
             (SELECT returned_mail_id FROM bounces WHERE returned_mail_id IS NOT NULL AND ",
            $condition,
            ")"
        )
    };
}

/// Removes the person from the bounces that match a condition. Kind, reason and issue stay, for the counts of the issue.
macro_rules! empty_bounces {
    ($condition:expr) => {
        concat!(
            "UPDATE bounces SET address_hash = $2, domain = '', evidence = '' WHERE ",
            $condition
        )
    };
}

impl Tx {
    /// The names that are on record about a subscriber.
    pub(crate) async fn names_of(&mut self, subscriber: SubscriberId) -> Result<Vec<String>> {
        let names = on!(
            self,
            all as (String,),
            concat!(
                "SELECT name FROM subscribers WHERE id = $1 AND name IS NOT NULL \
                 UNION SELECT name FROM confirmation_tokens WHERE name IS NOT NULL AND ",
                of_own_subscription!()
            ),
            subscriber
        )?;
        Ok(names.into_iter().map(|(name,)| name).collect())
    }

    /// The ids of all transactional mails to a subscriber.
    pub(crate) async fn transactional_mail_ids(
        &mut self,
        subscriber: SubscriberId,
    ) -> Result<Vec<TransactionalMailId>> {
        let ids = on!(
            self,
            all as (TransactionalMailId,),
            "SELECT id FROM transactional_mails WHERE subscriber_id = $1 ORDER BY id",
            subscriber
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// The ids of the mails to an address in lower case that went to subscribers. These may have another address now.
    pub(crate) async fn mails_to_subscribers_at(&mut self, recipient: &str) -> Result<Vec<TransactionalMailId>> {
        let ids = on!(
            self,
            all as (TransactionalMailId,),
            "SELECT id FROM transactional_mails WHERE LOWER(recipient) = $1 AND subscriber_id IS NOT NULL ORDER BY id",
            recipient
        )?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// Deletes a subscriber with everything that only concerns them. The caller has ended the subscriptions. A mail that is being sent
    /// keeps its row until it is sent ([`Tx::delete_erased_mail`]).
    pub(crate) async fn erase_subscriber(&mut self, subscriber: SubscriberId, now: DateTime<Utc>) -> Result<()> {
        macro_rules! run {
            ($sql:expr $(, $bind:expr)*) => {
                on!(self, execute, $sql, subscriber $(, $bind)*)?
            };
        }
        run!(empty_returned_mails!(of_own_subscription!()), Vec::<u8>::new());
        run!(empty_bounces!(of_own_subscription!()), Vec::<u8>::new());
        run!(concat!(
            "UPDATE leaving_reasons SET subscription_id = NULL, ended_at = NULL, note = '' WHERE ",
            of_own_subscription!()
        ));
        run!(concat!(
            "DELETE FROM confirmation_tokens WHERE ",
            of_own_subscription!()
        ));
        run!(concat!("DELETE FROM consent_records WHERE ", of_own_subscription!()));
        run!("DELETE FROM address_changes WHERE subscriber_id = $1");
        run!("DELETE FROM transactional_mails WHERE subscriber_id = $1 AND state <> 'sending'");
        run!("UPDATE transactional_mails SET subscriber_id = NULL WHERE subscriber_id = $1");
        run!("DELETE FROM comments WHERE subscriber_id = $1");
        run!("DELETE FROM subscriptions WHERE subscriber_id = $1");
        run!("DELETE FROM subscribers WHERE id = $1");
        self.delete_webhook_messages_about(subscriber).await?;
        self.collect_event(
            WebhookEvent::ReaderErased,
            now,
            EventSubject::Erased(subscriber),
            Vec::new(),
        );
        Ok(())
    }

    /// Removes what is on record by the keyed hash of an address. A suppression stays, without its evidence.
    pub(crate) async fn erase_address(&mut self, address_hash: &[u8], mailboxes: &[[u8; 16]]) -> Result<()> {
        on!(
            self,
            execute,
            empty_returned_mails!("address_hash = $1"),
            address_hash,
            Vec::<u8>::new()
        )?;
        on!(
            self,
            execute,
            empty_bounces!("address_hash = $1"),
            address_hash,
            Vec::<u8>::new()
        )?;
        on!(
            self,
            execute,
            "UPDATE suppressions SET evidence = $2, complaint = CASE WHEN complaint IS NOT NULL THEN $2 END WHERE address_hash = $1",
            address_hash,
            ERASED
        )?;
        on!(
            self,
            execute,
            "DELETE FROM ended_suppressions WHERE address_hash = $1",
            address_hash
        )?;
        on!(
            self,
            execute,
            "DELETE FROM confirmation_asks WHERE address_hash = $1",
            address_hash
        )?;
        for mailbox in mailboxes {
            on!(
                self,
                execute,
                "DELETE FROM mailbox_histories WHERE mailbox = $1",
                &mailbox[..]
            )?;
        }
        Ok(())
    }

    /// Stores what an erasure still has to search for.
    pub(crate) async fn add_erasure(&mut self, erasure: &Erasure) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO erasures (id, addresses, names, subscriptions, mails, requested_at) VALUES ($1, $2, $3, $4, $5, $6)",
            erasure.id,
            &erasure.addresses,
            &erasure.names,
            &erasure.subscriptions,
            &erasure.mails,
            erasure.requested_at
        )?;
        Ok(())
    }

    /// The erasures that are not complete, oldest first.
    pub(crate) async fn erasures(&mut self) -> Result<Vec<Erasure>> {
        Ok(on!(
            self,
            all as Erasure,
            "SELECT id, addresses, names, subscriptions, mails, requested_at FROM erasures ORDER BY requested_at, id"
        )?)
    }

    /// Forgets whom an erasure is about, because no row quotes them any more. The row stays until the database has overwritten it.
    pub(crate) async fn empty_erasure(&mut self, id: Uuid) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE erasures SET addresses = '', names = '', subscriptions = $2, mails = $2 WHERE id = $1",
            id,
            Vec::<u8>::new()
        )?;
        Ok(())
    }

    pub(crate) async fn delete_erasure(&mut self, id: Uuid) -> Result<()> {
        on!(self, execute, "DELETE FROM erasures WHERE id = $1", id)?;
        Ok(())
    }

    /// The deliveries to a subscription. An erased one has no row any more, so its newsletter is unknown, and each started issue is asked by
    /// the primary key.
    pub(crate) async fn erased_deliveries(&mut self, subscription: SubscriptionId) -> Result<Vec<ErasedDelivery>> {
        Ok(on!(
            self,
            all as ErasedDelivery,
            "SELECT issue_id, state, last_reply FROM deliveries \
             WHERE issue_id IN (SELECT id FROM issues WHERE started_at IS NOT NULL) AND subscription_id = $1",
            subscription
        )?)
    }

    /// Ends the deliveries to an erased subscription that wait, such as one that was being sent and was deferred.
    pub(crate) async fn end_erased_deliveries(
        &mut self,
        subscription: SubscriptionId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            end_waiting_deliveries!(
                state: "cancelled",
                reply: "'the subscriber left'",
                now: "$2",
                "WHERE issue_id IN (SELECT id FROM issues WHERE started_at IS NOT NULL) AND subscription_id = $1"
            ),
            subscription,
            now
        )?;
        Ok(())
    }

    /// Gives a final delivery, and what came back about it, a random id that belongs to no subscription. The sums of the issue stay.
    pub(crate) async fn detach_delivery(
        &mut self,
        issue: IssueId,
        subscription: SubscriptionId,
        replacement: SubscriptionId,
        reply: Option<&str>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE deliveries SET subscription_id = $3, last_reply = $4 WHERE issue_id = $1 AND subscription_id = $2 \
             AND state NOT IN ('queued', 'deferred', 'sending')",
            issue,
            subscription,
            replacement,
            reply
        )?;
        self.detach_bounces(issue, subscription, replacement).await
    }

    /// Replaces the reply to a delivery.
    pub(crate) async fn replace_reply(
        &mut self,
        issue: IssueId,
        subscription: SubscriptionId,
        reply: &str,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE deliveries SET last_reply = $3 WHERE issue_id = $1 AND subscription_id = $2",
            issue,
            subscription,
            reply
        )?;
        Ok(())
    }

    /// Gives the bounces of an issue a random id that belongs to no subscription.
    pub(crate) async fn detach_bounces(
        &mut self,
        issue: IssueId,
        subscription: SubscriptionId,
        replacement: SubscriptionId,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE bounces SET subscription_id = $3 WHERE subscription_id = $2 AND issue_id = $1",
            issue,
            subscription,
            replacement
        )?;
        Ok(())
    }

    /// The issues whose bounces still name a subscription. Bounces without an issue get none.
    pub(crate) async fn issues_of_bounces(&mut self, subscription: SubscriptionId) -> Result<Vec<IssueId>> {
        on!(
            self,
            execute,
            "UPDATE bounces SET subscription_id = NULL WHERE subscription_id = $1 AND issue_id IS NULL",
            subscription
        )?;
        let issues = on!(
            self,
            all as (IssueId,),
            "SELECT DISTINCT issue_id FROM bounces WHERE subscription_id = $1",
            subscription
        )?;
        Ok(issues.into_iter().map(|(issue,)| issue).collect())
    }

    /// Deletes a mail to an erased person that is not being sent any more. Returns whether it still is.
    pub(crate) async fn delete_erased_mail(&mut self, id: TransactionalMailId) -> Result<bool> {
        on!(
            self,
            execute,
            "DELETE FROM transactional_mails WHERE id = $1 AND state <> 'sending'",
            id
        )?;
        let left = on!(
            self,
            optional as (TransactionalMailId,),
            "SELECT id FROM transactional_mails WHERE id = $1",
            id
        )?;
        Ok(left.is_some())
    }
}
