//! Nodes: the processes that send, known by their signs of life. What a process leases is its own while it is listed.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::NodeId;

row! {
    /// A process that sends.
    #[derive(Clone, Debug)]
    pub struct Node {
        /// Its id, new at every start.
        pub id: NodeId,
        /// Which process of which machine, where that can be told.
        pub process: Option<String>,
        /// Goes up with every sign of life.
        pub beat: i64,
    }
}

impl Tx {
    /// Gives a sign of life. A transaction that leases gives one first: then no lease can stand without its node being
    /// listed, for whoever takes a node off the list waits for that transaction, and sees that the beat has moved.
    pub async fn beat(&mut self, node: NodeId, process: Option<&str>) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO nodes (id, process, beat) VALUES ($1, $2, 1) \
             ON CONFLICT (id) DO UPDATE SET beat = nodes.beat + 1",
            node,
            process
        )?;
        Ok(())
    }

    /// Every process that is listed.
    pub async fn nodes(&mut self) -> Result<Vec<Node>> {
        Ok(on!(
            self,
            all as Node,
            "SELECT id, process, beat FROM nodes ORDER BY id"
        )?)
    }

    /// Takes a node off the list if its beat has not moved, and gives back all that it held. What it had on the wire may
    /// have been sent or not: that goes to `in_doubt`, or back into the queue when `resend` says so and the issue was not
    /// cancelled. None if it was alive after all, else how many of those there were.
    pub async fn bury(&mut self, node: &Node, resend: bool, now: DateTime<Utc>) -> Result<Option<u64>> {
        let gone = on!(
            self,
            execute,
            "DELETE FROM nodes WHERE id = $1 AND beat = $2",
            node.id,
            node.beat
        )?;
        if gone == 0 {
            return Ok(None);
        }
        // First what was not begun: a commit that begins some of it may be under way, and PostgreSQL ends it though the
        // process is dead. This waits for it, and what it began is found by the next statement; one that comes later finds
        // the lease gone.
        self.give_leases_back(node.id, now).await?;
        let in_doubt = on!(
            self,
            execute,
            "UPDATE deliveries SET state = CASE WHEN $2 AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.id = issue_id \
             AND i.state = 'cancelled') THEN 'queued' ELSE 'in_doubt' END, \
             next_attempt_at = CASE WHEN $2 AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.id = issue_id \
             AND i.state = 'cancelled') THEN $3 END, attempts = attempts + 1, \
             last_reply = 'the process that was sending it ended before the outcome was recorded', \
             lease_owner = NULL, updated_at = $3 \
             WHERE issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'paused', 'cancelled')) \
             AND lease_owner = $1 AND state = 'sending'",
            node.id,
            resend,
            now
        )?;
        on!(
            self,
            execute,
            "UPDATE transactional_mails SET state = 'queued', lease_owner = NULL, updated_at = $2 \
             WHERE lease_owner = $1 AND state = 'sending'",
            node.id,
            now
        )?;
        Ok(Some(in_doubt))
    }

    /// Takes this process off the list, at its orderly end. It stays if it has something on the wire by its record, which is
    /// nothing orderly: then another process takes over from it.
    pub async fn sign_off(&mut self, node: NodeId) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM nodes WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM deliveries \
             WHERE issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'paused', 'cancelled')) \
             AND lease_owner = $1 AND state = 'sending')",
            node
        )?;
        Ok(())
    }
}
