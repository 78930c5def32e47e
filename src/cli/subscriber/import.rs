//! `daywire subscriber import`: subscribers from a CSV file. Prints each refused row with its line and reason, and fails if a row was
//! refused, unless `--partial` accepts that.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::import_report::ImportReport;
use crate::app::App;
use crate::audit::Change;
use crate::cli::acting_operator::record;
use crate::cli::context::Context;
use crate::cli::output::note;
use crate::cli::{files, names, output};
use crate::domain::audit::AuditAction;
use crate::import::{AllRows, Asks, ImportError, Options, Report, ValueRule, csv_files, examine, import_examined};
use crate::store::StoreError;
use crate::text::plain::counted;

/// `daywire subscriber import`
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct Args {
    /// The file: comma, semicolon or tab between its columns, in UTF-8, UTF-16 or an older encoding such as Latin-1; or a ZIP archive of
    /// such files.
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
    /// Mail everybody who is not confirmed a link to confirm, once for each newsletter, and at most `signup.asks_per_hour` people in an
    /// hour.
    #[arg(long)]
    ask: bool,
    /// Report what would happen and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Make the tags of people the topics of their new subscriptions, as far as the newsletter offers these topics.
    #[arg(long)]
    tags_as_topics: bool,
    /// Write every row that was refused, skipped, or taken and not confirmed to this CSV file, with its line and the reason. An existing
    /// file is replaced.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
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
    /// Nothing but the mail of `--ask` goes to them until they confirm.
    Pending,
    /// They confirmed elsewhere; needs --provenance.
    Confirmed,
}

pub(crate) async fn run(context: &Context, args: Args) -> anyhow::Result<()> {
    let path = args.file.display().to_string();
    let csv = files::open_twice_readable(&args.file)?;
    let archived = csv_files(&args.file).map_err(|error| anyhow::anyhow!("{path}: {error}"))?;
    let app = context.app().await?;
    let newsletter = names::newsletter(&mut app.store.read().await?, &args.newsletter).await?;
    let mut options = Options {
        confirmed: args.status == Status::Confirmed,
        provenance: args.provenance,
        ignored_columns: args.ignore_column,
        rules: args.value,
        tags_as_topics: args.tags_as_topics,
        ask: args.ask,
        dry_run: args.dry_run,
        file: files::name(&args.file),
    };
    let mut observer = ImportReport::new(args.report.as_deref())?;
    let audited = (!options.dry_run).then_some((&*app, &*newsletter.slug));
    let (mut reports, mut all_rows) = (Vec::new(), AllRows::default());
    match archived {
        None => {
            let in_file = |error: ImportError| anyhow::anyhow!("{path}: {error}");
            let length = csv.metadata()?.len();
            let examined = examine(&app, csv, &options, &mut all_rows).await.map_err(in_file)?;
            observer.begin(&options.file, length);
            record_step(audited, AuditAction::ReadersImportBegun, request_fields(&options)).await?;
            let report = import_examined(&app, &newsletter, examined, &options, &mut all_rows, &mut observer).await;
            let report = report.map_err(in_file)?;
            record_step(audited, AuditAction::ReadersImported, report_fields(&options, &report)).await?;
            reports.push((path.clone(), report));
        }
        Some(archived) => {
            let in_file = |name: &str, error: ImportError| anyhow::anyhow!("{path}: \"{name}\": {error}");
            let mut examined_files = Vec::new();
            for file in archived {
                file.base_name().clone_into(&mut options.file);
                let examined = examine(&app, file.clone().open()?, &options, &mut all_rows).await;
                let (examined, _) = examined.map_err(|error| in_file(&file.name, error))?;
                examined_files.push((examined, file));
            }
            for (examined, file) in examined_files {
                let (name, size) = (file.name.clone(), file.size);
                file.base_name().clone_into(&mut options.file);
                observer.begin(&options.file, size);
                record_step(audited, AuditAction::ReadersImportBegun, request_fields(&options)).await?;
                let examined = (examined, file.open()?);
                let report = import_examined(&app, &newsletter, examined, &options, &mut all_rows, &mut observer).await;
                let report = report.map_err(|error| in_file(&name, error))?;
                record_step(audited, AuditAction::ReadersImported, report_fields(&options, &report)).await?;
                reports.push((name, report));
            }
        }
    }
    observer.finish()?;
    if context.json {
        match reports.as_slice() {
            [(_, report)] => output::json(report)?,
            many => output::json(
                &json!({ "files": many.iter().map(|(file, report)| json!({ "file": file, "report": report })).collect::<Vec<_>>() }),
            )?,
        }
    } else {
        for (name, report) in &reports {
            if reports.len() > 1 {
                output::text(&format!("{name}:"))?;
            }
            print(report, args.status)?;
        }
    }
    if args.partial {
        return Ok(());
    }
    for (name, report) in &reports {
        output::fail_for_refused_rows(name, &report.refused, report.rows, args.dry_run)?;
    }
    Ok(())
}

