//! Lists of what came back about single recipients: of one address, or the newest that match a filter.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use super::issue_lists::issue_name;
use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{BounceId, IssueId, NewsletterId, ReturnedMailId, SubscriptionId};
use crate::domain::states::ReturnedKind;

row! {
    /// A bounce or complaint in a list.
    #[derive(Clone, Debug)]
    pub(crate) struct ListedBounce {
        pub(crate) id: BounceId,
        /// `None`: the relay's reply to our attempt.
        pub(crate) returned_mail_id: Option<ReturnedMailId>,
        pub(crate) address_hash: Vec<u8>,
        /// The address, if a subscriber with it is on record.
        pub(crate) address: Option<EmailAddress>,
        pub(crate) subscription_id: Option<SubscriptionId>,
        pub(crate) issue_id: Option<IssueId>,
        /// The slug of the newsletter, and the number and edition of the issue.
        slug: Option<String>,
        number: Option<i64>,
        edition: Option<i64>,
        pub(crate) kind: ReturnedKind,
        pub(crate) reason: String,
        pub(crate) action: String,
        pub(crate) status: Option<String>,
        pub(crate) evidence: String,
        /// As in [`Bounce`](super::bounces::Bounce).
        pub(crate) source: String,
        pub(crate) at: DateTime<Utc>,
    }
}

impl ListedBounce {
    /// The name of the issue, such as `daily/12`; `None` if the issue is not known.
    pub(crate) fn issue_name(&self) -> Option<String> {
        Some(issue_name(self.slug.as_ref()?, self.number?, self.edition?))
    }
}

/// Which bounces and complaints to list. `None` lists all.
#[derive(Clone, Debug, Default)]
pub(crate) struct BounceFilter {
    /// Those of this issue and its editions.
    pub(crate) issue: Option<IssueId>,
    pub(crate) newsletter: Option<NewsletterId>,
    pub(crate) domain: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) since: Option<DateTime<Utc>>,
    /// Those before this one.
    pub(crate) before: Option<(DateTime<Utc>, BounceId)>,
}

impl BounceFilter {
    /// The time and the id before which bounces are listed; later than any if there is no limit.
    fn end(&self) -> (DateTime<Utc>, BounceId) {
        let never = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or_default();
        let never = never.and_time(NaiveTime::MIN).and_utc();
        self.before.unwrap_or((never, BounceId(Uuid::max())))
    }
}

macro_rules! bounces_where {
    ($condition:expr) => {
        concat!(
            "SELECT b.id, b.returned_mail_id, b.address_hash, p.address, b.subscription_id, b.issue_id, n.slug, i.number, i.edition, \
             b.kind, b.reason, b.action, b.status, b.evidence, b.source, b.at FROM bounces b \
             LEFT JOIN subscribers p ON p.address_hash = b.address_hash LEFT JOIN issues i ON i.id = b.issue_id \
             LEFT JOIN newsletters n ON n.id = i.newsletter_id WHERE ",
            $condition,
        )
    };
}

/// The bounces that match all filters. `$first` is the condition by which the database finds the rows: with conditions that are
/// sometimes empty it would use no index.
macro_rules! filtered {
    ($tx:expr, $filter:expr, $limit:expr, $first:literal) => {
        on!(
            $tx,
            all as ListedBounce,
            bounces_where!(concat!(
                $first,
                " AND b.at >= $6 AND ($1 IS NULL OR b.issue_id IN (SELECT id FROM issues WHERE id = $1 OR edition_of = $1)) \
                 AND ($2 IS NULL OR b.newsletter_id = $2) AND ($3 IS NULL OR b.domain = $3) AND ($4 IS NULL OR b.source = $4) \
                 AND ($5 IS NULL OR b.reason = $5) AND (b.at, b.id) < ($8, $9) ORDER BY b.at DESC, b.id DESC LIMIT $7"
            )),
            $filter.issue,
            $filter.newsletter,
            &$filter.domain,
            &$filter.source,
            &$filter.reason,
            $filter.since.unwrap_or(DateTime::UNIX_EPOCH),
            $limit,
            $filter.end().0,
            $filter.end().1
        )?
    };
}

impl Tx {
    /// The newest bounces and complaints that match the filter.
    pub(crate) async fn listed_bounces(&mut self, filter: &BounceFilter, limit: i64) -> Result<Vec<ListedBounce>> {
        // The filter that usually matches the fewest rows comes first. Each has an index that ends with the time.
        Ok(if filter.issue.is_some() {
            filtered!(
                self,
                filter,
                limit,
                "b.issue_id IN (SELECT id FROM issues WHERE id = $1 OR edition_of = $1)"
            )
        } else if filter.domain.is_some() {
            filtered!(self, filter, limit, "b.domain = $3")
        } else if filter.newsletter.is_some() {
            filtered!(self, filter, limit, "b.newsletter_id = $2")
        } else if filter.reason.is_some() {
            filtered!(self, filter, limit, "b.reason = $5")
        } else if filter.source.is_some() {
            filtered!(self, filter, limit, "b.source = $4")
        } else {
            filtered!(self, filter, limit, "TRUE")
        })
    }

    /// What came back about an address, the newest first.
    pub(crate) async fn bounces_of(&mut self, address_hash: &[u8], limit: i64) -> Result<Vec<ListedBounce>> {
        Ok(on!(
            self,
            all as ListedBounce,
            bounces_where!("b.address_hash = $1 ORDER BY b.at DESC, b.id DESC LIMIT $2"),
            address_hash,
            limit
        )?)
    }

    /// What a returned mail reported about single recipients.
    pub(crate) async fn bounces_of_mail(&mut self, mail: ReturnedMailId) -> Result<Vec<ListedBounce>> {
        Ok(on!(
            self,
            all as ListedBounce,
            bounces_where!("b.returned_mail_id = $1 ORDER BY b.id"),
            mail
        )?)
    }
}
