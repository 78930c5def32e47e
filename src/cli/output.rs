//! What commands print: tables and lines for people, one JSON document for programs.
//!
//! Most of it has text from outside: addresses, replies of servers, cells of files. So every function here removes what a terminal would
//! act on.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::Write;

use comfy_table::{Table, presets};
use serde::Serialize;

use crate::app::App;
use crate::domain::states::SubscriptionState;
use crate::import::RefusedRows;
use crate::preflight::Findings;
use crate::text::plain::{counted, printable, printable_chars};

/// At most this many refused rows are listed as text; `--report` lists all.
const MAX_REFUSED_ROWS: usize = 100;

/// Prints one JSON document.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let document = serde_json::to_string_pretty(value)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", escaped(&document))?;
    Ok(())
}

/// A JSON document in which characters that a terminal acts on are escaped. `serde_json` escapes only those below U+0020. All others are
/// inside strings, because JSON has only ASCII outside of them.
fn escaped(document: &str) -> String {
    let mut escaped = String::with_capacity(document.len());
    for (c, is_printable) in printable_chars(document) {
        if is_printable {
            escaped.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

/// Prints lines of text.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", printable(text.trim_end_matches('\n')))?;
    Ok(())
}

/// Prints a line on standard error, with the arguments of `format!`.
macro_rules! note {
    ($($argument:tt)*) => {
        $crate::cli::output::write_note(format_args!($($argument)*))
    };
}
pub(crate) use note;

/// Prints lines on standard error; no text prints nothing. A failed write is ignored: a full disk must not end a process that works.
pub(crate) fn write_note(text: fmt::Arguments<'_>) {
    let text = text.to_string();
    let text = text.trim_end_matches('\n');
    if !text.is_empty() {
        let _ = writeln!(std::io::stderr().lock(), "{}", printable(text));
    }
}

/// Prints a table. Without rows it prints `if_empty` instead.
pub(crate) fn table(headers: &[&str], rows: Vec<Vec<String>>, if_empty: &str) -> anyhow::Result<()> {
    if rows.is_empty() {
        return text(if_empty);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headers.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
    let lines: Vec<String> = table
        .to_string()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    text(&lines.join("\n"))
}

/// Prints on standard error the rows that an import refused, each with its line. `how_to_list_all` is a sentence.
pub(crate) fn refused_rows(refused: &RefusedRows, how_to_list_all: &str) {
    for row in refused.first().iter().take(MAX_REFUSED_ROWS) {
        note!("{row}");
    }
    if refused.count() > MAX_REFUSED_ROWS {
        note!(
            "These are the first {MAX_REFUSED_ROWS} of {} refused rows. {how_to_list_all}; with --dry-run it writes nothing.",
            refused.count()
        );
    }
}

/// Fails if an import refused rows. The error says what was done with the others, and what to do.
pub(crate) fn fail_for_refused_rows(file: &str, refused: &RefusedRows, rows: u64, dry_run: bool) -> anyhow::Result<()> {
    if refused.count() == 0 {
        return Ok(());
    }
    anyhow::bail!(
        "{file}: {} of {} {} refused{}; correct these lines and import the file again, which changes only what is missing, or \
         accept it with --partial",
        refused.count(),
        counted(rows, "row", "rows"),
        if refused.count() == 1 { "was" } else { "were" },
        if dry_run { "" } else { " and the others were imported" }
    );
}

/// Prints what preflight found.
pub(crate) fn findings(findings: &Findings) -> anyhow::Result<()> {
    if findings.all().is_empty() {
        return text("\npreflight: nothing found");
    }
    text("\npreflight")?;
    for finding in findings.all() {
        text(&format!("  {}  {finding}", finding.severity.as_str()))?;
    }
    Ok(())
}

/// A point in time as tables show it.
pub(crate) fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Counts of subscriptions, such as `1987 confirmed, of whom 40 are suppressed; 3 pending`. `suppressed` are those of the confirmed ones
/// whose address is suppressed.
pub(crate) fn subscription_counts(counts: &BTreeMap<SubscriptionState, i64>, suppressed: i64) -> String {
    let shown = |(state, count): (&SubscriptionState, &i64)| {
        let verb = if suppressed == 1 { "is" } else { "are" };
        if *state == SubscriptionState::Confirmed && suppressed > 0 {
            format!("{count} {state}, of whom {suppressed} {verb} suppressed")
        } else {
            format!("{count} {state}")
        }
    };
    let counts: Vec<_> = counts.iter().map(shown).collect();
    if counts.is_empty() {
        "none".into()
    } else {
        counts.join(if suppressed > 0 { "; " } else { ", " })
    }
}

/// Where to read mail that the built-in inbox accepts; `None` if a relay is set.
pub(crate) fn captured_mail(app: &App) -> Option<String> {
    app.config.captures_mail().then(|| {
        format!(
            "no relay is set (relay.url), so mail goes to the inbox inside the program and to no reader; while `daywire serve` runs, \
             read it at {}",
            app.config.inbox.link(&app.config.site.url, app.config.http.listen)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_every_character_and_shows_none_that_a_terminal_acts_on() {
        let value = serde_json::json!({ "evidence": "\u{1b}[2J\u{9b}\u{202e}\u{7f}\r\n\té👧" });
        let document = serde_json::to_string_pretty(&value).expect("it can be written");
        let printed = escaped(&document);
        assert!(
            printable_chars(&printed).all(|(_, is_printable)| is_printable),
            "{printed:?}"
        );
        assert!(printed.contains("é👧"));
        let read: serde_json::Value = serde_json::from_str(&printed).expect("it is still JSON");
        assert_eq!(read, value);
    }
}
