//! Searching subscribers by the words of their addresses and names.
//!
//! A word is what stands between blanks, dots, at-signs, hyphens, underscores and plus-signs. The index has the words of each subscriber:
//! on SQLite the table `search_words_of_subscribers`, which triggers keep current, and on PostgreSQL an index over an expression. Every
//! word of the search must be a word of the subscriber or its beginning.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{IdError, SubscriberId};

/// More matches are not counted.
pub const MAX_COUNTED: i64 = 1_000;
/// More words are not searched for.
const MAX_WORDS: usize = 8;

row! {
    /// A subscriber who was found.
    #[derive(Clone, Debug)]
    pub struct FoundSubscriber {
        /// The internal id, which sorts by the time of creation.
        pub id: SubscriberId,
        /// The address as typed.
        pub address: EmailAddress,
        /// The name, if the subscriber gave one.
        pub name: Option<String>,
        /// When the subscriber was added.
        pub created_at: DateTime<Utc>,
    }
}

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriberQuery {
    words: Vec<String>,
}

impl SubscriberQuery {
    /// Reads a search as a person typed it; `None` if it has no letter and no digit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        let words: Vec<_> = words.take(MAX_WORDS).map(str::to_lowercase).collect();
        (!words.is_empty()).then_some(Self { words })
    }

    /// The words have only letters and digits, so nothing in them has a meaning to the database.
    fn sql(&self, tx: &Tx, whole_words: bool) -> String {
        let (before, after, between) = match (tx, whole_words) {
            (Tx::Sqlite(_), true) => ("\"", "\"", " "),
            (Tx::Sqlite(_), false) => ("\"", "\"*", " "),
            (Tx::Postgres(_), true) => ("'", "'", " & "),
            (Tx::Postgres(_), false) => ("'", "':*", " & "),
        };
        let words = self.words.iter().map(|word| format!("{before}{word}{after}"));
        words.collect::<Vec<_>>().join(between)
    }
}

/// On PostgreSQL: whether a subscriber matches `$1`. It repeats the expression of the index `subscribers_words`.
macro_rules! matches {
    () => {
        "to_tsvector('simple'::regconfig, translate(p.address_key, '@.-_+', '     ') || ' ' || COALESCE(p.name, '')) \
         @@ CAST($1 AS tsquery)"
    };
}

/// A page of found subscribers.
#[derive(Clone, Debug)]
pub struct FoundPage {
    /// The subscribers of this page.
    pub subscribers: Vec<FoundSubscriber>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<SearchPosition>,
    whole_words: bool,
}

impl FoundPage {
    /// The position after a subscriber of this page.
    pub(crate) const fn position_after(&self, subscriber: SubscriberId) -> SearchPosition {
        SearchPosition {
            after: subscriber,
            whole_words: self.whole_words,
        }
    }
}

/// A position in the subscribers whom a search finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchPosition {
    after: SubscriberId,
    /// Whether each word must be a word of the subscriber. If there are enough such subscribers, those whose words only begin with it are
    /// not searched for: a word such as `gmail` is in very many addresses, and finding the longer words too would take long.
    whole_words: bool,
}

/// As a form sends it: the id, and a letter for the kind of words.
impl std::fmt::Display for SearchPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.whole_words { 'w' } else { 'b' }, self.after)
    }
}

impl std::str::FromStr for SearchPosition {
    type Err = IdError;

    fn from_str(text: &str) -> std::result::Result<Self, IdError> {
        let (whole_words, id) = match (text.strip_prefix('w'), text.strip_prefix('b')) {
            (Some(id), _) => (true, id),
            (_, Some(id)) => (false, id),
            (None, None) => return Err(IdError),
        };
        Ok(Self {
            after: id.parse()?,
            whole_words,
        })
    }
}

impl Tx {
    /// The subscribers whom a search finds, `limit` of them after a position, in a fixed order.
    pub async fn find_subscribers(
        &mut self,
        query: &SubscriberQuery,
        after: Option<SearchPosition>,
        limit: i64,
    ) -> Result<FoundPage> {
        if let Some(SearchPosition { after, whole_words }) = after {
            return self.found_page(query, Some(after), whole_words, limit).await;
        }
        let page = self.found_page(query, None, true, limit).await?;
        if page.next.is_some() {
            return Ok(page);
        }
        self.found_page(query, None, false, limit).await
    }

    async fn found_page(
        &mut self,
        query: &SubscriberQuery,
        after: Option<SubscriberId>,
        whole_words: bool,
        limit: i64,
    ) -> Result<FoundPage> {
        let words = query.sql(self, whole_words);
        let after = after.unwrap_or(SubscriberId(Uuid::nil()));
        let sql = match self {
            Self::Sqlite(_) => {
                "SELECT p.id, p.address, p.name, p.created_at FROM search_words_of_subscribers w \
                 JOIN subscribers p ON p.number = w.rowid WHERE w.search_words_of_subscribers MATCH $1 \
                 AND w.rowid > COALESCE((SELECT number FROM subscribers WHERE id = $2), 0) ORDER BY w.rowid LIMIT $3"
            }
            Self::Postgres(_) => {
                concat!(
                    "SELECT p.id, p.address, p.name, p.created_at FROM subscribers p WHERE ",
                    matches!(),
                    " AND p.id > $2 ORDER BY p.id LIMIT $3"
                )
            }
        };
        // One more row shows whether there is another page.
        let mut subscribers = on!(self, all as FoundSubscriber, sql, words, after, limit + 1)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = subscribers.len() > limit;
        subscribers.truncate(limit);
        let last = subscribers.last().filter(|_| has_more);
        Ok(FoundPage {
            next: last.map(|last| SearchPosition {
                after: last.id,
                whole_words,
            }),
            subscribers,
            whole_words,
        })
    }

    /// How many subscribers a search finds, at most [`MAX_COUNTED`] + 1.
    pub async fn count_found_subscribers(&mut self, query: &SubscriberQuery) -> Result<i64> {
        let whole = self.count_found(query, true).await?;
        if whole > MAX_COUNTED {
            return Ok(whole);
        }
        self.count_found(query, false).await
    }

    async fn count_found(&mut self, query: &SubscriberQuery, whole_words: bool) -> Result<i64> {
        let words = query.sql(self, whole_words);
        let sql = match self {
            Self::Sqlite(_) => {
                "SELECT COUNT(*) FROM (SELECT 1 FROM search_words_of_subscribers WHERE search_words_of_subscribers MATCH $1 LIMIT $2) AS found"
            }
            Self::Postgres(_) => {
                concat!(
                    "SELECT COUNT(*) FROM (SELECT 1 FROM subscribers p WHERE ",
                    matches!(),
                    " LIMIT $2) AS found"
                )
            }
        };
        let (count,) = on!(self, one as (i64,), sql, words, MAX_COUNTED + 1)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_split_into_words_and_nothing_else_of_it_is_kept() {
        let words = |text: &str| SubscriberQuery::parse(text).map(|query| query.words);
        assert_eq!(
            words("Ada.Byron@reader.example"),
            Some(vec!["ada".into(), "byron".into(), "reader".into(), "example".into()])
        );
        assert_eq!(words("Zoë \"OR\" *"), Some(vec!["zoë".into(), "or".into()]));
        assert_eq!(words(" @.* "), None);
    }
}
