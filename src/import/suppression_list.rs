//! Imports suppressions: from a CSV file of this program or of a mail provider, or from a plain list of addresses.
//!
//! Every row that has an address is suppressed, except one whose own columns say that the person may be mailed: such a file is a list of
//! subscribers. The reason and the time are read from the columns that name them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::import_error::ImportError;
use super::input::Input;
use super::report::{Reasons, Refused, RefusedRows};
use super::suppression_layout::Layout;
use super::table::Row;
use crate::app::App;
use crate::domain::redact::without_addresses;
use crate::domain::states::SuppressionReason;
use crate::feeds::date;
use crate::store::suppressions::Suppression;
use crate::store::{StoreError, Tx};
use crate::text::plain::plain_line;

/// Rows that are written in one transaction. SQLite has one writer at a time, and sign-ups wait for it.
const ROWS_PER_TRANSACTION: usize = 1_000;

/// The options of the import.
#[derive(Clone, Debug, Default)]
pub(crate) struct SuppressionOptions {
    /// The reason of rows that name none. `None`: a reply of a server with a code means a bounce, and anything else
    /// [`SuppressionReason::Import`].
    pub(crate) reason: Option<SuppressionReason>,
    /// Whether to report what would happen and write nothing.
    pub(crate) dry_run: bool,
    /// The name of the file, for the evidence.
    pub(crate) file: String,
}

/// The result of the import; after a dry run, the result that it would have.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SuppressionReport {
    /// Whether nothing was written.
    pub(crate) dry_run: bool,
    /// Lines of the file.
    pub(crate) lines: u64,
    /// Rows that are not empty, without the one that names the columns.
    pub(crate) rows: u64,
    /// Addresses that were not suppressed before.
    pub(crate) added: usize,
    /// Suppressed addresses that got a more serious reason, or a complaint beside an operator's suppression.
    pub(crate) replaced: usize,
    /// Addresses that were suppressed before the import, for the same or a more serious reason.
    pub(crate) unchanged: usize,
    /// Rows that change nothing, because an earlier row of the file has the same address.
    pub(crate) repeated: usize,
    /// Rows that cannot be used.
    #[serde(flatten)]
    pub(crate) refused: RefusedRows,
    /// What is unusual about rows that were taken.
    pub(crate) notes: Reasons,
}

/// Suppresses the addresses of a file.
///
/// # Errors
/// [`ImportError`]. If the database fails, committed rows stay, and importing the file again adds the missing ones.
pub(crate) async fn import_suppressions(
    app: &App,
    mut file: impl Input,
    options: &SuppressionOptions,
) -> Result<SuppressionReport, ImportError> {
    let layout = Layout::find(&mut file, app)?;
    file.restart()?;
    let mut table = layout.open(&mut file)?;
    let mut import = Import {
        app,
        options,
        layout: &layout,
        seen: HashMap::new(),
        report: SuppressionReport {
            dry_run: options.dry_run,
            ..SuppressionReport::default()
        },
    };
    loop {
        let rows = table.next_rows(ROWS_PER_TRANSACTION)?;
        if rows.is_empty() {
            break;
        }
        let mut tx = if options.dry_run {
            app.store.read().await?
        } else {
            app.store.write().await?
        };
        for row in rows {
            import.row(&mut tx, row).await?;
        }
        if !options.dry_run {
            tx.commit().await?;
        }
    }
    import.report.lines = table.lines_read();
    Ok(import.report)
}

/// Why an address is suppressed.
#[derive(Clone, Copy)]
struct InForce {
    reason: SuppressionReason,
    /// Whether there is a complaint beside an operator's suppression.
    has_complaint: bool,
}

impl InForce {
    fn of(existing: &Suppression) -> Self {
        Self {
            reason: existing.reason,
            has_complaint: existing.complaint.is_some(),
        }
    }

    /// After a row with this reason was imported.
    const fn with(self, reason: SuppressionReason) -> Self {
        if reason.replaces(self.reason) {
            Self {
                reason,
                has_complaint: self.has_complaint || self.reason.is_second_to(reason),
            }
        } else {
            Self {
                reason: self.reason,
                has_complaint: self.has_complaint || reason.is_second_to(self.reason),
            }
        }
    }
}

struct Import<'a> {
    app: &'a App,
    options: &'a SuppressionOptions,
    layout: &'a Layout,
    /// The addresses of earlier rows, and how they are suppressed after these rows, or would be after a dry run.
    seen: HashMap<[u8; 32], InForce>,
    report: SuppressionReport,
}

