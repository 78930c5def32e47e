//! `daywire article add`: an article of the newsroom's own from a Markdown file. The same file added again changes the article.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::change_report;
use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::{files, names, output};
use crate::digest::article_path;
use crate::domain::article_file;
use crate::ingest::editorial::{Submission, submit};
use crate::store::article_edits::FieldEdit;

/// `daywire article add`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file: `---`, `title: …` and optionally `id`, `date`, `authors`, `category`, `language`, `summary`,
    /// `source`, `url`, `image` and `image_alt`, each on a line, `---`, and the text in Markdown.
    file: PathBuf,
    /// The newsletter it is for; every newsletter if it is not given.
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// What was corrected, for readers who already have the former text.
    #[arg(long, default_value = "")]
    note: String,
    /// Also replace what `article edit` changed since the file was added. Without this, the editor's change stays.
    #[arg(long)]
    overwrite: bool,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let in_file = |error: String| anyhow::anyhow!("{}: {error}", args.file.display());
    let input = article_file::read(&files::read(&args.file)?).map_err(|error| in_file(error.to_string()))?;
    // A path without a file name, such as `..`, cannot be read.
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let app = context.app_or_new().await?;
    let mut tx = app.store.read().await?;
    let newsletters = match &args.newsletter {
        Some(slug) => vec![names::newsletter(&mut tx, slug).await?],
        None => tx.newsletters().await?,
    };
    drop(tx);
    let submission = Submission {
        input,
        file_name: name,
        newsletters: newsletters.iter().map(|newsletter| newsletter.id).collect(),
        note: args.note.clone(),
        overwrite: args.overwrite,
        actor: Some(command_actor()),
        ..Submission::default()
    };
    let added = submit(&app, &submission)
        .await
        .map_err(|error| in_file(error.to_string()))?;
    let (article, url) = (&added.article, app.link(&article_path(&added.article)));
    let queued = newsletters
        .iter()
        .filter(|newsletter| added.queued.contains(&newsletter.id));
    let queued: Vec<&str> = queued.map(|newsletter| newsletter.slug.as_str()).collect();
    if context.json {
        let status = match (added.is_new, added.change.fields.is_empty()) {
            (true, _) => "added",
            (false, false) => "changed",
            (false, true) => "unchanged",
        };
        let mut document = change_report::document(&article.public_id, &added.change);
        document["status"] = json!(status);
        document["url"] = json!(url);
        document["queued"] = json!(queued);
        document["kept"] = added.kept.iter().map(|edit| json!(edit.field)).collect();
        return output::json(&document);
    }
    if !added.is_new {
        let tx = &mut app.store.read().await?;
        let mut lines = vec![change_report::text(tx, &article.public_id, &added.change).await?];
        lines.extend(kept_fields(&added.kept, &article.public_id, &args.file));
        if !queued.is_empty() {
            lines.push(format!("It waits for the next issue of {} now.", queued.join(", ")));
        }
        return output::text(&lines.join("\n"));
    }
    let waits = match newsletters.as_slice() {
        [] => "for no newsletter: none exists yet, `daywire newsletter apply` makes one".to_owned(),
        some => {
            let slugs: Vec<_> = some.iter().map(|newsletter| newsletter.slug.as_str()).collect();
            format!("for the next issue of {}", slugs.join(", "))
        }
    };
    output::text(&format!(
        "{} added: {}\nIt is at {url} and waits {waits}.",
        article.public_id, article.title
    ))
}

/// Which fields keep an editor's change instead of the file's content; `None` if no field does.
fn kept_fields(edits: &[FieldEdit], public_id: &str, file: &Path) -> Option<String> {
    let named = edits.iter().map(|edit| {
        let note = Some(&edit.note).filter(|note| !note.is_empty());
        let note = note.map(|note| format!(", “{note}”")).unwrap_or_default();
        format!("{} (changed {}{note})", edit.field, output::time(edit.at))
    });
    let named = named.collect::<Vec<_>>().join(", ");
    (!edits.is_empty()).then(|| {
        format!(
            "{public_id} keeps what `daywire article edit` changed after the file was added: {named}. To take these from the file, \
             run `daywire article add {} --overwrite`.",
            file.display()
        )
    })
}
