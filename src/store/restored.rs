//! Stops what was under way in a database that was restored from a backup.
//!
//! The backup does not show what happened after it was made. What it shows as waiting may have been sent since. So nothing that it shows
//! as waiting is sent before a person has decided about it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::transactional_mails::delete_mail_content;
use super::{Result, Tx, on};

/// How much was stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Stopped {
    /// Deliveries that are in doubt now, because the backup shows them as waiting or being sent.
    pub(crate) deliveries_in_doubt: u64,
    /// Issues and editions that were being sent or paused, and are paused now.
    pub(crate) issues_paused: u64,
    /// Drafts that are held back.
    pub(crate) drafts_held_back: u64,
    /// Newsletters whose issues were sent without an approval, and need one now.
    pub(crate) newsletters_needing_approval: u64,
    /// Mails to one person that waited. They are not sent.
    pub(crate) mails_cancelled: u64,
    /// Imported addresses that waited to be asked for their confirmation. They are not asked.
    pub(crate) addresses_not_asked: u64,
    /// Events for webhooks that waited. They can be replayed.
    pub(crate) webhook_messages_failed: u64,
    /// Sessions of operators, and links with which operators set a password, that are not valid any more.
    pub(crate) sessions_ended: u64,
}

impl Tx {
    /// Stops everything that was under way. `reason` is shown beside each delivery, issue and mail.
    ///
    /// A delivery that waits is in doubt, too: the backup cannot show whether it was sent after the backup was made. Newsletters need an
    /// approval, because the next issue may contain the articles of an issue that was sent after the backup was made.
    pub(crate) async fn stop_everything(&mut self, reason: &str, now: DateTime<Utc>) -> Result<Stopped> {
        let deliveries_in_doubt = on!(
            &mut *self,
            execute,
            // An attempt may have been made, so it counts.
            "UPDATE deliveries SET state = 'in_doubt', attempts = attempts + 1, next_attempt_at = NULL, lease_owner = NULL, \
             last_reply = $1, updated_at = $2 WHERE state IN ('queued', 'deferred', 'sending')",
            reason,
            now
        )?;
        // If the deliveries are settled to be sent again, their age counts from now on.
        let issues_paused = on!(
            &mut *self,
            execute,
            "UPDATE issues SET state = 'paused', reason = $1, reopened_at = $2 WHERE state IN ('sending', 'paused')",
            reason,
            now
        )?;
        on!(&mut *self, execute, "DELETE FROM approved_editions")?;
        // The scheduler does not send a draft with a reason, even if it is approved again.
        let drafts_held_back = on!(
            &mut *self,
            execute,
            "UPDATE issues SET state = 'draft', reason = $1 WHERE state IN ('draft', 'approved')",
            reason
        )?;
        let newsletters_needing_approval = on!(
            &mut *self,
            execute,
            "UPDATE newsletters SET approval = 'required' WHERE approval <> 'required'"
        )?;
        let mails_cancelled = on!(
            &mut *self,
            execute,
            concat!(
                "UPDATE transactional_mails SET state = 'cancelled', lease_owner = NULL, last_reply = $1, updated_at = $2, ",
                delete_mail_content!(),
                " WHERE state IN ('queued', 'deferred', 'sending')"
            ),
            reason,
            now
        )?;
        // Only an address without a row is asked by a later import.
        let addresses_not_asked = on!(
            &mut *self,
            execute,
            "DELETE FROM confirmation_asks WHERE asked_at IS NULL"
        )?;
        let webhook_messages_failed = on!(
            &mut *self,
            execute,
            "UPDATE webhook_messages SET state = 'failed', finished_at = $2, lease_owner = NULL, leased_until = NULL, \
             last_error = $1 WHERE state = 'waiting'",
            reason,
            now
        )?;
        let sessions_ended = self.end_leases_and_sessions(now).await?;
        Ok(Stopped {
            deliveries_in_doubt,
            issues_paused,
            drafts_held_back,
            newsletters_needing_approval,
            mails_cancelled,
            addresses_not_asked,
            webhook_messages_failed,
            sessions_ended,
        })
    }

    /// Ends the leases of processes that do not run any more, and what is valid once and may have been used after the backup was made.
    async fn end_leases_and_sessions(&mut self, now: DateTime<Utc>) -> Result<u64> {
        on!(&mut *self, execute, "DELETE FROM nodes")?;
        on!(
            &mut *self,
            execute,
            "UPDATE feed_hosts SET lease_owner = NULL, available_at = $1 WHERE lease_owner IS NOT NULL",
            now
        )?;
        on!(
            &mut *self,
            execute,
            "UPDATE polled_mailboxes SET lease_owner = NULL, lease_process = NULL, leased_until = NULL \
             WHERE lease_owner IS NOT NULL"
        )?;
        // Nothing answers a request that was being carried out. If its program repeats it, it is carried out.
        on!(&mut *self, execute, "DELETE FROM idempotency_keys WHERE answer IS NULL")?;
        on!(&mut *self, execute, "DELETE FROM operator_challenges")?;
        let links = on!(&mut *self, execute, "DELETE FROM operator_links WHERE used_at IS NULL")?;
        // A session that its operator ended after the backup was made would be valid again.
        let sessions = on!(self, execute, "DELETE FROM operator_sessions")?;
        Ok(links + sessions)
    }
}
