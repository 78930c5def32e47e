//! How many messages of an issue came back: for the operator who looks at the issue, and compared with the accepted ones for the rates
//! (`bounce/rates.rs`).
//!
//! The relay's own refusals are not counted here. Their messages were not accepted, so they cannot come back: their deliveries are
//! `rejected`.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, over_values, row};
use crate::domain::ids::{IssueId, NewsletterId, ReturnedMailId, SubscriptionId};
use crate::domain::states::IssueState;

row! {
    /// How many recipients of an issue or edition had a message come back. A recipient is in at most one of the three kinds of bounces,
    /// the first that fits.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct ReturnedCounts {
        /// No later message can reach the recipient, so the address was suppressed.
        pub hard: i64,
        /// The failure may end, so it counts.
        pub soft: i64,
        /// The sender or the message was refused.
        pub other: i64,
        /// The recipient reported the message as spam, or wants no more.
        pub complaints: i64,
    }
}

impl std::ops::AddAssign for ReturnedCounts {
    fn add_assign(&mut self, other: Self) {
        self.hard += other.hard;
        self.soft += other.soft;
        self.other += other.other;
        self.complaints += other.complaints;
    }
}

row! {
    /// Sums of several issues: messages that were accepted, and how many of them came back.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Rates {
        pub(crate) accepted: i64,
        pub(crate) hard_bounces: i64,
        pub(crate) complaints: i64,
    }
}

row! {
    /// [`Rates`] of a newsletter, an issue or a domain, in a list.
    #[derive(Clone, Debug)]
    pub(crate) struct RatesOf {
        pub(crate) name: String,
        pub(crate) accepted: i64,
        pub(crate) hard_bounces: i64,
        pub(crate) complaints: i64,
    }
}

row! {
    /// A row of `issue_domains` whose rates are to be compared with the limits.
    #[derive(Clone, Debug)]
    pub(crate) struct ChangedRates {
        /// The issue or edition.
        pub(crate) issue_id: IssueId,
        /// Empty for all domains.
        pub(crate) domain: String,
        pub(crate) hard_bounces: i64,
        pub(crate) complaints: i64,
        /// The issue, if `issue_id` is an edition of it; otherwise the same.
        pub(crate) whole_issue_id: IssueId,
        pub(crate) newsletter_id: NewsletterId,
        pub(crate) state: IssueState,
    }
}

/// Whether a bounce or complaint counts for the rates: a hard bounce, or a report of spam.
macro_rules! counts_for_rates {
    ($row:literal) => {
        concat!(
            $row,
            ".action = 'suppress' AND ",
            $row,
            ".issue_id IS NOT NULL AND ",
            $row,
            ".subscription_id IS NOT NULL"
        )
    };
}

/// Adds what the mails of the `VALUES` before it reported to `issue_domains`, once for each recipient of an issue. `domain` is the domain
/// to count for. The mail simulator of Amazon SES is for tests and counts for nothing.
macro_rules! add_reports {
    (domain: $domain:literal) => {
        concat!(
            ") INSERT INTO issue_domains (issue_id, domain, accepted, hard_bounces, complaints, changed) SELECT b.issue_id, ",
            $domain,
            ", 0, COUNT(DISTINCT CASE WHEN b.kind = 'bounce' THEN b.subscription_id END), \
             COUNT(DISTINCT CASE WHEN b.kind = 'complaint' THEN b.subscription_id END), TRUE \
             FROM bounces b JOIN batch ON batch.id = b.returned_mail_id \
             WHERE b.domain <> 'simulator.amazonses.com' AND ",
            counts_for_rates!("b"),
            " AND NOT EXISTS (SELECT 1 FROM bounces o WHERE o.subscription_id = b.subscription_id \
             AND o.issue_id = b.issue_id AND o.kind = b.kind AND o.action = b.action AND o.returned_mail_id IS NOT NULL \
             AND o.returned_mail_id NOT IN (SELECT id FROM batch)) \
             GROUP BY 1, 2 ORDER BY 1, 2 \
             ON CONFLICT (issue_id, domain) DO UPDATE SET hard_bounces = issue_domains.hard_bounces + excluded.hard_bounces, \
             complaints = issue_domains.complaints + excluded.complaints, changed = TRUE"
        )
    };
}

