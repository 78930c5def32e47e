//! The demo's sample feed: a dozen invented transmissions, compiled in.

use chrono::{DateTime, TimeDelta, Utc};

/// The feed as shipped; each `pubDate` is a marker such as `@@HOURS_AGO_3@@`.
const SAMPLE: &str = include_str!("../../../templates/demo/sample.xml");

/// Markers go from one hour ago up to this many.
const HOURS: i64 = 24;

/// The sample feed, RSS 2.0, as if its articles had been published in the day before `now`.
#[must_use]
pub fn sample_feed(now: DateTime<Utc>) -> String {
    (1..=HOURS).fold(SAMPLE.to_owned(), |feed, hours| {
        feed.replace(
            &format!("@@HOURS_AGO_{hours}@@"),
            &(now - TimeDelta::hours(hours)).to_rfc2822(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::parse::parse;

    #[test]
    fn the_sample_feed_holds_a_dozen_complete_articles_of_the_last_day() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let xml = sample_feed(now);
        assert!(!xml.contains("@@"));
        let feed = parse(xml.as_bytes(), None).expect("the sample is valid RSS");
        assert_eq!(feed.entries.len(), 12);
        let ids: std::collections::BTreeSet<_> = feed.entries.iter().map(|entry| &entry.id).collect();
        assert_eq!(ids.len(), 12);
        for entry in &feed.entries {
            let published = entry.published.expect("a date");
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
    fn one_article_reports_a_ban_of_an_ai_coding_tool_and_cites_reuters() {
        let feed = sample_feed(DateTime::UNIX_EPOCH);
        let ban = feed
            .split("<item>")
            .find(|item| item.contains("backdoor"))
            .expect("the article");
        assert!(ban.contains("https://www.reuters.com/\""));
    }
}
