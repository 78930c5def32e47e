//! The score of a story: a sum of named terms. All terms are stored with the story, so that an editor can see why it ranks where it does.
//!
//! | term | value | times |
//! |---|---|---|
//! | `sources` | log2 of the number of independent sources: 0 for one, 1 for two, 2 for four. Copies of one text count once | `ranking.sources` |
//! | `source` | log2 of the weight of its best source (`ranking.source_weights`, else 1) | `ranking.source` |
//! | `freshness` | 1 for a story that was published just now, halved every `ranking.half_life` since its latest report | `ranking.freshness` |
//! | `topic` | log2 of the weight of its topic (`ranking.topic_weights`, else 1) | `ranking.topic` |
//! | `novelty` | -1 for a story that an issue within `ranking.memory` contained, else 0 | `ranking.novelty` |
//! | `editor` | log2 of the weight that an editor gave one of its articles | 1 |
//!
//! With the default weights of the terms, doubling the sources or a weight adds one point, and freshness adds at most one point, of which
//! a day's age takes three quarters. So a story with two sources has at least as many points as any story with one, if their other
//! terms are equal.

use serde::{Deserialize, Serialize};

use super::inputs::{Candidate, Inputs};
use super::rules::{source_value, topic_value};

/// The terms of a story's score, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the module's table explains each")]
pub struct Terms {
    #[serde(rename = "sources")]
    pub source_count: f64,
    #[serde(rename = "source")]
    pub source_weight: f64,
    pub freshness: f64,
    pub topic: f64,
    pub novelty: f64,
    pub editor: f64,
}

impl Terms {
    /// The sum of the terms.
    #[must_use]
    pub fn score(&self) -> f64 {
        round(self.source_count + self.source_weight + self.freshness + self.topic + self.novelty + self.editor)
    }
}

impl std::fmt::Display for Terms {
    /// Writes `2.41 = sources 1.00 + freshness 0.91 + …` and omits terms that are zero.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let terms = [
            ("sources", self.source_count),
            ("source", self.source_weight),
            ("freshness", self.freshness),
            ("topic", self.topic),
            ("novelty", self.novelty),
            ("editor", self.editor),
        ];
        write!(f, "{:.2}", self.score())?;
        let shown = terms.iter().filter(|(_, points)| *points != 0.0);
        for (index, (name, points)) in shown.enumerate() {
            let sign = match (index, *points < 0.0) {
                (0, false) => "= ",
                (0, true) => "= -",
                (_, false) => "+ ",
                (_, true) => "- ",
            };
            write!(f, " {sign}{name} {:.2}", points.abs())?;
        }
        Ok(())
    }
}

/// Whether an earlier issue within `ranking.memory` contained a story.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Novelty {
    New,
    Continued,
}

/// The terms of a story with these reports from `independent_sources` sources.
#[must_use]
pub(super) fn score_terms(
    inputs: &Inputs,
    reports: &[&Candidate],
    independent_sources: usize,
    novelty: Novelty,
) -> Terms {
    let ranking = &inputs.rules.ranking;
    // A source or topic without a weight has the weight 1.
    let weight_of_source = |report: &&Candidate| {
        let weight = source_value(&ranking.source_weights, &report.source_name);
        weight.copied().unwrap_or(1.0)
    };
    let weight_of_best_source = reports.iter().map(weight_of_source).fold(f64::NEG_INFINITY, f64::max);
    let topic = reports.iter().find_map(|report| report.category.as_deref());
    let weight_of_topic = topic
        .and_then(|topic| topic_value(&ranking.topic_weights, topic))
        .copied()
        .unwrap_or(1.0);
    let latest = reports
        .iter()
        .map(|report| report.listed_at())
        .max()
        .unwrap_or(inputs.at);
    // A report that is published after the due time of a draft compiled ahead is as fresh as can be.
    let age = (inputs.at - latest).to_std().unwrap_or_default().as_secs_f64();
    // The weight furthest from neutral counts: an editor weights one article and means the story.
    let weight_of_editor = reports
        .iter()
        .map(|report| report.weight)
        .filter(|weight| *weight > 0.0)
        .max_by(|one, two| one.log2().abs().total_cmp(&two.log2().abs()))
        .unwrap_or(1.0);
    #[expect(clippy::cast_precision_loss, reason = "sources are counted in tens")]
    let independent_sources = independent_sources.max(1) as f64;
    let points = |weight: f64, value: f64| round(weight * value);
    Terms {
        source_count: points(ranking.sources, independent_sources.log2()),
        source_weight: points(ranking.source, weight_of_best_source.log2()),
        freshness: points(ranking.freshness, (-age / ranking.half_life.as_secs_f64()).exp2()),
        topic: points(ranking.topic, weight_of_topic.log2()),
        novelty: points(ranking.novelty, if novelty == Novelty::Continued { -1.0 } else { 0.0 }),
        editor: round(weight_of_editor.log2()),
    }
}

/// Rounds to a thousandth, so that a score equals the sum of the terms that are shown with it.
fn round(points: f64) -> f64 {
    // Adding zero turns -0 into 0.
    (points * 1000.0).round() / 1000.0 + 0.0
}

/// Points as an integer, which has a total order.
#[expect(clippy::cast_possible_truncation, reason = "points are sums of a few logarithms")]
pub(super) fn thousandths(points: f64) -> i64 {
    (points * 1000.0).round() as i64
}
