//! The topics that a subscriber chooses: how they are stored, and whether a newsletter offers them.

use crate::text::html::clean_line;

/// The most topics that one subscriber may choose, or that a newsletter's settings may offer.
pub(crate) const MAX_TOPICS: usize = 50;
/// The most characters of a topic.
const MAX_TOPIC: usize = 60;
/// The most bytes of all topics of a subscriber together: they are indexed, and a row of a PostgreSQL index has at most 2,700 bytes.
const MAX_BYTES: usize = 2_000;
/// The most topics that an error message names.
const MAX_NAMED: usize = 40;

/// Why a choice of topics is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// The newsletter does not offer the topic.
    #[error("“{topic}” is not a topic of this newsletter; {}", named(.offered))]
    NotOffered {
        /// The topic, normalised.
        topic: String,
        /// The topics that the newsletter offers.
        offered: Vec<String>,
    },
    /// The topics exceed what can be stored.
    #[error("these are too many topics; choose at most {MAX_TOPICS}, or none for all stories")]
    TooMany,
}

fn named(offered: &[String]) -> String {
    if offered.is_empty() {
        return "there are no topics to choose from yet; choose none to get all stories".to_owned();
    }
    let some = offered.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = if offered.len() > MAX_NAMED { " and others" } else { "" };
    format!("its topics are: {some}{more}")
}

/// Normalises a topic: one line in lower case, cut to 60 characters.
#[must_use]
pub fn normal(topic: &str) -> String {
    let line = clean_line(topic).to_lowercase();
    let cut: String = line.chars().take(MAX_TOPIC).collect();
    cut.trim_end().to_owned()
}

/// The topics in stored form: each once, sorted, one on each line. Empty means all stories. Topics beyond the limits are left out.
#[must_use]
pub fn stored(wanted: &[String]) -> String {
    let mut topics = normal_list(wanted);
    topics.truncate(MAX_TOPICS);
    let mut bytes = 0;
    topics.retain(|topic| {
        bytes += topic.len() + 1;
        bytes <= MAX_BYTES
    });
    topics.join("\n")
}

/// Normalises and sorts topics, and removes duplicates.
#[must_use]
pub fn normal_list(topics: &[String]) -> Vec<String> {
    let mut topics: Vec<String> = topics.iter().map(|topic| normal(topic)).collect();
    topics.retain(|topic| !topic.is_empty());
    topics.sort();
    topics.dedup();
    topics
}

/// Checks the topics that a subscriber wants. Returns them in stored form.
///
/// # Errors
/// [`TopicError`] if one of them is not in `offered`, which [`normal_list`] returned, or if there are too many.
pub fn choose(wanted: &[String], offered: &[String]) -> Result<String, TopicError> {
    let topics = normal_list(wanted);
    if let Some(topic) = topics.iter().find(|topic| !offered.contains(topic)) {
        return Err(TopicError::NotOffered {
            topic: topic.clone(),
            offered: offered.to_vec(),
        });
    }
    let chosen = stored(&topics);
    if chosen.lines().count() < topics.len() {
        return Err(TopicError::TooMany);
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(topics: &[&str]) -> Vec<String> {
        topics.iter().map(|topic| (*topic).to_owned()).collect()
    }

    #[test]
    fn offered_topics_can_be_chosen_in_any_case() {
        let offered = list(&["kernel", "science"]);
        assert_eq!(
            choose(&list(&["Science", " kernel", "science"]), &offered),
            Ok("kernel\nscience".into())
        );
        assert_eq!(choose(&[], &offered), Ok(String::new()));
        let refused = choose(&list(&["kernal"]), &offered)
            .expect_err("it is misspelt")
            .to_string();
        assert_eq!(
            refused,
            "“kernal” is not a topic of this newsletter; its topics are: kernel, science"
        );
        let refused = choose(&list(&["x"]), &[]).expect_err("there is none").to_string();
        assert!(refused.contains("no topics to choose from"), "{refused}");
    }

    #[test]
    fn more_topics_than_can_be_stored_are_refused() {
        let many: Vec<String> = (0..60).map(|n| format!("topic{n:02}")).collect();
        assert_eq!(choose(&many, &many), Err(TopicError::TooMany));
        let long: Vec<String> = (0..40).map(|n| format!("{n:02}{}", "x".repeat(58))).collect();
        assert_eq!(choose(&long, &long), Err(TopicError::TooMany));
    }
}
