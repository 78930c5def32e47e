//! The topics that the subscribers of a newsletter can choose from: those of its settings, else those of its recent articles.

use chrono::TimeDelta;

use super::rules::rules_of;
use crate::app::App;
use crate::domain::topics::{is_same_topic, normal, normal_list};
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};
use crate::text::html::clean_line;

/// A topic is offered for this long after its last article arrived.
const OFFERED_FOR: TimeDelta = TimeDelta::days(90);

/// The topics that a newsletter offers, normalised as they are stored with a subscription.
pub(crate) async fn newsletter_topics(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
) -> Result<Vec<String>, StoreError> {
    Ok(normal_list(&newsletter_topics_as_written(tx, app, newsletter).await?))
}

/// The same topics as they are written in the settings or in articles, for display.
///
/// Articles count from their arrival, whether an issue contains them or not. So an issue does not change which topics are offered.
pub(crate) async fn newsletter_topics_as_written(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
) -> Result<Vec<String>, StoreError> {
    // Rules that do not parse are reported when the next issue is compiled. They must not take down the sign-up page before that, so
    // until then all topics of its articles are offered.
    let rules = rules_of(newsletter).ok();
    if let Some(rules) = rules.as_ref().filter(|rules| !rules.topics.is_empty()) {
        return Ok(rules.topics.iter().map(|topic| topic.name.clone()).collect());
    }
    let since = app.clock.now() - OFFERED_FOR;
    let mut topics = tx.topics_of_arrivals(newsletter.id, since).await?;
    if let Some(rules) = rules {
        let names = |filter: &[String], topic: &String| filter.iter().any(|named| is_same_topic(named, topic));
        let (include, exclude) = (&rules.include, &rules.exclude);
        // Sources or words may also include an article, with any topic.
        let only_topics = !include.topics.is_empty() && include.sources.is_empty() && include.words.is_empty();
        topics.retain(|topic| !names(&exclude.topics, topic) && (!only_topics || names(&include.topics, topic)));
    }
    Ok(topics)
}

/// The name that readers see of a stored topic: the spelling in [`newsletter_topics_as_written`]. If the newsletter does not offer the topic
/// any more, it is in lower case, as it is stored.
pub(crate) fn topic_name(topic: &str, as_written: &[String]) -> String {
    let same = as_written.iter().filter(|written| normal(written) == topic);
    same.min()
        .map_or_else(|| topic.to_owned(), |written| clean_line(written))
}
