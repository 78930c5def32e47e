//! Prints a line for each issue, the violations, and a table of totals.

use comfy_table::{Cell, CellAlignment, Table, presets};
use serde_json::json;

use crate::verdict::Verdict;

/// The verdicts on all issues.
pub struct Report {
    seed: u64,
    verdicts: Vec<Verdict>,
}

impl Report {
    /// A report without verdicts.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            verdicts: Vec::new(),
        }
    }

    /// Prints a verdict, and adds it to the totals.
    pub fn add(&mut self, verdict: Verdict) {
        let Verdict {
            scenario,
            database,
            issue,
            recipients,
            lost,
            doubled,
            allowed,
            seconds,
            ..
        } = &verdict;
        let faults = if verdict.faults.is_empty() {
            String::new()
        } else {
            format!("; at {}", verdict.faults.join(", "))
        };
        println!(
            "{scenario}, {database}, issue {issue}: {recipients} recipients, {lost} lost, {doubled} doubled of {allowed} \
             allowed, {seconds:.1} s{faults}"
        );
        for violation in &verdict.violations {
            println!("  VIOLATION (--seed {}): {violation}", self.seed);
        }
        self.verdicts.push(verdict);
    }

    /// Whether every guarantee was kept.
    pub fn is_clean(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.violations.is_empty())
    }

    /// Prints sums for each scenario on each database.
    pub fn totals(&self) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let columns = [
            "",
            "issues",
            "recipients",
            "stops",
            "lost",
            "doubled",
            "allowed",
            "hang-ups",
            "no answers",
            "dropped",
            "seconds",
            "slowest stop s",
            "violations",
        ];
        table.set_header(columns.iter().map(Cell::new));
        let mut groups: Vec<(String, Vec<&Verdict>)> = Vec::new();
        for verdict in &self.verdicts {
            let name = format!("{}, {}", verdict.scenario, verdict.database);
            match groups.last_mut().filter(|(last, _)| *last == name) {
                Some((_, group)) => group.push(verdict),
                None => groups.push((name, vec![verdict])),
            }
        }
        for (name, group) in &groups {
            let sum =
                |number: &dyn Fn(&Verdict) -> u64| group.iter().map(|verdict| number(verdict)).sum::<u64>().to_string();
            let seconds: f64 = group.iter().map(|verdict| verdict.seconds).sum();
            let slowest = group.iter().map(|verdict| verdict.slowest_stop).fold(0.0, f64::max);
            table.add_row([
                name.clone(),
                group.len().to_string(),
                sum(&|verdict| verdict.recipients.into()),
                sum(&|verdict| verdict.stops.into()),
                sum(&|verdict| verdict.lost.into()),
                sum(&|verdict| verdict.doubled.into()),
                sum(&|verdict| verdict.allowed.into()),
                sum(&|verdict| verdict.sink.hung_up),
                sum(&|verdict| verdict.sink.silent),
                sum(&|verdict| verdict.sink.dropped),
                format!("{seconds:.0}"),
                format!("{slowest:.2}"),
                sum(&|verdict| verdict.violations.len() as u64),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        println!("\n{}", table.trim_fmt());
        if self.is_clean() {
            println!("every guarantee was kept (seed {})", self.seed);
        } else {
            println!("GUARANTEES WERE BROKEN; --seed {} repeats the faults", self.seed);
        }
    }

    /// All verdicts, as JSON.
    pub fn document(&self) -> anyhow::Result<String> {
        let document = json!({ "seed": self.seed, "kept": self.is_clean(), "issues": self.verdicts });
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }
}
