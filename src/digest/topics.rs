//! The topics that the subscribers of a newsletter can choose from.

use chrono::TimeDelta;

use super::rules_of;
use crate::app::App;
use crate::domain::topics::{normal, normal_list};
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};

/// How long a topic is offered after the last article with it arrived.
const OFFERED_FOR: TimeDelta = TimeDelta::days(90);

/// The topics that a newsletter offers, each as it is stored with a subscription.
///
/// # Errors
/// When the database fails.
pub async fn offered(tx: &mut Tx, app: &App, newsletter: &Newsletter) -> Result<Vec<String>, StoreError> {
    Ok(normal_list(&written(tx, app, newsletter).await?))
}

/// The same topics with their capitals: those of the newsletter's settings, else those of all articles that arrived for it in the
/// last 90 days. What an issue does with an article changes nothing here, so the choice is the same before and after each issue.
///
/// # Errors
/// When the database fails.
pub async fn written(tx: &mut Tx, app: &App, newsletter: &Newsletter) -> Result<Vec<String>, StoreError> {
    if !newsletter.topics.is_empty() {
        return Ok(newsletter.topics.to_vec());
    }
    let since = app.clock.now() - OFFERED_FOR;
    let mut topics = tx.topics_of_arrivals(newsletter.id, since).await?;
    // Rules that cannot be read stop the next issue with an error. Readers can choose from all topics until then.
    if let Ok(rules) = rules_of(newsletter) {
        let names = |filter: &[String], topic: &String| filter.iter().any(|named| normal(named) == normal(topic));
        let (include, exclude) = (&rules.include, &rules.exclude);
        // Sources or words may also include an article, whatever its topic.
        let only_topics = !include.topics.is_empty() && include.sources.is_empty() && include.words.is_empty();
        topics.retain(|topic| !names(&exclude.topics, topic) && (!only_topics || names(&include.topics, topic)));
    }
    Ok(topics)
}
