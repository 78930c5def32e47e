//! `daywire article add`, `edit` and `retract`: what the newsroom does with articles by hand.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::super::{Context, find_newsletter, names, output, read_file};
use crate::digest::article_path;
use crate::domain::article_file;
use crate::domain::article_input::Body;
use crate::domain::ids::IssueId;
use crate::ingest::change::{ArticleChange, field_names};
use crate::ingest::edit::{ArticleEdit, edit as edit_article};
use crate::ingest::editorial::{Submission, submit};
use crate::ingest::retraction::{restore as restore_article, retract as retract_article};
use crate::ingest::view;
use crate::store::Tx;
use crate::store::corrections::FieldEdit;
use crate::text::language;

/// `daywire article add`
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The file: `---`, `title: …`, and if you like `id`, `date`, `authors`, `category`, `language`, `summary`,
    /// `source`, `url`, `image` and `image_alt`, each on a line, `---`, and the text in Markdown.
    file: PathBuf,
    /// The newsletter it is for; none: every newsletter.
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// What was corrected, for readers who have the former text already.
    #[arg(long, default_value = "")]
    note: String,
    /// Also replace what `article edit` changed since the file was added. Without this, the editor's change stays.
    #[arg(long)]
    overwrite: bool,
}

/// `daywire article edit`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub struct EditArgs {
    /// Its id, such as `TX_080089`.
    id: String,
    /// The new headline.
    #[arg(long, group = "what")]
    title: Option<String>,
    /// The new lede.
    #[arg(long, group = "what")]
    summary: Option<String>,
    /// A file with the new text in Markdown; front matter in it is passed over.
    #[arg(long, value_name = "FILE.md", group = "what")]
    body: Option<PathBuf>,
    /// Who wrote it; for several, once each.
    #[arg(long = "author", value_name = "NAME", group = "what")]
    authors: Vec<String>,
    /// The new category; "" for none.
    #[arg(long, group = "what")]
    category: Option<String>,
    /// The tag of its language, such as en or pt-BR.
    #[arg(long, value_name = "TAG", group = "what")]
    language: Option<String>,
    /// What was corrected, for readers who have the former text already.
    #[arg(long, default_value = "")]
    note: String,
}

/// `daywire article restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Its id.
    id: String,
    /// Why, for readers who were told of the retraction.
    #[arg(long, default_value = "")]
    note: String,
}

/// `daywire article retract`
#[derive(Debug, Args)]
pub struct RetractArgs {
    /// Its id.
    id: String,
    /// Why, for readers; its page says so. For an article that is retracted already, it gives or changes the reason.
    #[arg(long, default_value = "")]
    note: String,
}