/// Sums of `issue_domains` for each newsletter, issue or domain.
macro_rules! rates_by {
    ($name:literal, $condition:literal) => {
        concat!(
            "SELECT ",
            $name,
            " AS name, CAST(SUM(t.accepted) AS BIGINT) AS accepted, CAST(SUM(t.hard_bounces) AS BIGINT) AS hard_bounces, \
             CAST(SUM(t.complaints) AS BIGINT) AS complaints FROM issues i JOIN issue_domains t ON t.issue_id = i.id \
             JOIN newsletters n ON n.id = i.newsletter_id WHERE i.started_at >= $1 AND ",
            $condition
        )
    };
}

/// Sums of `issue_domains` over issues.
macro_rules! sum_of_rates {
    ($condition:literal) => {
        concat!(
            "SELECT CAST(COALESCE(SUM(t.accepted), 0) AS BIGINT) AS accepted, \
             CAST(COALESCE(SUM(t.hard_bounces), 0) AS BIGINT) AS hard_bounces, \
             CAST(COALESCE(SUM(t.complaints), 0) AS BIGINT) AS complaints \
             FROM issues i JOIN issue_domains t ON t.issue_id = i.id WHERE ",
            $condition
        )
    };
}

impl Tx {
    /// How many recipients of an issue or edition had a message come back.
    pub(crate) async fn returned_counts(&mut self, issue: IssueId) -> Result<ReturnedCounts> {
        Ok(on!(
            self,
            one as ReturnedCounts,
            "SELECT COUNT(CASE WHEN hard = 1 THEN 1 END) AS hard, COUNT(CASE WHEN hard = 0 AND soft = 1 THEN 1 END) AS soft, \
             COUNT(CASE WHEN hard = 0 AND soft = 0 AND bounced = 1 THEN 1 END) AS other, \
             COUNT(CASE WHEN complained = 1 THEN 1 END) AS complaints FROM (SELECT \
             MAX(CASE WHEN kind = 'bounce' AND action = 'suppress' THEN 1 ELSE 0 END) AS hard, \
             MAX(CASE WHEN kind = 'bounce' AND action = 'count' THEN 1 ELSE 0 END) AS soft, \
             MAX(CASE WHEN kind = 'bounce' THEN 1 ELSE 0 END) AS bounced, \
             MAX(CASE WHEN kind = 'complaint' AND action <> 'none' THEN 1 ELSE 0 END) AS complained \
             FROM bounces WHERE issue_id = $1 AND subscription_id IS NOT NULL AND returned_mail_id IS NOT NULL \
             GROUP BY subscription_id) AS recipients",
            issue
        )?)
    }

    /// Adds the hard bounces and complaints that these mails reported to the counts of their issues. Call this once for each mail, after
    /// its bounces were added, in the same transaction.
    pub(crate) async fn add_reports(&mut self, mails: &[ReturnedMailId]) -> Result<()> {
        // The rows for all domains first, and then in the order of the key: two processes lock the same rows in the same order.
        over_values!(
            self,
            "WITH batch (id) AS (",
            add_reports!(domain: "''"),
            [],
            mails,
            |id| *id
        );
        over_values!(
            self,
            "WITH batch (id) AS (",
            add_reports!(domain: "b.domain"),
            [],
            mails,
            |id| *id
        );
        Ok(())
    }

