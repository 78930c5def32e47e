//! Imports articles from JSON lines, of a file or of the API. Each line is new, known or refused.

use serde::Serialize;
use utoipa::ToSchema;

use super::origin::Origin;
use super::storing::{Tally, store_entries};
use crate::app::{App, on_blocking_pool};
use crate::domain::ids::NewsletterId;
use crate::domain::scope::Scope;
use crate::feeds::jsonlines::parse_json_lines;
use crate::store::StoreError;

/// A line that is not an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusedLine {
    /// Its number in the file, from 1.
    pub line: usize,
    /// What is wrong with it, as a sentence without a full stop.
    pub reason: String,
}

/// The result of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The lines that are articles.
    pub tally: Tally,
    /// The other lines.
    pub refused: Vec<RefusedLine>,
}

/// Stores the articles in JSON lines, for these newsletters. The site shows their whole text if `full_text` is set. An invalid line
/// does not stop the others.
///
/// # Errors
/// When the database fails; nothing is stored then.
pub async fn import_json_lines(
    app: &App,
    bytes: Vec<u8>,
    newsletters: Vec<NewsletterId>,
    full_text: bool,
) -> Result<Imported, StoreError> {
    // Parsing sanitises HTML, which takes processor time.
    let lines = on_blocking_pool(move || parse_json_lines(&bytes)).await;
    let mut entries = Vec::new();
    let mut refused = Vec::new();
    for line in lines {
        match line {
            Ok(entry) => entries.push(entry),
            Err((line, reason)) => refused.push(RefusedLine { line, reason }),
        }
    }
    let origin = Origin {
        scope: Scope::JsonLines,
        source_name: String::new(),
        newsletters,
        full_text,
    };
    let tally = store_entries(app, &origin, &entries).await?;
    Ok(Imported { tally, refused })
}
