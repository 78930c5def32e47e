//! What an editor settled for a newsletter's digest: which articles may be in it, what makes a story important, how many
//! there are, and how an issue presents itself. Kept with the newsletter, and with each issue as it was then.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::inputs::Candidate;
use super::subject::SubjectTemplate;
use crate::text::language;

/// The rules of a newsletter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The subject line.
    pub subject: SubjectTemplate,
    /// A word before the stories, in every issue.
    pub intro: Option<String>,
    /// The language of the frame and of most stories (BCP 47).
    pub language: String,
    /// With fewer stories than this there is no issue, and they wait for the next.
    pub min_stories: usize,
    /// Stories in one issue at most.
    pub max_stories: usize,
    /// How many stand first by their score alone, before the others by topic.
    pub top_stories: usize,
    /// Whether each story has a line that says how many sources reported it and since when.
    pub story_note: bool,
    /// If there is anything in it, only these articles.
    pub include: Filter,
    /// None of these articles.
    pub exclude: Filter,
    /// How many stories of one kind at most.
    pub caps: Caps,
    /// What makes a story important.
    pub ranking: Ranking,
}

/// Some articles: those that any of it names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    /// By their topic.
    pub topics: Vec<String>,
    /// By who published them.
    pub sources: Vec<String>,
    /// By words or phrases in headline or excerpt.
    pub words: Vec<String>,
}

/// How many stories of one kind an issue has at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caps {
    /// Of any one topic.
    pub per_topic: Option<usize>,
    /// Of any one leading source.
    pub per_source: Option<usize>,
    /// Of a topic by name, instead.
    pub topics: BTreeMap<String, usize>,
    /// Of a leading source by name, instead.
    pub sources: BTreeMap<String, usize>,
}

/// What makes a story important: the weights of the terms that [`super::ranking`] adds up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ranking {
    /// Of how many report it independently.
    pub sources: f64,
    /// Of the weight of its best source.
    pub source: f64,
    /// Of how fresh it is.
    pub freshness: f64,
    /// Of the weight of its topic.
    pub topic: f64,
    /// Of whether readers were told of it before.
    pub novelty: f64,
    /// After this time a story is half as fresh.
    #[serde(with = "humantime_serde")]
    pub half_life: Duration,
    /// For how long it is remembered what readers were told.
    #[serde(with = "humantime_serde")]
    pub memory: Duration,
    /// Weights of sources; 1 for any other.
    pub source_weights: BTreeMap<String, f64>,
    /// Weights of topics; 1 for any other.
    pub topic_weights: BTreeMap<String, f64>,
}

/// The longest that is remembered what readers were told: all of it is compared with what is new.
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

impl Rules {
    /// The rules of a newsletter that has none of its own.
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
            ranking: Ranking::default(),
        }
    }

    /// What cannot be, as the key and what is allowed.
    ///
    /// # Errors
    /// The first such key.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if !(1..=500).contains(&self.max_stories) {
            return Err((
                "max_stories",
                format!("write a number from 1 to 500; it is {}", self.max_stories),
            ));
        }
        if !(1..=self.max_stories).contains(&self.min_stories) {
            let max = self.max_stories;
            return Err((
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
            return Err((key, "write a weight from 0 to 100".into()));
        }
        let weights = [
            ("ranking.source_weights", &ranking.source_weights),
            ("ranking.topic_weights", &ranking.topic_weights),
        ];
        for (key, weights) in weights {
            if weights.values().any(|weight| !(0.01..=100.0).contains(weight)) {
                return Err((key, "write weights from 0.01 to 100".into()));
            }
        }
        if ranking.half_life.is_zero() {
            return Err(("ranking.half_life", "write a duration above zero, such as 12h".into()));
        }
        if ranking.memory > MAX_MEMORY {
            return Err(("ranking.memory", "write at most 90days".into()));
        }
        if language::tag(&self.language).as_ref() != Some(&self.language) {
            return Err(("language", "write a tag such as en, de or pt-BR".into()));
        }
        let caps = &self.caps;
        let numbers = caps.per_topic.iter().chain(&caps.per_source);
        if numbers
            .chain(caps.topics.values())
            .chain(caps.sources.values())
            .any(|cap| *cap == 0)
        {
            return Err((
                "caps",
                "write numbers from 1; to have none of them, use [exclude]".into(),
            ));
        }
        let filters = [&self.include, &self.exclude];
        let mut filtered = filters
            .iter()
            .flat_map(|filter| filter.topics.iter().chain(&filter.sources).chain(&filter.words));
        if filtered.any(|name| name.trim().is_empty()) {
            return Err((
                "include, exclude",
                "an empty name stands for nothing; leave it out".into(),
            ));
        }
        let mut phrases = filters.iter().flat_map(|filter| &filter.words);
        if let Some(phrase) = phrases.find(|phrase| words(phrase).trim().is_empty()) {
            return Err((
                "include, exclude",
                format!("“{phrase}” has no letter and no digit; write words or phrases"),
            ));
        }
        Ok(())
    }
}

impl Filter {
    /// Whether it names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.sources.is_empty() && self.words.is_empty()
    }

    /// By what it names an article, if it does.
    #[must_use]
    pub fn names(&self, article: &Candidate) -> Option<String> {
        let topic = article.category.as_deref().unwrap_or_default();
        if let Some(name) = self.topics.iter().find(|name| is_same(name, topic)) {
            return Some(format!("topic “{name}”"));
        }
        if let Some(name) = self.sources.iter().find(|name| is_same(name, &article.source_name)) {
            return Some(format!("source “{name}”"));
        }
        let text = words(&format!("{} {}", article.title, article.summary));
        let word = self.words.iter().find(|phrase| text.contains(&words(phrase)))?;
        Some(format!("the words “{word}”"))
    }
}

impl Caps {
    /// How many stories of a topic there may be.
    #[must_use]
    pub fn of_topic(&self, topic: &str) -> Option<usize> {
        named(&self.topics, topic).copied().or(self.per_topic)
    }

    /// How many stories there may be that a source leads, if it is named.
    #[must_use]
    pub fn of_source_by_name(&self, source: &str) -> Option<usize> {
        named(&self.sources, source).copied()
    }
}

/// What is set for a name, however it is written.
#[must_use]
pub fn named<'a, T>(values: &'a BTreeMap<String, T>, name: &str) -> Option<&'a T> {
    values
        .iter()
        .find_map(|(key, value)| is_same(key, name).then_some(value))
}

/// Whether two names are the same but for case and outer white space.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// The words of a text in lower case, each between two spaces, so that a phrase is found whole or not at all.
fn words(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.fold(String::from(" "), |line, word| line + word + " ")
}
