//! Nodes: the processes that send mail. Each has a row with a heartbeat. Its leases of deliveries and transactional mails are valid while
//! that row exists. Leases of feed hosts are not: they expire at a time (`feed_hosts.rs`).

use chrono::{DateTime, Utc};

use super::leases::of_issue_with_leases;
use super::{Result, Tx, on, row};
use crate::domain::ids::NodeId;

row! {
    /// A process that sends mail.
    #[derive(Clone, Debug)]
    pub struct Node {
        /// A new id at every start of the process.
        pub id: NodeId,
        /// The machine and the process ([`crate::process::current`]); `None` if the operating system does not provide them.
        pub process: Option<String>,
        /// A number that the node increases with each heartbeat.
        pub heartbeat: i64,
    }
}

/// Condition on `deliveries` in [`Tx::reclaim_node`]: the parameter `$2` (`resend`) is true, and the issue was not cancelled.
macro_rules! is_sent_again {
    () => {
        "$2 AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.id = issue_id AND i.state = 'cancelled')"
    };
}

impl Tx {
    /// Updates this node's heartbeat, and lists the node if it is not. Every leasing transaction calls this first, so a lease always
    /// belongs to a listed node: a node that reclaims this one waits for that transaction, and then finds the heartbeat changed.
    pub async fn heartbeat(&mut self, node: NodeId, process: Option<&str>) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO nodes (id, process, heartbeat) VALUES ($1, $2, 1) \
             ON CONFLICT (id) DO UPDATE SET heartbeat = nodes.heartbeat + 1",
            node,
            process
        )?;
        Ok(())
    }

    /// All listed nodes, including this one.
    pub async fn nodes(&mut self) -> Result<Vec<Node>> {
        Ok(on!(
            self,
            all as Node,
            "SELECT id, process, heartbeat FROM nodes ORDER BY id"
        )?)
    }

    /// Stores how fast a node sends, as JSON.
    pub(crate) async fn report_sending(&mut self, node: NodeId, status: &str) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE nodes SET sending = $2 WHERE id = $1",
            node,
            status
        )?;
        Ok(())
    }

    /// The nodes that have sent: the id, the process, and how fast it sends.
    pub(crate) async fn sending_statuses(&mut self) -> Result<Vec<(NodeId, Option<String>, String)>> {
        Ok(on!(
            self,
            all as (NodeId, Option<String>, String),
            "SELECT id, process, sending FROM nodes WHERE sending IS NOT NULL ORDER BY id"
        )?)
    }

    /// Removes a node whose heartbeat has not changed, and releases its leases. A delivery that it had in flight may have been sent
    /// or not: it becomes `in_doubt`, or `queued` if `resend` is set and its issue was not cancelled. Returns the number of such
    /// deliveries; `None` if the heartbeat has changed, and then nothing is done.
    pub async fn reclaim_node(&mut self, node: &Node, resend: bool, now: DateTime<Utc>) -> Result<Option<u64>> {
        let removed = on!(
            self,
            execute,
            "DELETE FROM nodes WHERE id = $1 AND heartbeat = $2",
            node.id,
            node.heartbeat
        )?;
        if removed == 0 {
            return Ok(None);
        }
        // Deliveries that were not started come first. PostgreSQL may still be executing a commit of the dead process that starts
        // some of them. This statement waits for that commit, and the next statement finds what it started. A later commit finds
        // the lease released and starts nothing.
        self.release_leases(node.id, now).await?;
        // `attempts` did not count the attempt when it was started (`DeliveryTransition::attempts`), so it is counted here.
        let in_flight = on!(
            self,
            execute,
            concat!(
                "UPDATE deliveries SET state = CASE WHEN ",
                is_sent_again!(),
                " THEN 'queued' ELSE 'in_doubt' END, next_attempt_at = CASE WHEN ",
                is_sent_again!(),
                " THEN $3 END, attempts = attempts + 1, \
                 last_reply = 'the process that was sending it ended before the outcome was recorded', \
                 lease_owner = NULL, updated_at = $3 WHERE ",
                of_issue_with_leases!(),
                " AND lease_owner = $1 AND state = 'sending'"
            ),
            node.id,
            resend,
            now
        )?;
        on!(
            self,
            execute,
            "UPDATE transactional_mails SET state = 'queued', lease_owner = NULL, interrupted_at = $2, updated_at = $2 \
             WHERE lease_owner = $1 AND state = 'sending'",
            node.id,
            now
        )?;
        Ok(Some(in_flight))
    }

    /// Removes this node at its orderly end. If the database still shows one of its deliveries as `sending`, the end was not
    /// orderly: the node stays listed, and another process reclaims it.
    pub(crate) async fn unregister_node(&mut self, node: NodeId) -> Result<()> {
        on!(
            self,
            execute,
            concat!(
                "DELETE FROM nodes WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE ",
                of_issue_with_leases!(),
                " AND lease_owner = $1 AND state = 'sending')"
            ),
            node
        )?;
        Ok(())
    }
}
