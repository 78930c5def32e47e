//! Writes an archive into an empty database.

use std::io::{BufRead, BufReader, Read, Seek};

use serde_json::Value;
use zip::ZipArchive;

use super::{FORMAT, MANIFEST, Manifest, TransferError};
use crate::app::App;
use crate::clock::{Clock, Rng};
use crate::config::Config;
use crate::digest::search::issue_words;
use crate::store::search_documents::SearchSubject;
use crate::store::transfer::{Table, UnwrittenRow};
use crate::store::{Store, Tx};

/// Rows that are written with one call. A row of an issue can have some megabytes.
const ROWS_PER_WRITE: usize = 500;
/// The bytes of rows that are written with one call, so that long rows take little memory.
const BYTES_PER_WRITE: usize = 4 << 20;
/// The longest line: the largest message that is stored is far smaller.
const MAX_LINE_BYTES: u64 = 256 << 20;

/// Writes everything from an archive into an empty database, in one transaction: if it fails, the database stays empty. Tables are made
/// if there are none.
///
/// # Errors
/// [`TransferError`], if the archive cannot be used, the database is not empty, or it fails.
pub(crate) async fn import(config: Config, archive: impl Read + Seek) -> Result<Manifest, TransferError> {
    let mut archive = ZipArchive::new(archive)?;
    let manifest: Manifest = serde_json::from_reader(archive.by_name(MANIFEST)?).map_err(TransferError::Manifest)?;
    if manifest.format != FORMAT {
        return Err(TransferError::Format(manifest.format));
    }
    let store = Store::open(&config.database.store_options()).await?;
    store.migrate().await?;
    let mut tx = store.write().await?;
    let tables = tx.tables_to_move().await?;
    check_columns(&manifest, &tables)?;
    if tx.needs_search_rebuild().await? {
        // The rows were imported by a process that ended before the index was complete.
        drop(tx);
        store.close().await;
        Box::pin(complete(config)).await?;
        return Ok(manifest);
    }
    if let Some(table) = tx.first_used_table(&tables).await? {
        return Err(TransferError::NotEmpty(table));
    }
    tx.delete_preset_rows().await?;
    for table in &tables {
        let expected = manifest.tables.get(table.name).map_or(0, |table| table.rows);
        let lines = BufReader::new(archive.by_name(&format!("{}.jsonl", table.name))?);
        let found = write_rows(&mut tx, table, lines).await?;
        if found != expected {
            let table = table.name.to_owned();
            return Err(TransferError::Count { table, found, expected });
        }
    }
    tx.request_search_rebuild(Clock::System.now()).await?;
    tx.commit().await?;
    store.close().await;
    Box::pin(complete(config)).await?;
    Ok(manifest)
}

/// Does what an import still has to do after its rows were committed.
async fn complete(config: Config) -> Result<(), TransferError> {
    let app = App::open_existing(config, Clock::System, Rng::System).await?;
    complete_search_index(&app).await?;
    app.store.close().await;
    Ok(())
}

/// Builds the index of the site's search if an import ended before it was complete. A service calls it when it starts.
///
/// # Errors
/// If the database fails. Call it again: what is missing is still on record.
pub(crate) async fn complete_search_index(app: &App) -> Result<(), TransferError> {
    if app.store.read().await?.needs_search_rebuild().await? {
        index(app).await?;
        let mut tx = app.store.write().await?;
        tx.finish_search_rebuild().await?;
        tx.commit().await?;
        tracing::info!("search index completed after an import");
    }
    Ok(())
}

/// Fails if the archive has other tables or columns than the database.
fn check_columns(manifest: &Manifest, tables: &[Table]) -> Result<(), TransferError> {
    for table in tables {
        let Some(archived) = manifest.tables.get(table.name) else {
            return Err(TransferError::Tables(format!("it has no table {}", table.name)));
        };
        if archived.columns != table.column_names() {
            return Err(TransferError::Tables(format!(
                "its table {} has other columns",
                table.name
            )));
        }
    }
    let other = manifest
        .tables
        .keys()
        .find(|name| tables.iter().all(|table| table.name != *name));
    other.map_or(Ok(()), |name| {
        Err(TransferError::Tables(format!("it has the table {name}")))
    })
}

