//! The feeds that fail, by their last fetch.

use super::check::Check;
use super::database::Database;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::states::FeedState;
use crate::store::StoreError;
use crate::store::feed_lists::FeedSearch;
use crate::text::plain::counted;

const NAME: &str = "feeds";
/// This many failing feeds are named.
const MAX_NAMED: usize = 5;
/// More feeds than any newsroom reads.
const MAX_FEEDS: i64 = 100_000;

/// Checks the feeds that newsletters read.
pub(super) async fn check(config: &Config, clock: &Clock, database: Option<&Database>) -> Check {
    let Some(database) = database.filter(|database| database.has_tables) else {
        return Check::skipped(NAME, "the database cannot be read");
    };
    match look(config, clock, database).await {
        Ok(check) => check,
        Err(error) => Check::failed_by(NAME, &error, "look at the log of the database server"),
    }
}

async fn look(config: &Config, clock: &Clock, database: &Database) -> Result<Check, StoreError> {
    let mut tx = database.store.read().await?;
    let all = tx.find_feeds(&FeedSearch::default(), MAX_FEEDS).await?.len();
    let search = FeedSearch {
        state: Some(FeedState::Failing),
        ..FeedSearch::default()
    };
    let failing = tx.find_feeds(&search, MAX_FEEDS).await?;
    let notice_after = chrono::TimeDelta::from_std(config.feeds.notice_after).unwrap_or(chrono::TimeDelta::MAX);
    // A date of the distant past if the setting is longer than any date.
    let since = clock.now().checked_sub_signed(notice_after);
    let long = tx
        .count_failing_feeds(since.unwrap_or(chrono::DateTime::UNIX_EPOCH))
        .await?;
    if failing.is_empty() {
        return Ok(if all == 0 {
            Check::skipped(NAME, "no newsletter reads a feed")
        } else {
            Check::ok(NAME, format!("{} without a failure", counted(all, "feed", "feeds")))
        });
    }
    let named: Vec<_> = failing
        .iter()
        .take(MAX_NAMED)
        .map(|feed| format!("{} ({})", feed.url, feed.last_error.as_deref().unwrap_or("gone")))
        .collect();
    let found = format!(
        "{} of {} fail: {}",
        failing.len(),
        counted(all, "feed", "feeds"),
        named.join(", ")
    );
    Ok(if failing.len() == all && long > 0 {
        let advice = "check that this machine reaches the Internet and its DNS server, then run `daywire feed fetch`";
        Check::failed(NAME, found, advice)
    } else {
        let advice = "run `daywire feed list` for the reasons; correct the address, or remove the feed";
        Check::warning(NAME, found, advice)
    })
}
