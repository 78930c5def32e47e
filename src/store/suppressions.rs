//! Suppressions: addresses that are never mailed. Only a keyed hash of each address is stored, so a suppression outlives the erasure of
//! the subscriber.
//!
//! An address has at most one suppression. An operator's replaces any other, because only an operator may lift it. A complaint replaces a
//! bounce and an imported reason, because only the reader may lift it. If both apply, the operator's is in force, and the complaint
//! follows when the operator lifts theirs. What ended stays on record in `ended_suppressions`.

use chrono::{DateTime, Utc};

use super::deliveries::end_waiting_deliveries;
use super::transactional_mails::delete_mail_content;
use super::{Result, Tx, on, row};
use crate::domain::seen::Seen;
use crate::domain::states::{SuppressionEnd, SuppressionReason};

row! {
    /// Why and since when an address is suppressed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Suppression {
        /// Why the address is never mailed.
        pub reason: SuppressionReason,
        /// The evidence: a reply, the lines of a returned mail, an operator's note, the row of a file.
        pub evidence: String,
        /// Since when it is not mailed.
        pub created_at: DateTime<Utc>,
        /// The evidence of a complaint beside an operator's suppression.
        pub complaint: Option<String>,
        /// When that complaint was made.
        pub complained_at: Option<DateTime<Utc>>,
        /// When a sign-up last caused a confirmation mail although the address is suppressed.
        pub confirmation_mailed_at: Option<DateTime<Utc>>,
    }
}

impl std::fmt::Display for Suppression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.reason, self.evidence)
    }
}

/// Why an address is suppressed and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppressionVersion {
    pub(crate) reason: SuppressionReason,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) complaint: Option<String>,
}

/// The outcome of lifting a suppression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifted {
    /// The address can be mailed again.
    Lifted,
    /// The operator's suppression is lifted, and a complaint is in force now.
    ComplaintRemains,
    /// The reader complained, which no operator lifts. Nothing changed.
    IsComplaint,
    /// The address was not suppressed.
    WasNotSuppressed,
    /// It is not the suppression that the operator saw. Nothing changed.
    IsOutdated,
}

impl Tx {
    /// Why an address is suppressed, if it is.
    pub async fn suppression(&mut self, address_hash: &[u8]) -> Result<Option<Suppression>> {
        Ok(on!(
            self,
            optional as Suppression,
            "SELECT reason, evidence, created_at, complaint, complained_at, confirmation_mailed_at FROM suppressions \
             WHERE address_hash = $1",
            address_hash
        )?)
    }

    /// Suppresses an address, and ends what waits to be sent to it: deliveries, transactional mails and unused confirmation links.
    /// Returns whether the address was not suppressed before, or the reason replaced another one (see the top of this file).
    pub async fn suppress(
        &mut self,
        address_hash: &[u8],
        reason: SuppressionReason,
        evidence: &str,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        self.suppress_since(address_hash, reason, evidence, now, now).await
    }

    /// [`Self::suppress`] for a suppression that another system made at `since`.
    pub(crate) async fn suppress_since(
        &mut self,
        address_hash: &[u8],
        reason: SuppressionReason,
        evidence: &str,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO suppressions (address_hash, reason, evidence, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (address_hash) DO NOTHING",
            address_hash,
            reason,
            evidence,
            since
        )?;
        let changed = added == 1
            || self
                .replace_suppression(address_hash, reason, evidence, since, now)
                .await?;
        if changed {
            self.collect_suppression(address_hash, reason, now);
        }
        // As in the other statements that suppress deliveries: delivery reports group them by the word before the colon.
        let reply = format!("{reason}: {evidence}");
        on!(
            self,
            execute,
            end_waiting_deliveries!(
                state: "suppressed",
                reply: "$2",
                now: "$3",
                "WHERE issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'paused')) \
                 AND subscription_id IN (SELECT s.id FROM subscriptions s \
                 JOIN subscribers p ON p.id = s.subscriber_id WHERE p.address_hash = $1)"
            ),
            address_hash,
            &reply,
            now
        )?;
        on!(
            self,
            execute,
            concat!(
                "UPDATE transactional_mails SET state = 'suppressed', last_reply = $2, updated_at = $3, ",
                delete_mail_content!(),
                // Mails about a change of address go to other addresses than the subscriber's, so they end by those.
                " WHERE state IN ('queued', 'deferred') AND ((kind <> 'address_change' \
                 AND subscriber_id IN (SELECT id FROM subscribers WHERE address_hash = $1)) \
                 OR (link_purpose = 'undo_address' AND link_subject IN (SELECT id FROM address_changes WHERE from_hash = $1)) \
                 OR (link_purpose = 'confirm_address' AND link_subject IN (SELECT id FROM address_changes WHERE to_hash = $1)))"
            ),
            address_hash,
            &reply,
            now
        )?;
        self.expire_confirmations_of_address(address_hash, now).await?;
        Ok(changed)
    }

