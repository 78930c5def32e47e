//! `daywire article edit`: an editor's correction of an article.

use std::path::PathBuf;

use super::change_report;
use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::{files, names, output};
use crate::domain::article_action::ArticleAction;
use crate::domain::article_file;
use crate::domain::article_input::Body;
use crate::ingest::edit::{ArticleEdit, edit};
use crate::text::language;

/// `daywire article edit`
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(crate) struct Args {
    /// The id of the article, such as `TX_080089`.
    id: String,
    /// The new headline.
    #[arg(long, group = "what")]
    title: Option<String>,
    /// The new summary.
    #[arg(long, group = "what")]
    summary: Option<String>,
    /// A file with the new text in Markdown; front matter in it is ignored.
    #[arg(long, value_name = "FILE.md", group = "what")]
    body: Option<PathBuf>,
    /// Who wrote it; for several, once each.
    #[arg(long = "author", value_name = "NAME", group = "what")]
    authors: Vec<String>,
    /// The new category; an empty one removes it.
    #[arg(long, group = "what")]
    category: Option<String>,
    /// The tag of its language, such as en or pt-BR.
    #[arg(long, value_name = "TAG", group = "what")]
    language: Option<String>,
    /// What was corrected, for readers who already have the former text.
    #[arg(long, default_value = "")]
    note: String,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let body = match &args.body {
        Some(file) => {
            let in_file = |error| anyhow::anyhow!("{}: {error}", file.display());
            Some(Body::Markdown(
                article_file::read_text(&files::read(file)?).map_err(in_file)?,
            ))
        }
        None => None,
    };
    let language = match &args.language {
        Some(tag) => match language::tag(tag) {
            Some(tag) => Some(tag),
            None => anyhow::bail!("--language: {tag:?} is not a language tag; write one such as en, de or pt-BR"),
        },
        None => None,
    };
    anyhow::ensure!(
        args.title.as_deref().is_none_or(|title| !title.trim().is_empty()),
        "--title: an article needs a headline"
    );
    let edits = ArticleEdit {
        title: args.title.clone(),
        summary: args.summary.clone(),
        body,
        authors: Some(args.authors.clone()).filter(|authors| !authors.is_empty()),
        category: args.category.clone(),
        language,
    };
    let app = context.app().await?;
    let article = names::article(&mut app.store.read().await?, &args.id).await?;
    let action = ArticleAction::by(command_actor(), article.id);
    let change = edit(&app, action, &edits, &args.note).await?;
    if context.json {
        return output::json(&change_report::document(&article.public_id, &change));
    }
    let tx = &mut app.store.read().await?;
    output::text(&change_report::text(tx, &article.public_id, &change).await?)
}
