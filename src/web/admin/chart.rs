//! Charts as inline SVG: a title and a description for screen readers, and a table with the same numbers.

use askama::Template;

use crate::words::Words;

/// The size of the picture, which the template has as its `viewBox`.
const WIDTH: u32 = 720;
const HEIGHT: u32 = 180;

/// How the values are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A line through the values, from zero.
    Line,
    /// Bars, those of the same day beside each other.
    Bars,
}

/// The values of one line or of the bars of one tone.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) label: String,
    /// One for each day.
    pub(super) values: Vec<u64>,
}

/// A chart with its table.
#[derive(Debug, Template)]
#[template(path = "admin/chart.html")]
pub(super) struct Chart {
    words: Words,
    id: &'static str,
    title: String,
    about: String,
    days: Vec<String>,
    series: Vec<Series>,
    max: u64,
    shape: Shape,
}

/// A bar in the picture.
struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    series: usize,
}

impl Chart {
    /// A chart of several series; each has one value for each of the days.
    pub(super) fn new(
        words: &Words,
        (id, title): (&'static str, String),
        shape: Shape,
        days: &[String],
        series: Vec<Series>,
    ) -> Self {
        let max = series.iter().flat_map(|series| series.values.iter().copied()).max();
        let max = max.unwrap_or(0);
        let first = days.first().cloned().unwrap_or_default();
        let last = days.last().cloned().unwrap_or_default();
        Self {
            about: words.statistics_about(first, last, words.number(max)),
            words: words.clone(),
            id,
            title,
            days: days.to_vec(),
            series,
            max,
            shape,
        }
    }

    fn is_line(&self) -> bool {
        self.shape == Shape::Line
    }

    fn first_day(&self) -> &str {
        self.days.first().map_or("", String::as_str)
    }

    fn last_day(&self) -> &str {
        self.days.last().map_or("", String::as_str)
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture has 180 steps")]
    fn height(&self, value: u64) -> f64 {
        if self.max == 0 {
            return 0.0;
        }
        // The highest value leaves room for the line's width.
        value as f64 / self.max as f64 * f64::from(HEIGHT - 4)
    }

    #[expect(clippy::cast_precision_loss, reason = "at most 366 days")]
    fn bars(&self) -> Vec<Bar> {
        let slot = f64::from(WIDTH) / self.days.len().max(1) as f64;
        let width = (slot * 0.8 / self.series.len().max(1) as f64).max(0.5);
        let mut bars = Vec::new();
        for (nth, series) in self.series.iter().enumerate() {
            for (day, value) in series.values.iter().enumerate().filter(|(_, value)| **value > 0) {
                let height = self.height(*value).max(1.0);
                bars.push(Bar {
                    x: format!("{:.2}", slot * day as f64 + slot * 0.1 + width * nth as f64),
                    y: format!("{:.2}", f64::from(HEIGHT) - height),
                    width: format!("{width:.2}"),
                    height: format!("{height:.2}"),
                    series: nth,
                });
            }
        }
        bars
    }

    /// The points of each line, as the attribute `points` has them.
    #[expect(clippy::cast_precision_loss, reason = "at most 366 days")]
    fn lines(&self) -> Vec<String> {
        let step = f64::from(WIDTH) / self.days.len().saturating_sub(1).max(1) as f64;
        let lines = self.series.iter().map(|series| {
            let points = series.values.iter().enumerate().map(|(day, value)| {
                format!(
                    "{:.2},{:.2}",
                    step * day as f64,
                    f64::from(HEIGHT) - 2.0 - self.height(*value)
                )
            });
            points.collect::<Vec<_>>().join(" ")
        });
        lines.collect()
    }

    /// The rows of the table, the newest day first.
    fn rows(&self) -> Vec<(&str, Vec<String>)> {
        let rows = self.days.iter().enumerate().rev().map(|(day, name)| {
            let values = self.series.iter().map(|series| {
                let value = series.values.get(day).copied().unwrap_or(0);
                self.words.number(value)
            });
            (name.as_str(), values.collect())
        });
        rows.collect()
    }
}
