//! The rules of a newsletter's digest, from its file: which articles are admitted, how stories are ranked, how many an issue has, and
//! its subject and intro.
//!
//! They are stored as JSON with the newsletter, and a copy is stored with each issue. So a change of the rules does not change
//! issues that exist already.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::CompileError;
use super::subject::SubjectTemplate;
use crate::app::App;
use crate::domain::newsletter_topic::NewsletterTopic;
use crate::domain::topics::is_same_topic;
use crate::store::newsletters::Newsletter;
use crate::text::language;
use crate::text::plain::is_same_name;
use crate::words::Language;

/// The rules of a newsletter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The template of the subject line.
    pub subject: SubjectTemplate,
    /// A text before the stories, in every issue.
    pub intro: Option<String>,
    /// The language of most stories (BCP 47).
    pub language: String,
    /// With fewer stories there is no issue, and they wait for the next one.
    pub min_stories: usize,
    /// An issue has at most this many stories.
    pub max_stories: usize,
    /// The first stories are ordered by score alone; the stories after them are grouped by topic.
    pub top_stories: usize,
    /// Whether each story has a line with the number of its sources and the time of the first report.
    pub story_note: bool,
    /// Unless it is empty, only matching articles are admitted.
    pub include: Filter,
    /// Matching articles are not admitted.
    pub exclude: Filter,
    /// Limits for topics and sources.
    pub caps: Caps,
    /// The newsletter's own topics, and the categories of feeds that belong to each. Empty: the categories are the topics.
    pub topics: Vec<NewsletterTopic>,
    /// The weights of the score.
    pub ranking: Ranking,
}

/// Articles by topic, source or words. An article matches if any entry matches it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// Names of topics; case does not matter.
    pub topics: Vec<String>,
    /// Names of publishers; case does not matter.
    pub sources: Vec<String>,
    /// Words or phrases that the headline or excerpt contains.
    pub words: Vec<String>,
}

/// How many stories of one topic or source an issue has at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caps {
    /// For each topic that `topics` does not name.
    pub per_topic: Option<usize>,
    /// For each source of leads that `sources` does not name.
    pub per_source: Option<usize>,
    /// Caps of single topics, by name.
    pub topics: BTreeMap<String, usize>,
    /// Caps of single sources of leads, by name.
    pub sources: BTreeMap<String, usize>,
}

/// The weights of the terms that [`super::ranking`] adds up to a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ranking {
    /// Weight of the number of independent sources.
    pub sources: f64,
    /// Weight of the best source's own weight.
    pub source: f64,
    /// Weight of how new the latest report is.
    pub freshness: f64,
    /// Weight of the topic's own weight.
    pub topic: f64,
    /// What a story loses that an earlier issue contained.
    pub novelty: f64,
    /// The time in which the freshness of a story halves.
    #[serde(with = "humantime_serde")]
    pub half_life: Duration,
    /// How far back earlier issues are compared with new articles.
    #[serde(with = "humantime_serde")]
    pub memory: Duration,
    /// Weights of single sources; 1 for all others.
    pub source_weights: BTreeMap<String, f64>,
    /// Weights of single topics; 1 for all others.
    pub topic_weights: BTreeMap<String, f64>,
}

/// The longest `ranking.memory`. All articles of that time are compared with the new ones, so it bounds the time to compile.
const MAX_MEMORY: Duration = Duration::from_hours(90 * 24);

impl Default for Ranking {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            sources: 1.0,
            source: 1.0,
            freshness: 1.0,
            topic: 1.0,
            novelty: 1.0,
            half_life: Duration::from_secs(12 * HOUR),
            memory: Duration::from_secs(7 * 24 * HOUR),
            source_weights: BTreeMap::new(),
            topic_weights: BTreeMap::new(),
        }
    }
}

/// A rule with a value that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRule {
    /// The key in the newsletter's file.
    pub key: &'static str,
    /// Which values are allowed.
    pub detail: String,
}

fn invalid(key: &'static str, detail: impl Into<String>) -> InvalidRule {
    InvalidRule {
        key,
        detail: detail.into(),
    }
}

impl Rules {
    /// The rules of a newsletter whose file sets none.
    #[must_use]
    pub fn new(max_stories: usize) -> Self {
        Self {
            subject: SubjectTemplate::default(),
            intro: None,
            language: "en".into(),
            min_stories: 1,
            max_stories,
            top_stories: 3,
            story_note: false,
            include: Filter::default(),
            exclude: Filter::default(),
            caps: Caps::default(),
            topics: Vec::new(),
            ranking: Ranking::default(),
        }
    }

