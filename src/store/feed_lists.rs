//! The list of feeds for operators: those that fail come first.

use super::feeds::{Feed, feed_columns};
use super::{Result, Tx, on};
use crate::domain::ids::NewsletterId;
use crate::domain::states::FeedState;

/// Which feeds [`Tx::find_feeds`] lists. Every condition that is set must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct FeedSearch {
    /// A part of the address or of the title. On SQLite, only letters A to Z are found in either case.
    pub(crate) text: String,
    /// The newsletter that reads it.
    pub(crate) newsletter: Option<NewsletterId>,
    /// `None`: every feed that a newsletter reads.
    pub(crate) state: Option<FeedState>,
    /// Rank and address of the last feed of the page before.
    pub(crate) after: Option<(i64, String)>,
}

/// The position of a feed in the list: gone feeds first, then those that fail, then the others.
macro_rules! rank {
    () => {
        "(CASE WHEN f.gone THEN 0 WHEN f.last_error IS NOT NULL THEN 1 ELSE 2 END)"
    };
}

/// The rank of a feed; see [`FeedSearch::after`].
pub(crate) const fn rank_of(feed: &Feed) -> i64 {
    if feed.gone {
        0
    } else if feed.last_error.is_some() {
        1
    } else {
        2
    }
}

impl Tx {
    /// The feeds that a search selects.
    pub(crate) async fn find_feeds(&mut self, search: &FeedSearch, limit: i64) -> Result<Vec<Feed>> {
        let (rank, url) = search.after.clone().unwrap_or((-1, String::new()));
        // `!` stands before a character that would be a wildcard.
        let mut pattern = String::from("%");
        for letter in search.text.to_lowercase().chars() {
            if matches!(letter, '%' | '_' | '!') {
                pattern.push('!');
            }
            pattern.push(letter);
        }
        pattern.push('%');
        Ok(on!(
            self,
            all as Feed,
            concat!(
                "SELECT ",
                feed_columns!(),
                " FROM feeds f WHERE (",
                rank!(),
                ", f.url) > ($1, $2) AND lower(f.url || ' ' || f.title) LIKE $3 ESCAPE '!' \
                 AND ($4 IS NULL OR EXISTS (SELECT 1 FROM newsletter_feeds nf WHERE nf.feed_id = f.id \
                  AND nf.newsletter_id = $4)) \
                 AND (CASE WHEN $5 = 'unused' THEN NOT EXISTS (SELECT 1 FROM newsletter_feeds nf WHERE nf.feed_id = f.id) \
                  ELSE EXISTS (SELECT 1 FROM newsletter_feeds nf WHERE nf.feed_id = f.id) END) \
                 AND (CASE WHEN $5 = 'failing' THEN f.gone OR f.last_error IS NOT NULL ELSE TRUE END) ORDER BY ",
                rank!(),
                ", f.url LIMIT $6"
            ),
            rank,
            url,
            pattern,
            search.newsletter,
            search.state.map_or("", FeedState::as_str),
            limit
        )?)
    }
}
