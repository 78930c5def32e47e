//! The topics that a subscriber chooses and a newsletter offers: how they are stored, and which choices are valid.

use std::convert::Infallible;
use std::fmt;

use super::column::text_column;
use super::slug::slugify;
use crate::text::html::clean_line;

/// The most topics that one subscriber may choose, or that a newsletter's settings may offer.
pub(crate) const MAX_TOPICS: usize = 50;
/// The most characters of a topic.
const MAX_TOPIC: usize = 60;
/// The most bytes of all topics of a subscriber together: they are indexed, and a row of a PostgreSQL index has at most 2,700 bytes.
const MAX_BYTES: usize = 2_000;
/// The most topics that an error message names.
pub(crate) const MAX_NAMED: usize = 40;

/// Why a choice of topics is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// The newsletter does not offer the topic.
    #[error("“{topic}” is not a topic of this newsletter; {}", named(.offered))]
    NotOffered {
        /// The topic in its normalised form.
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

/// Whether two texts are the same topic: their normalised forms are equal.
#[must_use]
pub(crate) fn is_same_topic(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

/// The part of an address that names a topic: its words in lower case with hyphens between them. Latin letters lose their accents;
/// those of other scripts stay. Empty for a text without letters and digits, which has no page.
#[must_use]
pub(crate) fn slug(topic: &str) -> String {
    let topic = normal(topic);
    if !topic.chars().any(char::is_alphanumeric) {
        return String::new();
    }
    let is_latin =
        |c: char| c.is_ascii() || matches!(c, '\u{80}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{300}'..='\u{36f}');
    if topic.chars().all(is_latin) {
        return slugify(&topic);
    }
    let words = topic
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// How the lists of a topic find the articles of a category.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CategoryKeys {
    /// The category in its normalised form: a newsletter's own topics name categories by it.
    pub(crate) key: String,
    /// The category's [`slug`], or `key` if it has none. Addresses name topics by it. A key without letters and digits equals no slug.
    pub(crate) slug: String,
}

impl CategoryKeys {
    /// `None` for a text that is empty after it was normalised.
    pub(crate) fn of(category: &str) -> Option<Self> {
        let key = normal(category);
        if key.is_empty() {
            return None;
        }
        let slug = Some(slug(&key)).filter(|slug| !slug.is_empty());
        Some(Self {
            slug: slug.unwrap_or_else(|| key.clone()),
            key,
        })
    }
}

/// Whether a text may be a [`slug`]: it has letters or digits, and otherwise only hyphens.
pub(crate) fn is_slug(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric) && text.chars().all(|c| c == '-' || c.is_alphanumeric())
}

/// A list of topics, stored as one line each. An empty list means all stories.
///
/// Subscribers with equal lists are one group, found by comparing the stored text. So every text is a list, and is written back as
/// it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Topics(String);

impl Topics {
    /// The topics, each normalised, once and sorted. Those beyond the limits are left out.
    #[must_use]
    pub fn normalised(topics: &[String]) -> Self {
        let mut topics = normal_list(topics);
        topics.truncate(MAX_TOPICS);
        let mut bytes = 0;
        topics.retain(|topic| {
            bytes += topic.len() + 1;
            bytes <= MAX_BYTES
        });
        Self(topics.join("\n"))
    }

    /// Whether the list names no topic.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The topics in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.lines()
    }

    /// The topics in the order of the list.
    #[must_use]
    pub fn to_vec(&self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }
}

/// The topics with commas between them.
impl fmt::Display for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.replace('\n', ", "))
    }
}

text_column!(Topics, |topics: &Topics| topics.0.clone(), |text: &str| {
    Ok::<_, Infallible>(Topics(text.to_owned()))
});

/// Normalises and sorts topics, and removes duplicates.
#[must_use]
pub fn normal_list(topics: &[String]) -> Vec<String> {
    let mut topics: Vec<String> = topics.iter().map(|topic| normal(topic)).collect();
    topics.retain(|topic| !topic.is_empty());
    topics.sort();
    topics.dedup();
    topics
}

/// Checks the topics that a subscriber wants, and normalises them.
///
/// # Errors
/// [`TopicError`] if one of them is not in `offered`, which [`normal_list`] returned, or if there are too many.
pub fn choose(wanted: &[String], offered: &[String]) -> Result<Topics, TopicError> {
    let topics = normal_list(wanted);
    if let Some(topic) = topics.iter().find(|topic| !offered.contains(topic)) {
        return Err(TopicError::NotOffered {
            topic: topic.clone(),
            offered: offered.to_vec(),
        });
    }
    let chosen = Topics::normalised(&topics);
    if chosen.iter().count() < topics.len() {
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
            Ok(Topics::normalised(&list(&["kernel", "science"])))
        );
        assert_eq!(choose(&[], &offered), Ok(Topics::default()));
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
