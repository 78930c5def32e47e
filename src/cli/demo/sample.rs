//! The demo's sample feeds, compiled in: a dozen invented articles, and another source's reports of three of the same events.

use chrono::{DateTime, TimeDelta, Utc};

/// The feeds in the repository. Each `pubDate` is a marker such as `@@HOURS_AGO_3@@`.
const SAMPLE: &str = include_str!("../../../templates/demo/sample.xml");
const SECOND: &str = include_str!("../../../templates/demo/second.xml");

/// The highest number of hours in a marker.
const MAX_HOURS: i64 = 24;

/// The sample feed in RSS 2.0, with its articles published within the day before `now`.
#[must_use]
pub fn sample_feed(now: DateTime<Utc>) -> String {
    dated(SAMPLE, now)
}

/// The feed of the second source.
#[must_use]
pub(crate) fn second_feed(now: DateTime<Utc>) -> String {
    dated(SECOND, now)
}

fn dated(feed: &str, now: DateTime<Utc>) -> String {
    (1..=MAX_HOURS).fold(feed.to_owned(), |feed, hours| {
        feed.replace(
            &format!("@@HOURS_AGO_{hours}@@"),
            &(now - TimeDelta::hours(hours)).to_rfc2822(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::clustering::{Report, copies, group_reports};
    use crate::feeds::parse::parse;

    #[test]
    fn the_sample_feed_has_a_dozen_complete_articles_of_the_last_day() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let xml = sample_feed(now);
        assert!(!xml.contains("@@"));
        let feed = parse(xml.as_bytes(), None).expect("the sample is valid RSS");
        assert_eq!(feed.entries.len(), 12);
        let ids: std::collections::BTreeSet<_> = feed.entries.iter().map(|entry| &entry.id).collect();
        assert_eq!(ids.len(), 12);
        for entry in &feed.entries {
            let published = entry.published.expect("each article has a date");
            assert!(published < now && published >= now - TimeDelta::days(1));
            assert!(entry.title.len() > 20 && !entry.summary.is_empty());
            assert!(
                entry
                    .url
                    .as_ref()
                    .is_some_and(|url| url.starts_with("https://transmissions.example/"))
            );
            assert!(entry.category.is_some() && !entry.authors.is_empty());
            let body = &entry.content_html;
            assert!((2..=4).contains(&body.matches("<p>").count()) && body.contains("<a href=\"https://"));
        }
    }

    #[test]
    fn the_second_source_reports_three_of_the_events_later_in_other_words() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let feeds = [sample_feed(now), second_feed(now)];
        let entries: Vec<_> = feeds
            .iter()
            .flat_map(|feed| parse(feed.as_bytes(), None).expect("the sample is valid RSS").entries)
            .collect();
        let reports: Vec<Report<'_>> = entries
            .iter()
            .map(|entry| Report {
                title: &entry.title,
                text: &entry.summary,
                language: Some("en"),
            })
            .collect();
        let shared: Vec<Vec<usize>> = group_reports(&reports)
            .into_iter()
            .filter(|story| story.len() > 1)
            .collect();
        assert_eq!(shared, [vec![0, 12], vec![1, 13], vec![2, 14]]);
        assert_eq!(copies(&reports).len(), 15);
        for story in shared {
            assert!(entries[story[0]].published < entries[story[1]].published);
            assert_eq!(entries[story[0]].category, entries[story[1]].category);
        }
    }

    #[test]
    fn one_article_reports_a_ban_of_an_ai_coding_tool_and_cites_reuters() {
        let feed = sample_feed(DateTime::UNIX_EPOCH);
        let ban = feed
            .split("<item>")
            .find(|item| item.contains("backdoor"))
            .expect("the sample has the article");
        assert!(ban.contains("https://www.reuters.com/\""));
    }
}
