//! What makes a story important: a score that is a sum of named terms, each kept with the story.
//!
//! | term | is | times |
//! |---|---|---|
//! | `sources` | log2 of how many report it independently: one is 0, two are 1, four are 2. Copies of one text count once | `ranking.sources` |
//! | `source` | log2 of the weight of its best source (`ranking.source_weights`, else 1) | `ranking.source` |
//! | `freshness` | 1 for a story that came out just now, halved every `ranking.half_life` since its latest report | `ranking.freshness` |
//! | `topic` | log2 of the weight of its topic (`ranking.topic_weights`, else 1) | `ranking.topic` |
//! | `novelty` | 0 for a story that readers were not told of within `ranking.memory`, -1 for one that goes on | `ranking.novelty` |
//! | `editor` | log2 of the weight that an editor gave one of its articles | 1 |
//!
//! Doubling what stands for importance (sources, weights) thus always adds one point, and a day's age takes most of the one
//! point that freshness is worth: with the weights as they are, a story with two sources outranks any with one.

use serde::{Deserialize, Serialize};

use super::inputs::{Candidate, Inputs};
use super::rules::named;

/// The terms of a story's score, in points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the table above says what each is")]
pub struct Terms {
    pub sources: f64,
    pub source: f64,
    pub freshness: f64,
    pub topic: f64,
    pub novelty: f64,
    pub editor: f64,
}

impl Terms {
    /// Their sum.
    #[must_use]
    pub fn score(&self) -> f64 {
        round(self.sources + self.source + self.freshness + self.topic + self.novelty + self.editor)
    }
}

impl std::fmt::Display for Terms {
    /// `2.41 = sources 1 + freshness 0.91 + …`, without what is zero.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let terms = [
            ("sources", self.sources),
            ("source", self.source),
            ("freshness", self.freshness),
            ("topic", self.topic),
            ("novelty", self.novelty),
            ("editor", self.editor),
        ];
        write!(f, "{:.2}", self.score())?;
        let shown = terms.iter().filter(|(_, points)| *points != 0.0);
        for (at, (name, points)) in shown.enumerate() {
            let sign = match (at, *points < 0.0) {
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

/// The terms of a story: its reports, how many of them are independent, and whether readers were told of it before.
#[must_use]
pub fn terms(inputs: &Inputs, reports: &[&Candidate], independent: usize, told_before: bool) -> Terms {
    let ranking = &inputs.rules.ranking;
    let best = |weights: &mut dyn Iterator<Item = f64>| weights.fold(f64::NEG_INFINITY, f64::max).log2();
    let of_source = |report: &&Candidate| {
        named(&ranking.source_weights, &report.source_name)
            .copied()
            .unwrap_or(1.0)
    };
    let topic = reports
        .iter()
        .find_map(|report| report.category.as_deref())
        .unwrap_or_default();
    let latest = reports
        .iter()
        .map(|report| report.listed_at())
        .max()
        .unwrap_or(inputs.at);
    let age = (inputs.at - latest).to_std().unwrap_or_default().as_secs_f64();
    let weighed = reports
        .iter()
        .map(|report| report.weight)
        .filter(|weight| *weight > 0.0);
    let editor = weighed
        .max_by(|one, two| one.log2().abs().total_cmp(&two.log2().abs()))
        .unwrap_or(1.0);
    #[expect(clippy::cast_precision_loss, reason = "sources are counted in tens")]
    let independent = independent.max(1) as f64;
    let points = |weight: f64, value: f64| round(weight * value);
    Terms {
        sources: points(ranking.sources, independent.log2()),
        source: points(ranking.source, best(&mut reports.iter().map(of_source))),
        freshness: points(ranking.freshness, (-age / ranking.half_life.as_secs_f64()).exp2()),
        topic: points(
            ranking.topic,
            named(&ranking.topic_weights, topic).copied().unwrap_or(1.0).log2(),
        ),
        novelty: points(ranking.novelty, if told_before { -1.0 } else { 0.0 }),
        editor: round(editor.log2()),
    }
}

/// To a thousandth: what is shown is what counts.
fn round(points: f64) -> f64 {
    // Adding zero turns -0 into 0.
    (points * 1000.0).round() / 1000.0 + 0.0
}