    /// Replaces the suppression of an address if `reason` is more serious. Returns whether anything changed.
    async fn replace_suppression(
        &mut self,
        address_hash: &[u8],
        reason: SuppressionReason,
        evidence: &str,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let Some(existing) = self.lock_suppression(address_hash).await? else {
            return Ok(false);
        };
        if !reason.changes(existing.reason, existing.complaint.is_some()) {
            return Ok(false);
        }
        if reason.is_second_to(existing.reason) {
            on!(
                self,
                execute,
                "UPDATE suppressions SET complaint = $2, complained_at = $3 WHERE address_hash = $1",
                address_hash,
                evidence,
                since
            )?;
            return Ok(true);
        }
        let note = format!("replaced by {reason}: {evidence}");
        self.record_ended_suppression(address_hash, SuppressionEnd::Replaced, &note, now)
            .await?;
        let is_complaint = existing.reason == SuppressionReason::Complaint;
        let complained_at = is_complaint.then_some(existing.created_at);
        let complaint = is_complaint.then_some(existing.evidence);
        on!(
            self,
            execute,
            "UPDATE suppressions SET reason = $2, evidence = $3, created_at = $4, complaint = $5, complained_at = $6, \
             confirmation_mailed_at = NULL WHERE address_hash = $1",
            address_hash,
            reason,
            evidence,
            since,
            complaint,
            complained_at
        )?;
        Ok(true)
    }

    /// Lifts the suppression of an address for an operator, and puts on record who did it and why. A complaint stays.
    pub(crate) async fn lift_suppression(
        &mut self,
        address_hash: &[u8],
        note: &str,
        seen: &Seen<SuppressionVersion>,
        now: DateTime<Utc>,
    ) -> Result<Lifted> {
        let Some(existing) = self.lock_suppression(address_hash).await? else {
            return Ok(Lifted::WasNotSuppressed);
        };
        let version = SuppressionVersion {
            reason: existing.reason,
            created_at: existing.created_at,
            complaint: existing.complaint.clone(),
        };
        if !seen.is(&version) {
            return Ok(Lifted::IsOutdated);
        }
        if existing.reason == SuppressionReason::Complaint {
            return Ok(Lifted::IsComplaint);
        }
        self.record_ended_suppression(address_hash, SuppressionEnd::Operator, note, now)
            .await?;
        let Some(complaint) = existing.complaint else {
            self.delete_suppression(address_hash, SuppressionEnd::Operator, now)
                .await?;
            return Ok(Lifted::Lifted);
        };
        on!(
            self,
            execute,
            "UPDATE suppressions SET reason = 'complaint', evidence = $2, created_at = COALESCE(complained_at, created_at), \
             complaint = NULL, complained_at = NULL WHERE address_hash = $1",
            address_hash,
            complaint
        )?;
        Ok(Lifted::ComplaintRemains)
    }

    /// Lifts the suppression of an address whose reader signed up again and confirmed. Returns the former suppression; `None`, and nothing
    /// changes, if there is none or if it is an operator's.
    pub(crate) async fn lift_suppression_by_confirmation(
        &mut self,
        address_hash: &[u8],
        note: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Suppression>> {
        let existing = self.lock_suppression(address_hash).await?;
        let Some(existing) = existing.filter(|existing| existing.reason != SuppressionReason::Operator) else {
            return Ok(None);
        };
        self.record_ended_suppression(address_hash, SuppressionEnd::Confirmation, note, now)
            .await?;
        self.delete_suppression(address_hash, SuppressionEnd::Confirmation, now)
            .await?;
        Ok(Some(existing))
    }

    /// Reads the suppression of an address, and locks it until this transaction ends.
    async fn lock_suppression(&mut self, address_hash: &[u8]) -> Result<Option<Suppression>> {
        Ok(on!(
            self,
            optional as Suppression,
            "UPDATE suppressions SET reason = reason WHERE address_hash = $1 \
             RETURNING reason, evidence, created_at, complaint, complained_at, confirmation_mailed_at",
            address_hash
        )?)
    }

    /// Copies the suppression to those that ended. The caller has locked it, so no other transaction takes the same number.
    async fn record_ended_suppression(
        &mut self,
        address_hash: &[u8],
        end: SuppressionEnd,
        note: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO ended_suppressions (address_hash, number, reason, evidence, created_at, ended_at, ended_by, note) \
             SELECT x.address_hash, (SELECT COALESCE(MAX(e.number), 0) + 1 FROM ended_suppressions e \
             WHERE e.address_hash = x.address_hash), x.reason, x.evidence, x.created_at, $2, $3, $4 \
             FROM suppressions x WHERE x.address_hash = $1",
            address_hash,
            now,
            end,
            note
        )?;
        Ok(())
    }

    async fn delete_suppression(&mut self, address_hash: &[u8], end: SuppressionEnd, now: DateTime<Utc>) -> Result<()> {
        self.collect_lifted_suppression(address_hash, end, now);
        on!(
            self,
            execute,
            "DELETE FROM suppressions WHERE address_hash = $1",
            address_hash
        )?;
        Ok(())
    }
}
