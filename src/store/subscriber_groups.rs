//! Confirmed subscribers of a newsletter, grouped by what they want of an issue: topics, cadence, what they missed in a pause, and
//! language.
//!
//! All members of a group get the same message: the issue itself, or one of its editions. The index `subscriptions_by_preferences`
//! has the columns of a group in front, so PostgreSQL and SQLite count and read groups from the index alone.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};
use crate::domain::ids::{IssueId, NewsletterId};
use crate::domain::states::Cadence;
use crate::domain::topics::Topics;
use crate::words::Language;

/// What a group of subscribers wants of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PreferenceKey {
    /// The chosen topics; empty for all.
    pub topics: Topics,
    /// How often they get the newsletter.
    pub cadence: Cadence,
    /// The start of their pause, if their next mail lists what they missed.
    pub missed_since: Option<DateTime<Utc>>,
    /// The language of the fixed texts; `None` for the newsletter's.
    pub language: Option<Language>,
}

/// Confirmed subscribers of a newsletter who want the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriberGroup {
    /// What all its members want.
    pub key: PreferenceKey,
    /// How many subscribers are in the group.
    pub subscribers: i64,
}

impl SubscriberGroup {
    /// Whether they want every issue unchanged. `language` is that of the issue.
    pub(crate) fn is_plain(&self, language: Language) -> bool {
        let key = &self.key;
        key.topics.is_empty()
            && key.cadence == Cadence::Every
            && key.missed_since.is_none()
            && key.language.is_none_or(|own| own == language)
    }
}

/// How many members of a group can be mailed.
#[derive(Clone, Debug)]
pub(crate) struct GroupAudience {
    pub(crate) key: PreferenceKey,
    /// Members whose address is not suppressed.
    pub(crate) mailable: i64,
    /// Members whose address is suppressed.
    pub(crate) suppressed: i64,
}

impl Tx {
    /// The groups of a newsletter's confirmed subscribers.
    pub(crate) async fn subscriber_groups(&mut self, newsletter: NewsletterId) -> Result<Vec<SubscriberGroup>> {
        let rows = on!(
            self,
            all as (Topics, Cadence, Option<DateTime<Utc>>, Option<Language>, i64),
            "SELECT topics, cadence, missed_since, language, COUNT(*) FROM subscriptions \
             WHERE newsletter_id = $1 AND state = 'confirmed' \
             GROUP BY topics, cadence, missed_since, language ORDER BY topics, cadence, missed_since, language",
            newsletter
        )?;
        let groups = rows.into_iter().map(
            |(topics, cadence, missed_since, language, subscribers)| SubscriberGroup {
                key: PreferenceKey {
                    topics,
                    cadence,
                    missed_since,
                    language,
                },
                subscribers,
            },
        );
        Ok(groups.collect())
    }

    /// The same groups with the number of suppressed addresses, which costs a join with every subscriber.
    pub(crate) async fn group_audiences(&mut self, newsletter: NewsletterId) -> Result<Vec<GroupAudience>> {
        let rows = on!(
            self,
            all as (Topics, Cadence, Option<DateTime<Utc>>, Option<Language>, i64, i64),
            "SELECT s.topics, s.cadence, s.missed_since, s.language, COUNT(*) - COUNT(x.address_hash), COUNT(x.address_hash) \
             FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             LEFT JOIN suppressions x ON x.address_hash = p.address_hash \
             WHERE s.newsletter_id = $1 AND s.state = 'confirmed' \
             GROUP BY s.topics, s.cadence, s.missed_since, s.language",
            newsletter
        )?;
        let groups =
            rows.into_iter().map(
                |(topics, cadence, missed_since, language, mailable, suppressed)| GroupAudience {
                    key: PreferenceKey {
                        topics,
                        cadence,
                        missed_since,
                        language,
                    },
                    mailable,
                    suppressed,
                },
            );
        Ok(groups.collect())
    }

    /// Clears `missed_since` of the recipients of an issue and its editions, because the mail that they get lists what they missed.
    pub(crate) async fn clear_missed_since(&mut self, issue: IssueId) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE subscriptions SET missed_since = NULL WHERE missed_since IS NOT NULL \
             AND id IN (SELECT subscription_id FROM deliveries \
             WHERE issue_id IN (SELECT id FROM issues WHERE id = $1 OR edition_of = $1))",
            issue
        )?)
    }
}
