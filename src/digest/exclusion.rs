//! Whether a single article may be in an issue at all, whichever story it belongs to: the `include` and `exclude` rules, and retraction.

use super::inputs::Candidate;
use super::rules::{Filter, Rules, padded_words};
use crate::domain::topics::is_same_topic;
use crate::text::plain::is_same_name;

/// Why an article must not be in an issue; `None` if it may be.
pub(super) fn exclusion(rules: &Rules, candidate: &Candidate) -> Option<String> {
    if candidate.retracted {
        return Some("retracted".into());
    }
    if let Some(what) = first_match(&rules.exclude, candidate) {
        return Some(format!("excluded by {what} (exclude)"));
    }
    if !rules.include.is_empty() && first_match(&rules.include, candidate).is_none() {
        return Some("matches no entry of include".into());
    }
    None
}

/// The first entry of a filter that matches an article, in words; `None` if no entry matches.
fn first_match(filter: &Filter, article: &Candidate) -> Option<String> {
    // Both names count, so that `exclude` can name a category that belongs to no topic of the newsletter.
    for topic in article.category.iter().chain(&article.feed_category) {
        if let Some(name) = filter.topics.iter().find(|name| is_same_topic(name, topic)) {
            return Some(format!("topic “{name}”"));
        }
    }
    if let Some(name) = filter
        .sources
        .iter()
        .find(|name| is_same_name(name, &article.source_name))
    {
        return Some(format!("source “{name}”"));
    }
    let text = padded_words(&format!("{} {}", article.title, article.summary));
    let phrase = filter
        .words
        .iter()
        .find(|phrase| text.contains(&padded_words(phrase)))?;
    Some(format!("the words “{phrase}”"))
}
