//! The topics of a newsletter, each with the categories of feeds that belong to it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::topics::is_same_topic;

/// A topic of a newsletter's file: `"Kernel"`, or `{ name = "Security", categories = ["infosec", "Sicherheit"] }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewsletterTopic {
    /// The name that readers see.
    pub name: String,
    /// The categories of articles that belong to it besides those that equal its name.
    pub categories: Vec<String>,
}

impl NewsletterTopic {
    /// The names of the categories that belong to it.
    pub(crate) fn category_names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.categories.iter().map(String::as_str))
    }

    /// Whether articles of this category belong to the topic. Case does not matter.
    fn has(&self, category: &str) -> bool {
        self.category_names().any(|name| is_same_topic(name, category))
    }
}

/// The topic of an article: the first of `topics` that has its category. Without `topics`, it is the category itself.
pub(crate) fn topic_of<'a>(topics: &'a [NewsletterTopic], category: &'a str) -> Option<&'a str> {
    if topics.is_empty() {
        return Some(category);
    }
    let topic = topics.iter().find(|topic| topic.has(category))?;
    Some(&topic.name)
}

/// The table of a topic with categories.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicTable {
    name: String,
    #[serde(default)]
    categories: Vec<String>,
}

/// Not an untagged enum, whose errors would not name the wrong key.
impl<'de> Deserialize<'de> for NewsletterTopic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrTable;

        impl<'de> Visitor<'de> for NameOrTable {
            type Value = NewsletterTopic;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, or a table with `name` and `categories`")
            }

            fn visit_str<E>(self, name: &str) -> Result<NewsletterTopic, E> {
                Ok(NewsletterTopic {
                    name: name.to_owned(),
                    categories: Vec::new(),
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NewsletterTopic, A::Error> {
                let TopicTable { name, categories } = TopicTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(NewsletterTopic { name, categories })
            }
        }

        deserializer.deserialize_any(NameOrTable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_mapped_to_the_first_topic_that_names_them() {
        let topics = [
            r#""Kernel""#,
            r#"{"name": "Security", "categories": ["InfoSec", "Sicherheit", "kernel"]}"#,
        ];
        let topics: Vec<NewsletterTopic> = topics
            .iter()
            .map(|json| serde_json::from_str(json).expect("it is a topic"))
            .collect();
        for (category, topic) in [
            ("KERNEL", Some("Kernel")),
            (" security", Some("Security")),
            ("infosec", Some("Security")),
            ("Sport", None),
        ] {
            assert_eq!(topic_of(&topics, category), topic, "{category}");
        }
        assert_eq!(topic_of(&[], "Sport"), Some("Sport"));
        assert!(serde_json::from_str::<NewsletterTopic>(r#"{"name": "a", "category": ["b"]}"#).is_err());
    }
}
