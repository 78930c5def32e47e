//! The topics of the site: those of its public newsletters, which articles belong to each, and the addresses of their pages.
//!
//! The number of categories is not limited, because one feed can have a new category in each entry. So no list of them is read: each
//! article is stored with the slug of its category, and the page of a topic reads the articles with that slug.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CompileError;
use super::rules::rules_of;
use crate::domain::newsletter_topic::NewsletterTopic;
use crate::domain::topics::{CategoryKeys, is_slug, normal, slug};
use crate::store::Tx;
use crate::store::article_lists::ExceptKeys;
use crate::store::newsletters::Newsletter;

/// The topics of the site at one time.
#[derive(Clone, Debug)]
pub(crate) struct SiteTopics {
    /// The own topics of the public newsletters, each name once, in the order of the newsletters.
    own: Vec<String>,
    /// The own topic of each category that a newsletter names, by the category's normalised form. If several newsletters name it, the
    /// first one decides.
    own_of_key: BTreeMap<String, String>,
    /// Whether every newsletter has topics of its own. Then other categories are no topics.
    all_have_own: bool,
}

/// No newsletter: every category is a topic.
impl Default for SiteTopics {
    fn default() -> Self {
        Self::of_own(&[])
    }
}

/// A topic that has a page, and which articles are on it.
#[derive(Clone, Debug)]
pub(crate) struct TopicPage {
    pub(crate) name: String,
    pub(crate) slug: String,
    /// The categories that a newsletter's own topics map to it.
    pub(crate) categories: Vec<CategoryKeys>,
    /// Articles of other categories with the slug of the page also belong to it, except of these categories. `None` if no others do.
    pub(crate) others_except: Option<ExceptKeys>,
}

impl SiteTopics {
    /// # Errors
    /// If the stored rules of a newsletter do not parse.
    pub(crate) fn of(newsletters: &[Newsletter]) -> Result<Self, CompileError> {
        let own = newsletters.iter().map(|newsletter| Ok(rules_of(newsletter)?.topics));
        Ok(Self::of_own(&own.collect::<Result<Vec<_>, CompileError>>()?))
    }

    /// The topics of a site whose newsletters have these own topics.
    fn of_own(of_newsletters: &[Vec<NewsletterTopic>]) -> Self {
        let topics = || of_newsletters.iter().flatten();
        let mut own_of_key = BTreeMap::new();
        for (topic, category) in topics().flat_map(|topic| topic.category_names().map(move |name| (topic, name))) {
            own_of_key.entry(normal(category)).or_insert_with(|| topic.name.clone());
        }
        let mut slugs = BTreeSet::new();
        let own = topics().map(|topic| topic.name.clone()).filter(|name| {
            let slug = slug(name);
            !slug.is_empty() && slugs.insert(slug)
        });
        Self {
            own: own.collect(),
            own_of_key,
            all_have_own: !of_newsletters.is_empty() && of_newsletters.iter().all(|topics| !topics.is_empty()),
        }
    }

    /// The topic of articles with a category: that of the first newsletter whose topics have it. If none has it, it is the category
    /// itself, unless every newsletter has topics of its own. `None` also if the topic has no letters and digits for the address of a
    /// page.
    pub(crate) fn topic_of<'a>(&'a self, category: &'a str) -> Option<&'a str> {
        let own = self.own_of_key.get(&normal(category)).map(String::as_str);
        own.or((!self.all_have_own).then_some(category))
            .filter(|topic| !slug(topic).is_empty())
    }

    /// The own topics of all newsletters in their order, each once.
    pub(crate) fn own(&self) -> &[String] {
        &self.own
    }

    /// The topic whose page has this slug; `None` if there is none. A page has a name, from a newsletter or from an article.
    pub(crate) async fn page(&self, tx: &mut Tx, wanted: &str) -> Result<Option<TopicPage>, CompileError> {
        // A stored slug can also be a category without letters and digits, which has no page.
        if !is_slug(wanted) {
            return Ok(None);
        }
        let own_name = self.own.iter().find(|name| slug(name) == wanted).cloned();
        let others_except = self.others_except(wanted);
        let name = match (own_name, &others_except) {
            (Some(name), _) => Some(name),
            (None, Some(except)) => tx.newest_category_of_slug(wanted, except).await?,
            (None, None) => None,
        };
        Ok(name.map(|name| TopicPage {
            name,
            slug: wanted.to_owned(),
            categories: self.categories_of(wanted),
            others_except,
        }))
    }

    /// The categories that own topics map to the page with this slug.
    fn categories_of(&self, wanted: &str) -> Vec<CategoryKeys> {
        let keys = self.own_of_key.iter().filter(|(_, topic)| slug(topic) == wanted);
        keys.filter_map(|(key, _)| CategoryKeys::of(key)).collect()
    }

    /// The categories with the slug of a page that belong to own topics. `None` if every newsletter has own topics.
    fn others_except(&self, wanted: &str) -> Option<ExceptKeys> {
        let keys = self.own_of_key.keys().map(String::as_str);
        (!self.all_have_own).then(|| keys.filter(|key| slug(key) == wanted).collect())
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
        let security = vec![own("Security", &["infosec", "🎉"])];
        let topics = SiteTopics::of_own(&[security.clone(), Vec::new()]);
        assert_eq!(topics.topic_of("Infosec"), Some("Security"));
        assert_eq!(topics.topic_of("سحابة"), Some("سحابة"));
        let keys: Vec<_> = topics
            .categories_of("security")
            .into_iter()
            .map(|keys| keys.key)
            .collect();
        assert_eq!(keys, ["infosec", "security", "🎉"]);
        assert!(topics.others_except("security").is_some());
        assert_eq!(topic_path("سحابة"), "/topics/%D8%B3%D8%AD%D8%A7%D8%A8%D8%A9");
        let topics = SiteTopics::of_own(&[security]);
        assert_eq!(topics.topic_of("سحابة"), None);
        assert!(topics.others_except("security").is_none());
        let without = SiteTopics::default();
        assert_eq!(
            ["x", "🎉🎉", "!!!", ".."].map(|category| without.topic_of(category)),
            [Some("x"), None, None, None]
        );
    }

    #[test]
    fn the_first_newsletter_decides_and_a_name_is_listed_once() {
        let topics = SiteTopics::of_own(&[
            vec![own("C++", &["cpp"])],
            vec![own("Code", &["CPP", "C#"]), own("c", &[])],
        ]);
        assert_eq!(topics.topic_of("cpp"), Some("C++"));
        assert_eq!(topics.topic_of("c#"), Some("Code"));
        assert_eq!(topics.own(), ["C++", "Code"]);
        let keys: Vec<_> = topics.categories_of("c").into_iter().map(|keys| keys.key).collect();
        assert_eq!(keys, ["c", "c++", "cpp"]);
    }
}
