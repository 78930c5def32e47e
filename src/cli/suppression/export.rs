//! `daywire suppression export`: all suppressions as CSV, for a spreadsheet, another system, or `suppression import`.

use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

use super::list;
use crate::cli::context::Context;
use crate::cli::output;
use crate::import::hash_key;
use crate::readers;
use crate::store::suppression_lists::ListedSuppression;
use crate::text::plain::counted;

/// `daywire suppression export`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write to this file instead of standard output. Only its owner can read it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let suppressions = list::all(&mut app.store.read().await?).await?;
    let key = hash_key(&app.keys);
    let Some(path) = &args.out else {
        anyhow::ensure!(
            !context.json,
            "`suppression export` writes CSV; for JSON use `daywire --json suppression list`, or give --out FILE"
        );
        return write(std::io::stdout().lock(), &suppressions, &key).map(drop);
    };
    let cannot_write = |error: std::io::Error| anyhow::anyhow!("cannot write {}: {error}", path.display());
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true);
    // Other users of this machine must not see the addresses.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(cannot_write)?;
    let rows = write(&file, &suppressions, &key)?;
    file.sync_all().map_err(cannot_write)?;
    if context.json {
        return output::json(&json!({ "written": rows, "addresses": suppressions.len() }));
    }
    let both = match rows - suppressions.len() {
        0 => String::new(),
        both => format!("; {both} of them suppressed by an operator and after a complaint, with a row for each"),
    };
    output::text(&format!(
        "{} of {} written to {}{both}",
        counted(rows, "row", "rows"),
        counted(suppressions.len(), "address", "addresses"),
        path.display()
    ))
}

/// Returns how many rows were written, without the one that names the columns.
fn write(out: impl Write, suppressions: &[ListedSuppression], key: &str) -> anyhow::Result<usize> {
    let mut csv = csv::Writer::from_writer(out);
    readers::write_head(&mut csv)?;
    let rows = readers::write_rows(&mut csv, suppressions, key)?;
    csv.flush()?;
    Ok(rows)
}