/// Records a step of an import. `audited` is `None` for a dry run, which changes nothing.
async fn record_step(audited: Option<(&App, &str)>, step: AuditAction, fields: Value) -> Result<(), StoreError> {
    match audited {
        Some((app, newsletter)) => record(app, Change::of(step, newsletter).to(fields)).await,
        None => Ok(()),
    }
}

/// What an import was asked to do, for the audit log.
fn request_fields(options: &Options) -> Value {
    json!({
        "file": options.file,
        "confirmed": options.confirmed,
        "ask": options.ask,
        "provenance": options.provenance,
    })
}

/// What an import has done, for the audit log.
fn report_fields(options: &Options, report: &Report) -> Value {
    json!({
        "file": options.file,
        "added": report.added,
        "pending": report.pending,
        "updated": report.updated,
        "suppressed": report.suppressed,
    })
}

fn print(report: &Report, status: Status) -> anyhow::Result<()> {
    output::refused_rows(
        &report.refused,
        "`daywire --json subscriber import …` lists the first 10,000, and --report FILE writes all to a file",
    );
    note!("{}", report.reasons);
    if let Some(encoding) = report.encoding {
        note!("the file is not in UTF-8; it was read as {encoding}");
    }
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
        report.refused.count(),
    );
    if let Some(asks) = report.asks {
        // Writing to a String cannot fail.
        let _ = write!(summary, "\n{}", asked(asks, report.dry_run));
    } else if status == Status::Pending && report.pending > 0 {
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
             again with --status confirmed --provenance TEXT. With --ask they are mailed a link to confirm"
        );
    }
    output::text(&summary)
}

/// Says how many people are asked to confirm, and how long that takes.
fn asked(asks: Asks, dry_run: bool) -> String {
    let Asks { new, waiting, per_hour } = asks;
    let mut text = match (new, dry_run) {
        (1, false) => "1 person is asked by mail to confirm".to_owned(),
        (_, false) => format!("{new} people are asked by mail to confirm"),
        (_, true) => format!("{} would be asked by mail to confirm", counted(new, "person", "people")),
    };
    if waiting > 0 && per_hour == 0 {
        let wait = counted(waiting, "person waits", "people wait");
        // Writing to a String cannot fail.
        let _ = write!(text, ". {wait}, because signup.asks_per_hour is 0");
    } else if waiting > 1 {
        let minutes = (waiting - 1) * 60 / u64::from(per_hour);
        let last = match minutes {
            0 => "less than a minute".to_owned(),
            _ => format!(
                "about {}",
                humantime::format_duration(Duration::from_secs(minutes * 60))
            ),
        };
        let _ = write!(
            text,
            ", at most {per_hour} in an hour (signup.asks_per_hour). {waiting} {} altogether: {last} until the last one",
            if dry_run { "would wait" } else { "wait" }
        );
    }
    if new > 0 && !dry_run {
        text.push_str(". `daywire serve` sends the mails");
    }
    text
}