    /// The issues and editions that started at `since` or later, and whose accepted messages were not counted since they ended. Those
    /// that have not ended are among them only if `open` is set.
    pub(crate) async fn issues_to_count(
        &mut self,
        since: DateTime<Utc>,
        open: bool,
        limit: i64,
    ) -> Result<Vec<IssueId>> {
        let rows = on!(
            self,
            all as (IssueId,),
            "SELECT i.id FROM issues i LEFT JOIN issue_domains t ON t.issue_id = i.id AND t.domain = '' \
             WHERE i.started_at >= $1 AND (i.finished_at IS NOT NULL OR $2) \
             AND (t.counted_at IS NULL OR i.finished_at IS NULL OR t.counted_at < i.finished_at) \
             ORDER BY i.started_at, i.id LIMIT $3",
            since,
            open,
            limit
        )?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Accepted deliveries of an issue page by page, with the keys of their addresses.
    ///
    /// [`EmailAddress::key`]: crate::domain::address::EmailAddress::key
    pub(crate) async fn accepted_after(
        &mut self,
        issue: IssueId,
        after: SubscriptionId,
        limit: i64,
    ) -> Result<Vec<(SubscriptionId, String)>> {
        Ok(on!(
            self,
            all as (SubscriptionId, String),
            "SELECT d.subscription_id, p.address_key FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id \
             JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE d.issue_id = $1 AND d.subscription_id > $2 AND d.state = 'accepted' ORDER BY d.subscription_id LIMIT $3",
            issue,
            after,
            limit
        )?)
    }

    /// Stores how many messages of an issue were accepted for each domain, counted at `now`. They are sorted by domain, with the empty
    /// one for all.
    pub(crate) async fn store_accepted(
        &mut self,
        issue: IssueId,
        accepted: &[(String, i64)],
        now: DateTime<Utc>,
    ) -> Result<()> {
        over_values!(
            self,
            "WITH counted (domain, accepted) AS (",
            ") INSERT INTO issue_domains (issue_id, domain, accepted, hard_bounces, complaints, changed, counted_at) \
             SELECT $1, counted.domain, counted.accepted, 0, 0, FALSE, $2 FROM counted WHERE TRUE \
             ON CONFLICT (issue_id, domain) DO UPDATE SET accepted = excluded.accepted, counted_at = excluded.counted_at",
            [issue, now],
            accepted,
            |count| &count.0,
            count.1
        );
        Ok(())
    }

    /// Counts that a report has changed, of issues that started at `since` or later. Those of older issues are not compared with limits
    /// any more.
    pub(crate) async fn changed_rates(&mut self, since: DateTime<Utc>, limit: i64) -> Result<Vec<ChangedRates>> {
        Ok(on!(
            self,
            all as ChangedRates,
            "SELECT t.issue_id, t.domain, t.hard_bounces, t.complaints, COALESCE(i.edition_of, i.id) AS whole_issue_id, \
             i.newsletter_id, i.state FROM issue_domains t JOIN issues i ON i.id = t.issue_id \
             WHERE t.changed AND i.started_at >= $1 ORDER BY t.issue_id, t.domain LIMIT $2",
            since,
            limit
        )?)
    }

    /// Notes that counts were compared with the limits, unless another report has changed them since.
    pub(crate) async fn finish_changed_rates(&mut self, compared: &[&ChangedRates]) -> Result<()> {
        over_values!(
            self,
            "WITH compared (issue_id, domain, hard_bounces, complaints) AS (",
            ") UPDATE issue_domains SET changed = FALSE FROM compared WHERE issue_domains.issue_id = compared.issue_id \
             AND issue_domains.domain = compared.domain AND issue_domains.hard_bounces = compared.hard_bounces \
             AND issue_domains.complaints = compared.complaints",
            [],
            compared,
            |row| row.issue_id,
            &row.domain,
            row.hard_bounces,
            row.complaints
        );
        Ok(())
    }

    /// The rates of an issue with its editions.
    pub(crate) async fn rates_of_issue(&mut self, issue: IssueId) -> Result<Rates> {
        Ok(on!(
            self,
            one as Rates,
            sum_of_rates!("(i.id = $1 OR i.edition_of = $1) AND t.domain = ''"),
            issue
        )?)
    }

    /// The rates of the recipient domains of an issue with its editions, those with the most accepted messages first.
    pub(crate) async fn rates_of_issue_by_domain(&mut self, issue: IssueId, limit: i64) -> Result<Vec<RatesOf>> {
        Ok(on!(
            self,
            all as RatesOf,
            "SELECT t.domain AS name, CAST(SUM(t.accepted) AS BIGINT) AS accepted, \
             CAST(SUM(t.hard_bounces) AS BIGINT) AS hard_bounces, CAST(SUM(t.complaints) AS BIGINT) AS complaints \
             FROM issues i JOIN issue_domains t ON t.issue_id = i.id \
             WHERE (i.id = $1 OR i.edition_of = $1) AND t.domain <> '' AND t.accepted > 0 \
             GROUP BY t.domain ORDER BY SUM(t.accepted) DESC, t.domain LIMIT $2",
            issue,
            limit
        )?)
    }

    /// The rates of a newsletter's issues that started at `since` or later.
    pub(crate) async fn rates_of_newsletter(
        &mut self,
        newsletter: NewsletterId,
        since: DateTime<Utc>,
    ) -> Result<Rates> {
        Ok(on!(
            self,
            one as Rates,
            sum_of_rates!("i.newsletter_id = $1 AND i.started_at >= $2 AND t.domain = ''"),
            newsletter,
            since
        )?)
    }

    /// The rates of a recipient domain in the issues of all newsletters that started at `since` or later. Issues in which the domain
    /// was too small to be counted are left out.
    pub(crate) async fn rates_of_domain(&mut self, domain: &str, since: DateTime<Utc>) -> Result<Rates> {
        Ok(on!(
            self,
            one as Rates,
            sum_of_rates!("t.domain = $1 AND i.started_at >= $2 AND t.accepted > 0"),
            domain,
            since
        )?)
    }

    /// The rates of each newsletter, of its issues that started at `since` or later.
    pub(crate) async fn rates_by_newsletter(&mut self, since: DateTime<Utc>) -> Result<Vec<RatesOf>> {
        Ok(on!(
            self,
            all as RatesOf,
            rates_by!("n.slug", "t.domain = '' GROUP BY n.slug ORDER BY n.slug"),
            since
        )?)
    }

    /// The rates of issues with their editions, the newest first.
    pub(crate) async fn rates_by_issue(&mut self, since: DateTime<Utc>, limit: i64) -> Result<Vec<RatesOf>> {
        Ok(on!(
            self,
            all as RatesOf,
            rates_by!(
                "n.slug || '/' || i.number",
                "t.domain = '' GROUP BY n.slug, i.number ORDER BY MAX(i.started_at) DESC, 1 LIMIT $2"
            ),
            since,
            limit
        )?)
    }

    /// The rates of recipient domains, those with the most reports first.
    pub(crate) async fn rates_by_domain(&mut self, since: DateTime<Utc>, limit: i64) -> Result<Vec<RatesOf>> {
        Ok(on!(
            self,
            all as RatesOf,
            rates_by!(
                "t.domain",
                "t.domain <> '' AND t.accepted > 0 GROUP BY t.domain \
                 ORDER BY SUM(t.hard_bounces + t.complaints) DESC, t.domain LIMIT $2"
            ),
            since,
            limit
        )?)
    }

    /// Forgets the counts of issues that started before `before`. At most `limit` rows; returns how many.
    pub(crate) async fn forget_rates(&mut self, before: DateTime<Utc>, limit: i64) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM issue_domains WHERE (issue_id, domain) IN (SELECT t.issue_id, t.domain FROM issue_domains t \
             JOIN issues i ON i.id = t.issue_id WHERE i.started_at < $1 LIMIT $2)",
            before,
            limit
        )?)
    }
}
