//! Topics that a reader chooses: how they are stored, and whether a newsletter offers them.

use crate::text::html::clean_line;

/// The most topics that one reader may choose, or that a newsletter's settings may offer.
pub(crate) const MAX_TOPICS: usize = 50;
/// The most characters of a topic.
const MAX_TOPIC: usize = 60;
/// The most bytes of all topics of a reader together: they are indexed, and a row of a PostgreSQL index has at most 2,700 bytes.
const MAX_BYTES: usize = 2_000;
/// The most topics that an error message names.
const MAX_NAMED: usize = 40;

/// Why a choice of topics is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// The newsletter has no such topic.
    #[error("“{topic}” is not a topic of this newsletter; {}", named(.offered))]
    NotOffered {
        /// The topic as it would be stored.
        topic: String,
        /// The topics that can be chosen.
        offered: Vec<String>,
    },
    /// More than can be stored.
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

/// One topic as it is stored: one line in lower case, cut to 60 characters.
#[must_use]
pub fn normal(topic: &str) -> String {
    let line = clean_line(topic).to_lowercase();
    let cut: String = line.chars().take(MAX_TOPIC).collect();
    cut.trim_end().to_owned()
}

/// Topics as they are stored: each once, sorted, one a line; empty for all. Those beyond what can be stored are left out.
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

/// Each topic once, normalised and sorted.
#[must_use]
pub fn normal_list(topics: &[String]) -> Vec<String> {
    let mut topics: Vec<String> = topics.iter().map(|topic| normal(topic)).collect();
    topics.retain(|topic| !topic.is_empty());
    topics.sort();
    topics.dedup();
    topics
}

/// The topics that a reader wants, as they are stored.
///
/// # Errors
/// [`TopicError`] if one of them is not among `offered`, which [`normal_list`] made, or if they are too many.
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
    fn topics_are_chosen_from_those_offered_whatever_their_case() {
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
