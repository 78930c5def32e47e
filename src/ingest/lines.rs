//! Articles from JSON lines, by file or by the API: each line is new, known or refused.

use serde::Serialize;

use super::{Origin, Tally, store_entries};
use crate::app::App;
use crate::domain::ids::NewsletterId;
use crate::feeds::jsonlines::parse_json_lines;
use crate::store::StoreError;

/// A line that is no article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// What became of the lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Of those that are articles.
    pub tally: Tally,
    /// Of the others.
    pub refused: Vec<Refused>,
}

/// Stores the articles in JSON lines, for these newsletters. The site shows them whole if `full_text` is set. An invalid line
/// does not stop the others.
///
/// # Errors
/// When the database fails; nothing is stored then.
pub async fn import(
    app: &App,
    bytes: Vec<u8>,
    newsletters: Vec<NewsletterId>,
    full_text: bool,
) -> Result<Imported, StoreError> {
    // What strangers wrote is sanitised off the threads that answer others.
    let parsed = tokio::task::spawn_blocking(move || parse_json_lines(&bytes)).await;
    let mut entries = Vec::new();
    let mut refused = Vec::new();
    let lost = || vec![Err((1, "the parser gave up on it".to_owned()))];
    for line in parsed.unwrap_or_else(|_| lost()) {
        match line {
            Ok(entry) => entries.push(entry),
            Err((line, reason)) => refused.push(Refused { line, reason }),
        }
    }
    let origin = Origin {
        feed: None,
        scope: "json-lines".into(),
        source_name: String::new(),
        newsletters,
        full_text,
    };
    let tally = store_entries(app, &origin, &entries).await?;
    Ok(Imported { tally, refused })
}
