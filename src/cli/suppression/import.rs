//! `daywire suppression import`: suppresses the addresses of a CSV file or of a plain list. Prints each refused row with its line and
//! reason, and fails if a row was refused, unless `--partial` accepts that.

use std::path::PathBuf;

use serde_json::json;

use crate::audit::Change;
use crate::cli::acting_operator::record;
use crate::cli::context::Context;
use crate::cli::output::note;
use crate::cli::{files, output};
use crate::domain::audit::AuditAction;
use crate::domain::states::SuppressionReason;
use crate::import::{SuppressionOptions, SuppressionReport, import_suppressions};
use crate::text::plain::counted;

/// `daywire suppression import`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A CSV file with a column of addresses, or one address a line. Columns with reason, time and evidence are found by name.
    file: PathBuf,
    /// The reason for rows that name no reason: `hard_bounce`, `complaint`, `operator` or `import`; without it `hard_bounce` if the row
    /// has a server's reply, otherwise `import`.
    #[arg(long, value_name = "REASON")]
    reason: Option<SuppressionReason>,
    /// Report what would happen and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Exit with status 0 although rows were refused.
    #[arg(long)]
    partial: bool,
}

pub(crate) async fn run(context: &Context, args: Args) -> anyhow::Result<()> {
    let file = args.file.display().to_string();
    let csv = files::open_twice_readable(&args.file)?;
    let app = context.app().await?;
    let options = SuppressionOptions {
        reason: args.reason,
        dry_run: args.dry_run,
        file: files::name(&args.file),
    };
    let report = import_suppressions(&app, csv, &options)
        .await
        .map_err(|error| anyhow::anyhow!("{file}: {error}"))?;
    if !report.dry_run {
        let fields = json!({ "added": report.added, "replaced": report.replaced });
        record(
            &app,
            Change::of(AuditAction::SuppressionsImported, &options.file).to(fields),
        )
        .await?;
    }
    if context.json {
        output::json(&report)?;
    } else {
        print(&report)?;
    }
    if args.partial {
        return Ok(());
    }
    output::fail_for_refused_rows(&file, &report.refused, report.rows, args.dry_run)
}

fn print(report: &SuppressionReport) -> anyhow::Result<()> {
    output::refused_rows(
        &report.refused,
        "`daywire --json suppression import …` lists the first 10,000",
    );
    note!("{}", report.notes);
    output::text(&format!(
        "{}{} in {}: {} added, {} got a more serious reason, {} suppressed before, {} repeated in the file, {} refused",
        if report.dry_run {
            "dry run, nothing was written: "
        } else {
            ""
        },
        counted(report.rows, "row", "rows"),
        counted(report.lines, "line", "lines"),
        report.added,
        report.replaced,
        report.unchanged,
        report.repeated,
        report.refused.count(),
    ))
}
