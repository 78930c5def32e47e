//! Lists of suppressions, and of those that ended.

use chrono::{DateTime, Utc};

use super::suppressions::SuppressionVersion;
use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::states::{SuppressionEnd, SuppressionReason};

row! {
    /// A suppression in a list.
    #[derive(Clone, Debug)]
    pub struct ListedSuppression {
        pub(crate) address_hash: Vec<u8>,
        /// The address, if a subscriber with it is on record.
        pub address: Option<EmailAddress>,
        /// Why the address is never mailed.
        pub reason: SuppressionReason,
        pub(crate) evidence: String,
        /// Since when it is not mailed.
        pub created_at: DateTime<Utc>,
        /// The evidence of a complaint beside an operator's suppression.
        pub complaint: Option<String>,
        /// When that complaint was made.
        pub complained_at: Option<DateTime<Utc>>,
    }
}

impl ListedSuppression {
    pub(crate) fn version(&self) -> SuppressionVersion {
        SuppressionVersion {
            reason: self.reason,
            created_at: self.created_at,
            complaint: self.complaint.clone(),
        }
    }
}

row! {
    /// A suppression that ended.
    #[derive(Clone, Debug)]
    pub struct EndedSuppression {
        pub(crate) address_hash: Vec<u8>,
        /// The position among those of the address, from 1.
        pub number: i64,
        /// The address, if a subscriber with it is on record.
        pub address: Option<EmailAddress>,
        /// Why the address was not mailed.
        pub reason: SuppressionReason,
        pub(crate) evidence: String,
        /// Since when it was not mailed.
        pub created_at: DateTime<Utc>,
        /// When the suppression ended.
        pub ended_at: DateTime<Utc>,
        /// Whether it was lifted, and by whom, or replaced.
        pub ended_by: SuppressionEnd,
        /// Who lifted it and why, or what replaced it.
        pub note: String,
    }
}

/// A page of suppressions in the order of time, with the condition in `$after`.
macro_rules! suppressions {
    ($after:literal, $limit:literal) => {
        concat!(
            "SELECT x.address_hash, p.address, x.reason, x.evidence, x.created_at, x.complaint, x.complained_at FROM suppressions x \
             LEFT JOIN subscribers p ON p.address_hash = x.address_hash ",
            $after,
            " ORDER BY x.created_at, x.address_hash LIMIT ",
            $limit
        )
    };
}

impl Tx {
    /// Suppressions in the order of time: the first ones, or those after the one with this time and hash.
    pub async fn suppressions_after(
        &mut self,
        after: Option<(DateTime<Utc>, &[u8])>,
        limit: i64,
    ) -> Result<Vec<ListedSuppression>> {
        // No time is a safe beginning of the list: a suppression that another system made can be of any year.
        let Some((time, hash)) = after else {
            return Ok(on!(self, all as ListedSuppression, suppressions!("", "$1"), limit)?);
        };
        Ok(on!(
            self,
            all as ListedSuppression,
            suppressions!("WHERE (x.created_at, x.address_hash) > ($1, $2)", "$3"),
            time,
            hash,
            limit
        )?)
    }

    /// Suppressions for a reason or for any, the newest first: those before the one with this time and hash.
    pub(crate) async fn newest_suppressions(
        &mut self,
        reason: Option<SuppressionReason>,
        before: Option<(DateTime<Utc>, &[u8])>,
        limit: i64,
    ) -> Result<Vec<ListedSuppression>> {
        macro_rules! newest {
            ($condition:literal) => {
                concat!(
                    "SELECT x.address_hash, p.address, x.reason, x.evidence, x.created_at, x.complaint, x.complained_at \
                     FROM suppressions x LEFT JOIN subscribers p ON p.address_hash = x.address_hash ",
                    $condition,
                    " ORDER BY x.created_at DESC, x.address_hash DESC LIMIT $1"
                )
            };
        }
        Ok(match (reason, before) {
            (None, None) => on!(self, all as ListedSuppression, newest!(""), limit)?,
            (None, Some((time, hash))) => on!(
                self,
                all as ListedSuppression,
                newest!("WHERE (x.created_at, x.address_hash) < ($2, $3)"),
                limit,
                time,
                hash
            )?,
            (Some(reason), None) => on!(
                self,
                all as ListedSuppression,
                newest!("WHERE x.reason = $2"),
                limit,
                reason
            )?,
            (Some(reason), Some((time, hash))) => on!(
                self,
                all as ListedSuppression,
                newest!("WHERE x.reason = $2 AND (x.created_at, x.address_hash) < ($3, $4)"),
                limit,
                reason,
                time,
                hash
            )?,
        })
    }

    /// The suppression of an address, as in a list.
    pub(crate) async fn listed_suppression(&mut self, address_hash: &[u8]) -> Result<Option<ListedSuppression>> {
        Ok(on!(
            self,
            optional as ListedSuppression,
            suppressions!("WHERE x.address_hash = $1", "1"),
            address_hash
        )?)
    }

    /// Ended suppressions in the order of their ends, after the one with this end, hash and number.
    pub async fn ended_suppressions_after(
        &mut self,
        after: Option<(DateTime<Utc>, &[u8], i64)>,
        limit: i64,
    ) -> Result<Vec<EndedSuppression>> {
        let (time, hash, number) = after.unwrap_or((DateTime::UNIX_EPOCH, &[], 0));
        Ok(on!(
            self,
            all as EndedSuppression,
            "SELECT e.address_hash, e.number, p.address, e.reason, e.evidence, e.created_at, e.ended_at, e.ended_by, e.note \
             FROM ended_suppressions e LEFT JOIN subscribers p ON p.address_hash = e.address_hash \
             WHERE (e.ended_at, e.address_hash, e.number) > ($1, $2, $3) \
             ORDER BY e.ended_at, e.address_hash, e.number LIMIT $4",
            time,
            hash,
            number,
            limit
        )?)
    }

    /// The ended suppressions of an address, oldest first.
    pub async fn ended_suppressions_of(&mut self, address_hash: &[u8]) -> Result<Vec<EndedSuppression>> {
        Ok(on!(
            self,
            all as EndedSuppression,
            "SELECT e.address_hash, e.number, p.address, e.reason, e.evidence, e.created_at, e.ended_at, e.ended_by, e.note \
             FROM ended_suppressions e LEFT JOIN subscribers p ON p.address_hash = e.address_hash \
             WHERE e.address_hash = $1 ORDER BY e.number",
            address_hash
        )?)
    }
}
