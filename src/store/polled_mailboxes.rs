//! Mailboxes that are polled for returned mail: which process polls one, which of its messages were examined, and why it fails.
//!
//! A lease ends at a time, so a process that polls needs no heartbeat (`nodes.rs`). Two processes that hold it at once, because their
//! clocks differ, only do work twice: a returned mail is stored once, and a message is moved once.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::NodeId;

row! {
    /// The process that polls a mailbox.
    #[derive(Clone, Debug)]
    pub struct MailboxLease {
        /// The node; `None` if it has released the lease.
        pub lease_owner: Option<NodeId>,
        /// What identifies its process on its machine.
        pub lease_process: Option<String>,
    }
}

row! {
    /// Which messages of a mailbox were examined.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct ExaminedMessages {
        /// The UIDVALIDITY under which `last_uid` counts; `None` before the first message.
        pub uid_validity: Option<i64>,
        /// Every message up to this UID.
        pub last_uid: i64,
    }
}

impl Tx {
    /// The process that polls a mailbox, if one does or did.
    pub(crate) async fn mailbox_lease(&mut self, mailbox: &str) -> Result<Option<MailboxLease>> {
        Ok(on!(
            self,
            optional as MailboxLease,
            "SELECT lease_owner, lease_process FROM polled_mailboxes WHERE name = $1",
            mailbox
        )?)
    }

    /// Leases a mailbox, or renews the lease; false if another process holds it. `ended` is a process that holds the lease and has ended.
    pub(crate) async fn lease_mailbox(
        &mut self,
        mailbox: &str,
        (node, process): (NodeId, Option<&str>),
        ended: Option<NodeId>,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool> {
        let leased = on!(
            self,
            execute,
            "INSERT INTO polled_mailboxes (name, lease_owner, lease_process, leased_until, last_uid) VALUES ($1, $2, $3, $6, 0) \
             ON CONFLICT (name) DO UPDATE SET lease_owner = $2, lease_process = $3, leased_until = $6 \
             WHERE polled_mailboxes.lease_owner IS NULL OR polled_mailboxes.lease_owner = $2 OR polled_mailboxes.lease_owner = $4 \
             OR polled_mailboxes.leased_until <= $5",
            mailbox,
            node,
            process,
            ended,
            now,
            until
        )?;
        Ok(leased == 1)
    }

    /// Releases the lease of this node.
    pub(crate) async fn release_mailbox(&mut self, mailbox: &str, node: NodeId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE polled_mailboxes SET lease_owner = NULL, lease_process = NULL, leased_until = NULL \
             WHERE name = $1 AND lease_owner = $2",
            mailbox,
            node
        )?;
        Ok(())
    }

    /// Which messages were examined.
    pub(crate) async fn examined_messages(&mut self, mailbox: &str) -> Result<ExaminedMessages> {
        let examined = on!(
            self,
            optional as ExaminedMessages,
            "SELECT uid_validity, last_uid FROM polled_mailboxes WHERE name = $1",
            mailbox
        )?;
        Ok(examined.unwrap_or_default())
    }

    /// Records that every message up to a UID was examined, and renews the lease; false if another process holds it.
    pub(crate) async fn set_examined_messages(
        &mut self,
        mailbox: &str,
        node: NodeId,
        examined: ExaminedMessages,
        until: DateTime<Utc>,
    ) -> Result<bool> {
        let set = on!(
            self,
            execute,
            "UPDATE polled_mailboxes SET uid_validity = $3, last_uid = $4, leased_until = $5 WHERE name = $1 AND lease_owner = $2",
            mailbox,
            node,
            examined.uid_validity,
            examined.last_uid,
            until
        )?;
        Ok(set == 1)
    }

    /// Records why a mailbox cannot be read.
    pub(crate) async fn set_mailbox_failure(&mut self, mailbox: &str, failure: &str, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE polled_mailboxes SET failure = $2, failing_since = COALESCE(failing_since, $3) WHERE name = $1",
            mailbox,
            failure,
            now
        )?;
        Ok(())
    }

    /// Marks the operators as notified of a failure that began before `since`, and returns when it began. `None` if they were notified
    /// before, or if the failure is younger.
    pub(crate) async fn mark_mailbox_failure_notified(
        &mut self,
        mailbox: &str,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>> {
        let began = on!(
            self,
            optional as (DateTime<Utc>,),
            "UPDATE polled_mailboxes SET notified_at = $3 WHERE name = $1 AND notified_at IS NULL AND failing_since <= $2 \
             RETURNING failing_since",
            mailbox,
            since,
            now
        )?;
        Ok(began.map(|(began,)| began))
    }

    /// Records that a mailbox can be read.
    pub(crate) async fn clear_mailbox_failure(&mut self, mailbox: &str) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE polled_mailboxes SET failure = NULL, failing_since = NULL, notified_at = NULL \
             WHERE name = $1 AND failing_since IS NOT NULL",
            mailbox
        )?;
        Ok(())
    }
}
