//! `daywire subscriber import`: subscribers from a CSV file. Prints each refused row with its line and reason, and fails if a row was
//! refused, unless `--partial` accepts that.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::output::note;
use crate::cli::{files, names, output};
use crate::import::{Options, Report, ValueRule, import};
use crate::text::plain::counted;

/// `daywire subscriber import`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file: comma, semicolon or tab between its columns, in UTF-8 or UTF-16.
    file: PathBuf,
    /// The newsletter that these people are subscribed to.
    #[arg(long, value_name = "SLUG")]
    newsletter: String,
    /// The state of rows whose columns name no other state.
    #[arg(long, value_enum, default_value = "pending")]
    status: Status,
    /// Where and how these people agreed; goes into the consent record.
    #[arg(long, value_name = "TEXT")]
    provenance: Option<String>,
    /// Report what would happen and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Exit with status 0 although rows were refused.
    #[arg(long)]
    partial: bool,
    /// A column that is not about consent although it looks so; may be repeated.
    #[arg(long, value_name = "NAME")]
    ignore_column: Vec<String>,
    /// What a value of a column means: confirmed, unconfirmed, unsubscribed, suppressed, bounced or complained; may be
    /// repeated.
    #[arg(long, value_name = "COLUMN:VALUE=MEANING")]
    value: Vec<ValueRule>,
}

/// The state of imported subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Status {
    /// Nothing is mailed to them until they confirm.
    Pending,
    /// They confirmed elsewhere; needs --provenance.
    Confirmed,
}

pub(crate) async fn run(context: &Context, args: Args) -> anyhow::Result<()> {
    let file = args.file.display().to_string();
    let csv = files::open_twice_readable(&args.file)?;
    let app = context.app().await?;
    let newsletter = names::newsletter(&mut app.store.read().await?, &args.newsletter).await?;
    let options = Options {
        confirmed: args.status == Status::Confirmed,
        provenance: args.provenance,
        ignored_columns: args.ignore_column,
        rules: args.value,
        dry_run: args.dry_run,
        file: files::name(&args.file),
    };
    let report = import(&app, &newsletter, csv, &options)
        .await
        .map_err(|error| anyhow::anyhow!("{file}: {error}"))?;
    if context.json {
        output::json(&report)?;
    } else {
        print(&report, args.status)?;
    }
    if args.partial {
        return Ok(());
    }
    output::fail_for_refused_rows(&file, &report.refused, report.rows, args.dry_run)
}

fn print(report: &Report, status: Status) -> anyhow::Result<()> {
    output::refused_rows(&report.refused, "subscriber import");
    note!("{}", report.reasons);
    if !report.unused_columns.is_empty() {
        let names: Vec<_> = report.unused_columns.iter().map(|name| format!("\"{name}\"")).collect();
        note!("columns not used: {}", names.join(", "));
    }
    let suppressed = match report.suppressed {
        0 => String::new(),
        many => format!(", {many} put on the suppression list"),
    };
    let mut summary = format!(
        "{}{} in {}: {} added, {} updated, {} skipped, {} refused{suppressed}",
        if report.dry_run {
            "dry run, nothing was written: "
        } else {
            ""
        },
        counted(report.rows, "row", "rows"),
        counted(report.lines, "line", "lines"),
        report.added,
        report.updated,
        report.skipped,
        report.refused.len(),
    );
    if status == Status::Pending && report.pending > 0 {
        let people = match (report.pending, report.dry_run) {
            (1, false) => "1 person is".to_owned(),
            (1, true) => "1 person would be".to_owned(),
            (many, false) => format!("{many} people are"),
            (many, true) => format!("{many} people would be"),
        };
        // Writing to a String cannot fail.
        let _ = write!(
            summary,
            "\n{people} pending, and mailed nothing until they sign up and confirm. If they confirmed elsewhere, import the file \
             again with --status confirmed --provenance TEXT"
        );
    }
    output::text(&summary)
}