/// Writes the rows of one table, and returns how many there are.
async fn write_rows(tx: &mut Tx, table: &Table, mut lines: impl BufRead) -> Result<u64, TransferError> {
    let (mut count, mut bytes) = (0, 0);
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        (&mut lines).take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
        let is_end = line.is_empty();
        if !is_end {
            count += 1;
            bytes += line.len();
            rows.push(serde_json::from_slice(&line).map_err(|_| TransferError::Row {
                place: format!("line {count} of {}", table.name),
            })?);
        }
        if is_end || rows.len() == ROWS_PER_WRITE || bytes >= BYTES_PER_WRITE {
            let before = count - rows.len() as u64;
            let written = tx.import_rows(table, std::mem::take(&mut rows)).await;
            written.map_err(|unwritten| unwritten_row(table, before, count, unwritten))?;
            bytes = 0;
        }
        if is_end {
            return Ok(count);
        }
    }
}

/// Names the line that was not written, which is one of those after `before` up to `last`.
fn unwritten_row(table: &Table, before: u64, last: u64, unwritten: UnwrittenRow) -> TransferError {
    let place = match unwritten.index {
        Some(index) => format!("line {} of {}", before + 1 + index as u64, table.name),
        None => format!("one of the lines {} to {last} of {}", before + 1, table.name),
    };
    match unwritten.refusal {
        Some(refusal) => TransferError::Refused { place, refusal },
        None => TransferError::Row { place },
    }
}

/// Builds the index of the site's search, which is stored differently in the two kinds of databases.
async fn index(app: &App) -> Result<(), TransferError> {
    let mut after = None;
    loop {
        let mut tx = app.store.write().await?;
        after = tx.index_articles_after(after).await?;
        tx.commit().await?;
        if after.is_none() {
            break;
        }
    }
    let issues = app.store.read().await?.subjects_of_started_issues().await?;
    for (id, subject) in issues {
        let mut tx = app.store.write().await?;
        if let Some(words) = issue_words(&mut tx, app, id, &subject).await? {
            tx.put_search_document(SearchSubject::Issue(id), &words).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::article_input::{ArticleInput, Body};
    use crate::ingest::editorial::{Submission, submit};
    use crate::text::search::SearchQuery;

    #[tokio::test]
    async fn an_index_that_an_import_left_incomplete_is_completed() {
        let folder = tempfile::tempdir().expect("a scratch folder can be made");
        let mut config = Config::default();
        let path = folder.path().join("test.db");
        config.database.url = format!("sqlite:{}", path.display()).parse().expect("an address");
        let app = Box::pin(App::open(config, Clock::System, Rng::System))
            .await
            .expect("it opens");
        let submission = Submission {
            input: ArticleInput {
                title: "Lighthouse".to_owned(),
                body: Body::Markdown("It shines again.".to_owned()),
                ..ArticleInput::default()
            },
            ..Submission::default()
        };
        let submitted = Box::pin(submit(&app, &submission))
            .await
            .expect("the article is stored");
        let mut tx = app.store.write().await.expect("a transaction begins");
        let article = SearchSubject::Article(submitted.article.id);
        tx.remove_search_document(article).await.expect("its words are removed");
        tx.request_search_rebuild(app.clock.now()).await.expect("it is noted");
        tx.commit().await.expect("it is stored");
        complete_search_index(&app).await.expect("the index is built");
        let mut tx = app.store.read().await.expect("a transaction begins");
        assert!(!tx.needs_search_rebuild().await.expect("it is read"));
        let query = SearchQuery::parse("lighthouse").expect("it is a query");
        assert_eq!(tx.search(&query, 10).await.expect("it is searched"), [article]);
        drop(tx);
        app.store.close().await;
    }
}
