//! The topics of the site: those of its public newsletters, which articles belong to each, and the addresses of their pages.

use std::collections::BTreeSet;

use super::error::CompileError;
use super::rules::rules_of;
use crate::domain::newsletter_topic::{NewsletterTopic, topic_of};
use crate::domain::topics::slug;
use crate::store::Tx;
use crate::store::newsletters::Newsletter;

/// At most this many categories of articles have a page.
const MAX_CATEGORIES: i64 = 2_000;

/// The topics of the site at one time.
#[derive(Clone, Debug, Default)]
pub(crate) struct SiteTopics {
    /// The own topics of each public newsletter, in the order of the newsletters; empty for a newsletter without any.
    of_newsletters: Vec<Vec<NewsletterTopic>>,
    /// The categories of all articles.
    categories: Vec<String>,
}

/// A topic that has a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicPage {
    pub(crate) name: String,
    /// The categories of its articles, spelled as in the articles.
    pub(crate) categories: Vec<String>,
}

impl SiteTopics {
    pub(crate) async fn read(tx: &mut Tx, newsletters: &[Newsletter]) -> Result<Self, CompileError> {
        let of_newsletters = newsletters.iter().map(|newsletter| Ok(rules_of(newsletter)?.topics));
        Ok(Self {
            of_newsletters: of_newsletters.collect::<Result<_, CompileError>>()?,
            categories: tx.categories(MAX_CATEGORIES).await?,
        })
    }

    /// The topic of articles with a category: that of the first newsletter whose topics have it. If none has it, it is the category
    /// itself, unless every newsletter has topics of its own, or the category has no letters and digits for the address of a page.
    pub(crate) fn topic_of<'a>(&'a self, category: &'a str) -> Option<&'a str> {
        let own = self.of_newsletters.iter().filter(|topics| !topics.is_empty());
        let mut own = own.filter_map(|topics| topic_of(topics, category));
        let all_have_topics =
            !self.of_newsletters.is_empty() && self.of_newsletters.iter().all(|topics| !topics.is_empty());
        own.next()
            .or((!all_have_topics).then_some(category))
            .filter(|topic| !slug(topic).is_empty())
    }

    /// The own topics of all newsletters in their order, each once.
    pub(crate) fn own(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let names = self.of_newsletters.iter().flatten().map(|topic| topic.name.as_str());
        names
            .filter(|name| {
                let slug = slug(name);
                !slug.is_empty() && seen.insert(slug)
            })
            .collect()
    }

    /// The topic whose page has this slug; `None` if there is none.
    pub(crate) fn page(&self, wanted: &str) -> Option<TopicPage> {
        let mut name = self.own().into_iter().find(|name| slug(name) == wanted);
        let mut categories = Vec::new();
        for category in &self.categories {
            if let Some(topic) = self.topic_of(category).filter(|topic| slug(topic) == wanted) {
                categories.push(category.clone());
                name = name.or(Some(topic));
            }
        }
        Some(TopicPage {
            name: name?.to_owned(),
            categories,
        })
    }
}

/// The path of a topic's page.
pub(crate) fn topic_path(topic: &str) -> String {
    let slug = slug(topic);
    let encoded = percent_encoding::utf8_percent_encode(&slug, percent_encoding::NON_ALPHANUMERIC).to_string();
    format!("/topics/{}", encoded.replace("%2D", "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(name: &str, categories: &[&str]) -> NewsletterTopic {
        NewsletterTopic {
            name: name.into(),
            categories: categories.iter().map(|category| (*category).to_owned()).collect(),
        }
    }

    #[test]
    fn topics_are_those_of_the_newsletters_and_other_categories_only_if_one_has_none() {
        let mut topics = SiteTopics {
            of_newsletters: vec![vec![own("Security", &["infosec"])], Vec::new()],
            categories: ["Infosec", "INFOSEC", "security", "سحابة", "C++"]
                .map(str::to_owned)
                .to_vec(),
        };
        assert_eq!(topics.topic_of("Infosec"), Some("Security"));
        assert_eq!(topics.topic_of("سحابة"), Some("سحابة"));
        let page = topics.page("security").expect("it has a page");
        assert_eq!((page.name.as_str(), page.categories.len()), ("Security", 3));
        assert_eq!(topic_path("سحابة"), "/topics/%D8%B3%D8%AD%D8%A7%D8%A8%D8%A9");
        assert!(topics.page("سحابة").is_some() && topics.page("c").is_some());
        assert_eq!(topics.page("sport"), None);
        topics.of_newsletters.pop();
        assert_eq!(topics.topic_of("سحابة"), None);
        assert_eq!(topics.page("سحابة"), None);
        let without = SiteTopics::default();
        assert_eq!(
            ["x", "🎉🎉", "!!!", ".."].map(|category| without.topic_of(category)),
            [Some("x"), None, None, None]
        );
    }
}
