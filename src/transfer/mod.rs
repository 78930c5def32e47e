//! Moves an installation: `export` writes everything that the database holds as JSON lines into one archive, and `import` writes such an
//! archive into an empty database of either kind.
//!
//! The archive is a ZIP file. It has a file for each table, `TABLE.jsonl`, with an array of values on each line, and `manifest.json`, which
//! names the columns and counts the rows. Equal databases give equal files, also if they are of different kinds.

mod export;
mod import;

pub(crate) use export::export;
pub(crate) use import::{complete_search_index, import};

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use crate::app::StartError;
use crate::digest::CompileError;
use crate::store::StoreError;

const MANIFEST: &str = "manifest.json";
const FORMAT: &str = "daywire-export-1";

/// What an archive contains.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Manifest {
    format: String,
    /// The version of the program that wrote it.
    version: String,
    pub(crate) tables: BTreeMap<String, TableManifest>,
}

/// What an archive contains of one table.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct TableManifest {
    columns: Vec<String>,
    pub(crate) rows: u64,
}

impl Manifest {
    /// The number of all rows.
    pub(crate) fn rows(&self) -> u64 {
        self.tables.values().map(|table| table.rows).sum()
    }
}

/// Why nothing was exported or imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransferError {
    #[error("the archive cannot be written or read: {0}")]
    Io(#[from] io::Error),
    #[error("it is no archive of `daywire export`, or it is damaged: {0}")]
    Archive(#[from] zip::result::ZipError),
    #[error("it is no archive of `daywire export`: {0}")]
    Manifest(serde_json::Error),
    #[error(
        "the archive has the format \"{0}\", and this program reads {FORMAT}; use the version of daywire that wrote it"
    )]
    Format(String),
    #[error(
        "the archive was written by another version of daywire: {0}; use the same version for both, and update afterwards"
    )]
    Tables(String),
    #[error("{place} in the archive is not a row of that table; export again")]
    Row { place: String },
    #[error(
        "{place} in the archive cannot be written: {refusal}; correct that row in the database that was exported, and export again"
    )]
    Refused { place: String, refusal: StoreError },
    #[error("the archive has {found} rows of {table} and its manifest says {expected}; export again")]
    Count { table: String, found: u64, expected: u64 },
    #[error(
        "the database is not empty: the table {0} has rows. An import replaces nothing; name another database in database.url"
    )]
    NotEmpty(&'static str),
    #[error(
        "a newer daywire has added tables to the database, which this program cannot export; export with the newer program"
    )]
    NewerTables,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Index(#[from] CompileError),
}