    /// Checks the ranges of all values.
    ///
    /// # Errors
    /// The first key with a forbidden value, and which values are allowed.
    pub fn check(&self) -> Result<(), InvalidRule> {
        if !(1..=500).contains(&self.max_stories) {
            return Err(invalid(
                "max_stories",
                format!("write a number from 1 to 500; it is {}", self.max_stories),
            ));
        }
        if !(1..=self.max_stories).contains(&self.min_stories) {
            let max = self.max_stories;
            return Err(invalid(
                "min_stories",
                format!(
                    "write a number from 1 to max_stories ({max}); it is {}",
                    self.min_stories
                ),
            ));
        }
        let ranking = &self.ranking;
        let terms = [
            ("ranking.sources", ranking.sources),
            ("ranking.source", ranking.source),
            ("ranking.freshness", ranking.freshness),
            ("ranking.topic", ranking.topic),
            ("ranking.novelty", ranking.novelty),
        ];
        if let Some((key, _)) = terms.iter().find(|(_, weight)| !(0.0..=100.0).contains(weight)) {
            return Err(invalid(key, "write a weight from 0 to 100"));
        }
        let weights = [
            ("ranking.source_weights", &ranking.source_weights),
            ("ranking.topic_weights", &ranking.topic_weights),
        ];
        for (key, weights) in weights {
            if weights.values().any(|weight| !(0.01..=100.0).contains(weight)) {
                return Err(invalid(key, "write weights from 0.01 to 100"));
            }
        }
        if ranking.half_life.is_zero() {
            return Err(invalid("ranking.half_life", "write a duration above zero, such as 12h"));
        }
        if ranking.memory > MAX_MEMORY {
            return Err(invalid("ranking.memory", "write at most 90days"));
        }
        if language::tag(&self.language).as_ref() != Some(&self.language) {
            return Err(invalid("language", "write a tag such as en, de or pt-BR"));
        }
        let caps = &self.caps;
        let numbers = caps.per_topic.iter().chain(&caps.per_source);
        if numbers
            .chain(caps.topics.values())
            .chain(caps.sources.values())
            .any(|cap| *cap == 0)
        {
            return Err(invalid(
                "caps",
                "write numbers from 1; to leave out a topic or source, use [exclude]",
            ));
        }
        let filters = [&self.include, &self.exclude];
        let mut filtered = filters
            .iter()
            .flat_map(|filter| filter.topics.iter().chain(&filter.sources).chain(&filter.words));
        if filtered.any(|name| name.trim().is_empty()) {
            return Err(invalid(
                "include, exclude",
                "an empty name matches nothing; leave it out",
            ));
        }
        let mut phrases = filters.iter().flat_map(|filter| &filter.words);
        if let Some(phrase) = phrases.find(|phrase| padded_words(phrase).trim().is_empty()) {
            return Err(invalid(
                "include, exclude",
                format!("“{phrase}” has no letter and no digit; write words or phrases"),
            ));
        }
        Ok(())
    }
}

impl Filter {
    /// Whether it has no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.sources.is_empty() && self.words.is_empty()
    }
}

impl Caps {
    /// The cap of a topic.
    #[must_use]
    pub fn of_topic(&self, topic: &str) -> Option<usize> {
        topic_value(&self.topics, topic).copied().or(self.per_topic)
    }

    /// The cap of a source that `sources` names.
    #[must_use]
    pub(super) fn of_source_by_name(&self, source: &str) -> Option<usize> {
        source_value(&self.sources, source).copied()
    }
}

/// The rules that are stored with a newsletter.
///
/// # Errors
/// [`CompileError::Unreadable`] if the stored JSON does not parse.
pub(crate) fn rules_of(newsletter: &Newsletter) -> Result<Rules, CompileError> {
    serde_json::from_str(&newsletter.rules)
        .map_err(|error| CompileError::Unreadable(format!("the newsletter {}", newsletter.slug), error))
}

/// The value that is set for a topic, compared by [`is_same_topic`].
pub(super) fn topic_value<'a, T>(values: &'a BTreeMap<String, T>, topic: &str) -> Option<&'a T> {
    let mut values = values.iter();
    values.find_map(|(key, value)| is_same_topic(key, topic).then_some(value))
}

/// The value that is set for a source, compared by [`is_same_name`].
pub(super) fn source_value<'a, T>(values: &'a BTreeMap<String, T>, source: &str) -> Option<&'a T> {
    let mut values = values.iter();
    values.find_map(|(key, value)| is_same_name(key, source).then_some(value))
}

/// The words of a text in lower case, each between two spaces, so that a phrase matches whole words only.
pub(super) fn padded_words(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.fold(String::from(" "), |line, word| line + word + " ")
}
/// The language of the fixed texts in a newsletter's mails. With rules that do not parse it is the site's: compiling an issue reports
/// them.
pub(crate) fn language_of(app: &App, newsletter: &Newsletter) -> Language {
    rules_of(newsletter).map_or(app.config.site.language, |rules| app.language_of(&rules.language))
}
