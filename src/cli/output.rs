//! What commands print: tables and lines for people, one JSON document for programs.

use std::io::Write;

use comfy_table::{Table, presets};
use serde::Serialize;

use crate::preflight::Findings;

/// Prints one JSON document.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// Prints lines of text.
pub fn text(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n'))?;
    Ok(())
}

/// Prints a table, or `nothing` when it has no rows.
pub fn table(headers: &[&str], rows: Vec<Vec<String>>, nothing: &str) -> anyhow::Result<()> {
    if rows.is_empty() {
        return text(nothing);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headers.to_vec());
    for row in rows {
        table.add_row(row);
    }
    let lines: Vec<String> = table
        .to_string()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    text(&lines.join("\n"))
}

/// Prints what preflight found.
pub fn findings(findings: &Findings) -> anyhow::Result<()> {
    if findings.all().is_empty() {
        return text("\npreflight: nothing found");
    }
    text("\npreflight")?;
    for finding in findings.all() {
        text(&format!("  {}  {finding}", finding.severity.as_str()))?;
    }
    Ok(())
}

/// A moment as tables show it.
pub fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
