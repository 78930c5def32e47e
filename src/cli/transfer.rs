//! `daywire export` and `daywire import`: everything in the database, as one archive.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;

use serde_json::json;

use super::context::Context;
use super::{files, output};
use crate::text::plain::counted;
use crate::transfer;

/// Options of `daywire export`.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// The archive to write, which must not exist. It holds all addresses and the keys of links: keep it as safe as the database.
    file: PathBuf,
}

/// Options of `daywire import`.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// The archive of `daywire export`.
    file: PathBuf,
}

pub(crate) async fn export(context: &Context, args: &ExportArgs) -> anyhow::Result<()> {
    let file = args.file.display();
    anyhow::ensure!(
        !args.file.exists(),
        "{file} exists and was not changed; name a file that does not exist"
    );
    let app = context.app().await?;
    // An export that was interrupted must not look like a complete one.
    let part = args.file.with_added_extension("part");
    let archive = BufWriter::new(files::create_private(&part)?);
    let exported = Box::pin(transfer::export(&app.store, archive)).await;
    let exported = exported.and_then(|manifest| {
        std::fs::rename(&part, &args.file)
            .map(|()| manifest)
            .map_err(Into::into)
    });
    let manifest = match exported {
        Ok(manifest) => manifest,
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            anyhow::bail!("{file}: {error}");
        }
    };
    if context.json {
        return output::json(
            &json!({ "file": file.to_string(), "rows": manifest.rows(), "tables": manifest.tables.len() }),
        );
    }
    output::text(&format!(
        "{file} has {} of {}. It holds all addresses and the keys of links, but not secrets.key of your settings: an installation that \
         imports it needs the same",
        counted(manifest.rows(), "row", "rows"),
        counted(manifest.tables.len(), "table", "tables")
    ))
}

pub(crate) async fn import(context: &Context, args: &ImportArgs) -> anyhow::Result<()> {
    let file = args.file.display();
    let archive = File::open(&args.file).map_err(|error| anyhow::anyhow!("cannot read {file}: {error}"))?;
    let config = context.config()?;
    let database = config.database.url.to_string();
    let imported = Box::pin(transfer::import(config, BufReader::new(archive))).await;
    let manifest = imported.map_err(|error| anyhow::anyhow!("{file}: {error}"))?;
    if context.json {
        return output::json(
            &json!({ "database": database, "rows": manifest.rows(), "tables": manifest.tables.len() }),
        );
    }
    output::text(&format!(
        "{database} has {} of {} now",
        counted(manifest.rows(), "row", "rows"),
        counted(manifest.tables.len(), "table", "tables")
    ))
}
