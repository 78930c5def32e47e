//! Medians and tables.

use comfy_table::{Cell, CellAlignment, Table, presets};
use serde_json::{Value, json};

use crate::measurement::Measurement;

/// All rounds of one sender into one sink.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in the tables.
    pub name: String,
    /// One measurement for each round.
    pub rounds: Vec<Measurement>,
}

impl Series {
    /// A series without rounds.
    pub fn new(name: &impl ToString) -> Self {
        Self {
            name: name.to_string(),
            rounds: Vec::new(),
        }
    }

    /// A value of each round.
    pub fn of(&self, number: impl Fn(&Measurement) -> f64) -> Vec<f64> {
        self.rounds.iter().map(number).collect()
    }

    /// The median of a value of each round.
    pub fn median(&self, number: impl Fn(&Measurement) -> f64) -> f64 {
        median(&self.of(number))
    }

    /// The median of a value that some senders do not have.
    pub fn median_if_any(&self, number: impl Fn(&Measurement) -> Option<f64>) -> Option<f64> {
        let numbers: Vec<f64> = self.rounds.iter().filter_map(number).collect();
        (!numbers.is_empty()).then(|| median(&numbers))
    }

    /// The median of the ratios of this sender's rate to that of another one in the same round.
    pub fn ratio_to(&self, other: &Self) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(&pairs.map(|(own, other)| own.rate / other.rate).collect::<Vec<_>>())
    }

    /// All measured values.
    pub fn document(&self) -> Value {
        json!({ "sender": self.name, "rounds": self.rounds })
    }
}

/// The median.
pub fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

/// The smallest and the largest number.
pub fn range(numbers: &[f64]) -> (f64, f64) {
    let fold = |start, pick: fn(f64, f64) -> f64| numbers.iter().copied().fold(start, pick);
    (fold(f64::INFINITY, f64::min), fold(f64::NEG_INFINITY, f64::max))
}

/// Prints a table: names on the left, numbers on the right.
pub fn print(title: &str, columns: &[&str], rows: Vec<Vec<String>>) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.iter().map(Cell::new));
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("\n{title}\n{}", table.trim_fmt());
}

/// A rounded number with commas between the thousands.
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The number, or `–` if there is none.
pub fn or_dash(number: Option<f64>, show: impl Fn(f64) -> String) -> String {
    number.map_or_else(|| "–".to_owned(), show)
}

/// Bytes as MB.
pub fn megabytes(bytes: f64) -> String {
    format!("{:.0} MB", bytes / 1e6)
}
