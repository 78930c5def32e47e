//! `daywire feed import` and `export`: lists of feeds as OPML.

use std::path::PathBuf;

use anyhow::ensure;
use serde_json::json;

use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::output::note;
use crate::cli::{files, names, output};
use crate::feeds::opml;
use crate::ingest::feed_export;
use crate::ingest::managing_feeds::{self, ImportError, Imported, RefusedReason};
use crate::store::Tx;
use crate::store::newsletters::Newsletter;
use crate::text::plain::{beginning, counted};

/// `daywire feed import`
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// The OPML file.
    file: PathBuf,
    /// The newsletter's slug; it can be left out if there is only one newsletter.
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// Exit with status 0 although feeds were refused.
    #[arg(long)]
    partial: bool,
}

/// Adds all feeds of a file to a newsletter. Prints each refused feed with the reason, and fails if a feed was refused, unless `--partial`
/// accepts that.
pub(crate) async fn import(context: &Context, args: &ImportArgs) -> anyhow::Result<()> {
    let ImportArgs { file, .. } = args;
    let bytes = files::read(file)?;
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let newsletter = match &args.newsletter {
        Some(slug) => names::newsletter(&mut tx, slug).await?,
        None => only_newsletter(&mut tx).await?,
    };
    drop(tx);
    let imported = managing_feeds::import(&app, &command_actor(), &newsletter, bytes).await;
    let Imported {
        added,
        known,
        full_text,
        refused,
    } = imported.map_err(|error| match error {
        ImportError::List(error) => anyhow::anyhow!("{}: {error}", file.display()),
        ImportError::Store(error) => error.into(),
    })?;
    let refused: Vec<_> = refused
        .into_iter()
        .map(|feed| (feed.title, reason_text(&feed.reason, &newsletter.slug)))
        .collect();
    if context.json {
        let refused = refused
            .iter()
            .map(|(title, reason)| json!({ "title": title, "reason": reason }));
        output::json(&json!({
            "newsletter": newsletter.slug, "added": added, "known": known, "refused": refused.collect::<Vec<_>>()
        }))?;
    } else {
        for (title, reason) in &refused {
            note!("“{}”: {reason}", beginning(title));
        }
        let full_text = match full_text {
            0 => String::new(),
            feeds => format!(
                "; the site shows the articles of {} whole",
                counted(feeds, "feed", "feeds")
            ),
        };
        output::text(&format!(
            "{added} added, {known} known, {} refused for {}{full_text}",
            refused.len(),
            newsletter.slug
        ))?;
    }
    ensure!(
        refused.is_empty() || args.partial,
        "{}: {} of {} {} refused and the others were added; correct these entries and import the file again, which adds only \
         what is missing, or accept it with --partial",
        file.display(),
        refused.len(),
        counted(added + known + refused.len(), "feed", "feeds"),
        if refused.len() == 1 { "was" } else { "were" }
    );
    Ok(())
}

/// Why a feed was not added, and what to do.
fn reason_text(reason: &RefusedReason, slug: &str) -> String {
    match reason {
        RefusedReason::Address(error) => error.to_string(),
        RefusedReason::OnlySite(site) => {
            format!("it has no xmlUrl; `daywire feed add {site} --newsletter {slug}` looks for one")
        }
        RefusedReason::NoAddress => "it has no address that can be read over http or https".to_owned(),
    }
}

/// The newsletter, if there is exactly one.
async fn only_newsletter(tx: &mut Tx) -> anyhow::Result<Newsletter> {
    let mut all = tx.newsletters().await?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => anyhow::bail!("there is no newsletter yet; `daywire newsletter apply FILE` makes one"),
        _ => anyhow::bail!("there are several newsletters; say which one with --newsletter SLUG"),
    }
}

/// Prints the feeds of one newsletter, or of each newsletter in a folder of its own.
pub(crate) async fn export(context: &Context, slug: Option<&str>) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    if let Some(slug) = slug {
        names::newsletter(&mut tx, slug).await?;
    }
    let folders = feed_export::folders(&mut tx, slug).await?;
    if context.json {
        let mut documents = Vec::new();
        for folder in &folders {
            let feeds = folder.feeds.iter();
            documents.extend(feeds.map(|feed| {
                json!({
                    "newsletter": folder.name, "title": feed.title, "url": feed.url, "full_text": feed.full_text,
                    "text_from": feed.text_from
                })
            }));
        }
        return output::json(&documents);
    }
    output::text(&opml::write(&app.config.site.name, &folders))
}