impl Import<'_> {
    async fn row(&mut self, tx: &mut Tx, row: Row) -> Result<(), StoreError> {
        self.report.rows += 1;
        let line = row.line;
        let fields = match row.fields {
            Ok(fields) => fields,
            Err(fault) => {
                self.refuse(line, row.address, fault.to_string());
                return Ok(());
            }
        };
        let shown = || Some(fields[self.layout.columns.address].clone()).filter(|cell| !cell.is_empty());
        let hash = match self.layout.hash(self.app, &fields) {
            Ok(hash) => hash,
            Err(reason) => {
                self.refuse(line, shown(), reason);
                return Ok(());
            }
        };
        let reason = self.layout.reason(&fields);
        if let Some(active) = self.layout.columns.active_because(&fields).filter(|_| reason.is_none()) {
            let fault = format!(
                "\"{active}\" says that this person may be mailed; a list of subscribers is imported by `daywire subscriber import`"
            );
            self.refuse(line, shown(), fault);
            return Ok(());
        }
        let reason = reason.or(self.options.reason).unwrap_or_else(|| {
            if self.layout.has_reply(&fields) {
                SuppressionReason::HardBounce
            } else {
                SuppressionReason::Import
            }
        });
        let now = self.app.clock.now();
        let since = self.since(&fields, line, now);
        let evidence = self.evidence(&fields, line);
        self.suppress(tx, hash, reason, &evidence, since, now).await
    }

    fn refuse(&mut self, line: u64, address: Option<String>, reason: String) {
        self.report.refused.push(Refused { line, address, reason });
    }

    /// The time in the row. Text that is no time is kept in the evidence.
    fn since(&mut self, fields: &[String], line: u64, now: DateTime<Utc>) -> DateTime<Utc> {
        let cell = self.layout.since(fields).map_or("", |(_, cell)| cell);
        match date::parse(cell) {
            Some(since) if (DateTime::UNIX_EPOCH..=now).contains(&since) => return since,
            _ if cell.is_empty() => return now,
            Some(since) if since < now => self
                .report
                .notes
                .add("suppressed from now on: the time is before 1970", line),
            Some(_) => self
                .report
                .notes
                .add("suppressed from now on: the time is in the future", line),
            None => self
                .report
                .notes
                .add("suppressed from now on: the time is not understood", line),
        }
        now
    }

    fn evidence(&self, fields: &[String], line: u64) -> String {
        let layout = self.layout;
        let own = layout.cell(fields, layout.evidence);
        if layout.is_own && !own.is_empty() {
            return plain_line(own);
        }
        let mut details: Vec<String> = layout
            .details(fields)
            .map(|(name, cell)| format!("{name}: {cell}"))
            .collect();
        details.extend(layout.since(fields).map(|(name, cell)| format!("{name}: {cell}")));
        let because = layout.columns.read(fields).because;
        if !because.is_empty() && !details.contains(&because) {
            details.push(because);
        }
        if !own.is_empty() {
            details.push(own.to_owned());
        }
        let place = format!("{}, line {line}", self.options.file);
        let details = without_addresses(&details.join(", "));
        let evidence = if details.is_empty() {
            place
        } else {
            format!("{place}: {details}")
        };
        plain_line(&evidence)
    }

    /// Suppresses an address. A dry run only counts it.
    async fn suppress(
        &mut self,
        tx: &mut Tx,
        hash: [u8; 32],
        reason: SuppressionReason,
        evidence: &str,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let earlier = self.seen.get(&hash).copied();
        let before = match earlier {
            Some(earlier) => Some(earlier),
            None => tx.suppression(&hash).await?.as_ref().map(InForce::of),
        };
        let changes = if self.options.dry_run {
            before.is_none_or(|before| reason.changes(before.reason, before.has_complaint))
        } else {
            tx.suppress_since(&hash, reason, evidence, since, now).await?
        };
        let first = InForce {
            reason,
            has_complaint: false,
        };
        self.seen
            .insert(hash, before.map_or(first, |before| before.with(reason)));
        match before {
            None => self.report.added += 1,
            Some(_) if changes => self.report.replaced += 1,
            Some(_) if earlier.is_some() => self.report.repeated += 1,
            Some(_) => self.report.unchanged += 1,
        }
        Ok(())
    }
}