pub async fn add(context: &Context, args: &AddArgs) -> anyhow::Result<()> {
    let in_file = |error: String| anyhow::anyhow!("{}: {error}", args.file.display());
    let input = article_file::read(&read_file(&args.file)?).map_err(|error| in_file(error.to_string()))?;
    let name = args
        .file
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    let app = context.app_or_new().await?;
    let mut tx = app.store.read().await?;
    let newsletters = match &args.newsletter {
        Some(slug) => vec![find_newsletter(&mut tx, slug).await?],
        None => tx.newsletters().await?,
    };
    drop(tx);
    let submission = Submission {
        input,
        file_name: Some(name.into_owned()),
        newsletters: newsletters.iter().map(|newsletter| newsletter.id).collect(),
        note: args.note.clone(),
        overwrite: args.overwrite,
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
        let mut shown = document(&article.public_id, &added.change);
        shown["status"] = json!(status);
        shown["url"] = json!(url);
        shown["queued"] = json!(queued);
        shown["kept"] = added.kept.iter().map(|edit| json!(edit.field)).collect();
        return output::json(&shown);
    }
    if !added.is_new {
        let mut lines = vec![told(&mut app.store.read().await?, &article.public_id, &added.change).await?];
        lines.extend(kept(&added.kept, &article.public_id, &args.file));
        if !queued.is_empty() {
            lines.push(format!("It waits for the next issue of {} now.", queued.join(", ")));
        }
        return output::text(&lines.join("\n"));
    }
    let waits = match newsletters.as_slice() {
        [] => "for no newsletter: there is none yet, `daywire newsletter apply` makes one".to_owned(),
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

pub async fn edit(context: &Context, args: &EditArgs) -> anyhow::Result<()> {
    let body = match &args.body {
        Some(file) => {
            let in_file = |error| anyhow::anyhow!("{}: {error}", file.display());
            Some(Body::Markdown(
                article_file::read_text(&read_file(file)?).map_err(in_file)?,
            ))
        }
        None => None,
    };
    let language = match &args.language {
        Some(tag) => match language::tag(tag) {
            Some(tag) => Some(tag),
            None => anyhow::bail!("--language: {tag:?} is no tag such as en, de or pt-BR"),
        },
        None => None,
    };
    anyhow::ensure!(
        args.title.as_deref().is_none_or(|title| !title.trim().is_empty()),
        "--title: an article needs a headline"
    );
    let wanted = ArticleEdit {
        title: args.title.clone(),
        summary: args.summary.clone(),
        body,
        authors: Some(args.authors.clone()).filter(|authors| !authors.is_empty()),
        category: args.category.clone(),
        language,
    };
    let app = context.app().await?;
    let article = names::article(&mut app.store.read().await?, &args.id).await?;
    let made = edit_article(&app, &article, &wanted, &args.note).await?;
    if context.json {
        return output::json(&document(&article.public_id, &made));
    }
    output::text(&told(&mut app.store.read().await?, &article.public_id, &made).await?)
}

pub async fn retract(context: &Context, args: &RetractArgs) -> anyhow::Result<()> {
    let app = context.app().await?;
    let article = names::article(&mut app.store.read().await?, &args.id).await?;
    let made = retract_article(&app, article.id, &args.note).await?;
    if context.json {
        return output::json(&view::retraction(&article, &made));
    }
    if made.noted {
        let told = if made.sent > 0 {
            "; the next issue tells readers"
        } else {
            ""
        };
        return output::text(&format!("{}: its page gives this reason now{told}", article.public_id));
    }
    if !made.retracted {
        return output::text(&format!(
            "{}: retracted already; `--note` gives or changes the reason, `daywire article restore` undoes it",
            article.public_id
        ));
    }
    let tx = &mut app.store.read().await?;
    let mut lines = vec![format!("{} retracted: its page says so", article.public_id)];
    if !made.drafts.is_empty() {
        lines.push(format!(
            "{} was not sent yet and is compiled again without it.",
            list(tx, &made.drafts).await?
        ));
    }
    if !made.cancelled.is_empty() {
        lines.push(format!(
            "{} had no other story and is cancelled.",
            list(tx, &made.cancelled).await?
        ));
    }
    lines.extend(approve_again(tx, &made.unapproved).await?);
    for issue in &made.sending {
        let issue = tx.issue_name(*issue).await?;
        lines.push(format!(
            "Issue {issue} is on its way with it: `daywire issue cancel {issue}` stops what is not sent yet."
        ));
    }
    if made.sent > 0 {
        lines.push("Readers have it already; the next issue tells them.".to_owned());
    }
    output::text(&lines.join("\n"))
}

pub async fn restore(context: &Context, args: &RestoreArgs) -> anyhow::Result<()> {
    let app = context.app().await?;
    let article = names::article(&mut app.store.read().await?, &args.id).await?;
    let made = restore_article(&app, article.id, &args.note).await?;
    anyhow::ensure!(
        made.restored,
        "{} is not retracted; `daywire article show {0}` shows it",
        article.public_id
    );
    if context.json {
        return output::json(&view::restoration(&article, &made));
    }
    let tx = &mut app.store.read().await?;
    let mut lines = vec![format!("{} restored: its page is back", article.public_id)];
    if !made.drafts.is_empty() {
        lines.push(format!(
            "{} was not sent yet and is compiled again with it.",
            list(tx, &made.drafts).await?
        ));
    }
    lines.extend(approve_again(tx, &made.unapproved).await?);
    if made.sent > 0 {
        lines.push("The next issue tells readers who were told of the retraction that it is undone.".to_owned());
    }
    output::text(&lines.join("\n"))
}

fn document(public_id: &str, change: &ArticleChange) -> serde_json::Value {
    json!({
        "id": public_id,
        "changed": change.fields,
        "sent": change.sent,
        "drafts": change.drafts,
    })
}

/// What a change came to, in words.
async fn told(tx: &mut Tx, public_id: &str, change: &ArticleChange) -> anyhow::Result<String> {
    if change.fields.is_empty() {
        return Ok(format!("{public_id}: unchanged"));
    }
    let mut lines = vec![format!("{public_id} changed: {}", field_names(&change.fields))];
    if !change.drafts.is_empty() {
        lines.push(format!(
            "{} was not sent yet and is compiled again with it.",
            list(tx, &change.drafts).await?
        ));
    }
    lines.extend(approve_again(tx, &change.unapproved).await?);
    if change.sent > 0 {
        lines.push("Readers have the former text; the next issue lists the correction.".to_owned());
    }
    Ok(lines.join("\n"))
}

/// Says which fields keep an editor's change instead of what the file has.
fn kept(edits: &[FieldEdit], public_id: &str, file: &Path) -> Option<String> {
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

/// Says that approvals were withdrawn, if some were.
async fn approve_again(tx: &mut Tx, issues: &[IssueId]) -> anyhow::Result<Option<String>> {
    let again = "The approval was taken back, because the text changed: read it and `daywire issue approve` it again.";
    if issues.is_empty() {
        return Ok(None);
    }
    Ok(Some(format!("{}: {again}", list(tx, issues).await?)))
}

async fn list(tx: &mut Tx, issues: &[IssueId]) -> anyhow::Result<String> {
    let mut named = Vec::new();
    for id in issues {
        named.push(format!("issue {}", tx.issue_name(*id).await?));
    }
    Ok(named.join(", "))
}
