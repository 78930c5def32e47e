//! `daywire article import` of an export of another system: its posts become articles of this site.

use std::path::Path;

use serde_json::json;

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::output::{self, note};
use crate::domain::ids::NewsletterId;
use crate::past_posts::{self, ExportFormat, ImportOptions};
use crate::text::plain::counted;

/// At most this many posts are listed as text; `--json` lists more.
const MAX_LISTED: usize = 100;

/// Options that only exports of other systems have.
#[derive(Debug, clap::Args)]
pub(crate) struct PostArgs {
    /// For an export of another system: say what would be imported, and import nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// For such an export: publish posts for everybody that only members or payers could read.
    #[arg(long)]
    with_members_only: bool,
}

pub(crate) async fn run(
    context: &Context,
    app: &App,
    (file, format): (&Path, ExportFormat),
    newsletters: Vec<NewsletterId>,
    args: &PostArgs,
    accepts_refusals: bool,
) -> anyhow::Result<()> {
    let options = ImportOptions {
        newsletters,
        with_members_only: args.with_members_only,
        dry_run: args.dry_run,
    };
    let imported = Box::pin(past_posts::import(app, file, format, &options)).await;
    let report = imported.map_err(|error| {
        anyhow::anyhow!(
            "{}: {error}; import it again, which adds only what is missing",
            file.display()
        )
    })?;
    if context.json {
        output::json(&json!(report))?;
    } else {
        for post in report.not_imported.iter().take(MAX_LISTED) {
            note!("{}: {:?}: {}", post.place, post.title, post.reason);
        }
        if report.not_imported.len() > MAX_LISTED {
            note!("These are the first {MAX_LISTED}. `daywire --json article import …` lists all.");
        }
        output::text(&format!(
            "{} of {}: {} new, {} changed, {} known, {} left out, {} refused; {}{}",
            counted(report.posts, "post", "posts"),
            report.system,
            report.new,
            report.changed,
            report.known,
            report.left_out,
            report.refused,
            counted(report.redirects, "old address redirects", "old addresses redirect"),
            if report.dry_run {
                " (a dry run: nothing was written)"
            } else {
                ""
            }
        ))?;
    }
    anyhow::ensure!(
        report.refused == 0 || accepts_refusals,
        "{}: {} of {} {} refused{}; correct the export and import it again, or accept this with --partial",
        file.display(),
        report.refused,
        counted(report.posts, "post", "posts"),
        if report.refused == 1 { "was" } else { "were" },
        if report.dry_run {
            ""
        } else {
            " and the others were imported"
        }
    );
    Ok(())
}
