//! `daywire article import`: articles from the file of a feed or from JSON lines.

use std::path::PathBuf;

use serde_json::json;

use super::import_posts::{self, PostArgs};
use crate::cli::context::Context;
use crate::cli::output::note;
use crate::cli::{files, names, output};
use crate::domain::scope::Scope;
use crate::feeds::parse::{Kind, detect, parse};
use crate::ingest::json_lines::{self, Imported};
use crate::ingest::{Origin, store_entries};
use crate::past_posts;
use crate::text::plain::counted;

/// At most this many refused lines are listed as text; `--json` lists all.
const MAX_LISTED: usize = 100;

/// The most lines of a file with JSON lines. The reason of each refused line takes memory, also that of a line with one letter.
const MAX_LINES: usize = 200_000;

/// `daywire article import`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file to import.
    file: PathBuf,
    /// The newsletter that the articles arrive for; every newsletter if it is not given.
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// The site shows these articles whole. Without this it shows an excerpt of each article that has an address elsewhere,
    /// with a link to it.
    #[arg(long)]
    full_text: bool,
    /// Exit with status 0 although lines were refused.
    #[arg(long)]
    partial: bool,
    #[command(flatten)]
    posts: PostArgs,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let Args { file, full_text, .. } = args;
    let export = past_posts::detect(file).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    let app = context.app_or_new().await?;
    let mut tx = app.store.read().await?;
    let newsletters = match &args.newsletter {
        Some(slug) => vec![names::newsletter(&mut tx, slug).await?],
        None => tx.newsletters().await?,
    };
    drop(tx);
    let newsletters: Vec<_> = newsletters.iter().map(|newsletter| newsletter.id).collect();
    if let Some(format) = export {
        let from = (file.as_path(), format);
        return import_posts::run(context, &app, from, newsletters, &args.posts, args.partial).await;
    }
    anyhow::ensure!(
        !args.posts.dry_run,
        "--dry-run is for exports of Ghost, Substack, Mailchimp and WordPress, and {} is none",
        file.display()
    );
    let bytes = files::read(file)?;
    let Imported { tally, refused } = if detect(&bytes) == Kind::JsonLines {
        let lines = memchr::memchr_iter(b'\n', &bytes).count();
        anyhow::ensure!(
            lines <= MAX_LINES,
            "{} has {lines} lines, and at most {MAX_LINES} are imported at once; split it into several files",
            file.display()
        );
        json_lines::import_json_lines(&app, bytes, newsletters, *full_text).await?
    } else {
        let feed = parse(&bytes, None).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
        if feed.ends_early {
            note!("note: {}", files::ends_early_note(file, feed.entries.len()));
        }
        let scope = feed.site_url.clone().unwrap_or_else(|| feed.title.clone());
        let origin = Origin {
            scope: Scope::file(&scope),
            source_name: feed.title,
            newsletters,
            full_text: *full_text,
        };
        Imported {
            tally: store_entries(&app, &origin, &feed.entries).await?,
            refused: Vec::new(),
        }
    };
    if context.json {
        output::json(&json!({ "new": tally.new, "known": tally.known, "refused": refused }))?;
    } else {
        for line in refused.iter().take(MAX_LISTED) {
            note!("line {}: {}", line.line, line.reason);
        }
        if refused.len() > MAX_LISTED {
            note!(
                "These are the first {MAX_LISTED} of {} refused lines. `daywire --json article import …` lists all.",
                refused.len()
            );
        }
        let shown = match (full_text, tally.new) {
            (false, _) | (_, 0) => "",
            (true, 1) => "; the site shows the new one whole",
            (true, _) => "; the site shows the new ones whole",
        };
        output::text(&format!(
            "{} new, {} known, {} refused{shown}",
            tally.new,
            tally.known,
            refused.len()
        ))?;
    }
    anyhow::ensure!(
        refused.is_empty() || args.partial,
        "{}: {} of {} {} refused and the others were imported; correct these lines and import the file again, which adds only \
         what is missing, or accept it with --partial",
        file.display(),
        refused.len(),
        counted(tally.new + tally.known + refused.len(), "line", "lines"),
        if refused.len() == 1 { "was" } else { "were" }
    );
    Ok(())
}
