//! Puts a backup into an empty database, and stops what was under way when it was made.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::new_file::{NewFile, SQLITE_SUFFIXES, with_suffix};
use super::{BackupError, Content, Programs};
use crate::clock::{Clock, Rng};
use crate::config::{Config, DatabaseUrl};
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::AuditEntryId;
use crate::store::audit_log::AuditEntry;
use crate::store::restored::Stopped;
use crate::store::{
    DatabaseLocation, MIGRATIONS, Store, StoreOptions, Tx, folder_of, give_to_owner_of_folder, make_private_folder,
};

/// The time limit of one statement. Some change every open delivery.
const STATEMENT_TIMEOUT: Duration = Duration::from_hours(2);

#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) content: Content,
    pub(crate) stopped: Stopped,
}

/// Restores a backup into the database of the settings, which must be empty. If something fails, no program can use the database.
///
/// # Errors
/// [`BackupError`]; its message says what to do.
pub(crate) async fn restore(
    config: &Config,
    file: &Path,
    programs: &Programs,
    actor: &Actor,
) -> Result<Restored, BackupError> {
    let content = Content::of(file, programs).await?;
    content.require_usable(file, &config.database.url)?;
    let options = StoreOptions {
        statement_timeout: STATEMENT_TIMEOUT,
        ..config.database.store_options()
    };
    let place = config.database.url.to_string();
    let stopped = match &config.database.url {
        DatabaseUrl::Sqlite(database) => into_file(&content, file, database, options, actor).await?,
        DatabaseUrl::Postgres { hosts, .. } => {
            let store = Store::open(&options).await?;
            let mut tx = store.read().await?;
            let schema = tx.schema().await?.ok_or(BackupError::NoSchema)?;
            if content.schema.as_ref() != Some(&schema) {
                return Err(BackupError::OtherSchema {
                    found: content.schema.unwrap_or_default(),
                    expected: schema,
                });
            }
            if let Some(table) = tx.first_table().await? {
                let found = format!("its schema {schema} has the table {table}");
                return Err(BackupError::NotEmpty { place, found });
            }
            drop(tx);
            programs.restore(hosts, file).await?;
            let mut tx = store.write().await?;
            for record in &content.migrations {
                tx.add_migration_record(record).await?;
            }
            let stopped = complete(&mut tx, &content, file, actor).await?;
            tx.commit().await?;
            store.close().await;
            stopped
        }
    };
    Ok(Restored { content, stopped })
}

/// Restores beside the file of the database. It gets its name when nothing more is to be done.
async fn into_file(
    content: &Content,
    file: &Path,
    database: &Path,
    options: StoreOptions,
    actor: &Actor,
) -> Result<Stopped, BackupError> {
    require_empty(database)?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| BackupError::Io { path, source }
    };
    make_private_folder(folder_of(database)).map_err(failed(folder_of(database)))?;
    let part = NewFile::beside(database)?;
    let mut from = File::open(file).map_err(failed(file))?;
    let mut to = File::options()
        .write(true)
        .open(part.path())
        .map_err(failed(part.path()))?;
    give_to_owner_of_folder(&to, database).map_err(failed(part.path()))?;
    std::io::copy(&mut from, &mut to).map_err(failed(part.path()))?;
    drop(to);
    let store = Store::open_existing(&StoreOptions {
        location: DatabaseLocation::Sqlite(part.path().to_owned()),
        ..options
    })
    .await?;
    let mut tx = store.write().await?;
    let stopped = complete(&mut tx, content, file, actor).await?;
    tx.commit().await?;
    // The last connection copies the write-ahead log into the file.
    store.close().await;
    Content::of(part.path(), &Programs::default()).await?;
    part.finish(require_empty)?;
    Ok(stopped)
}

/// Compares the rows with those of the backup, brings the tables up to date, and stops what was under way.
async fn complete(tx: &mut Tx, content: &Content, file: &Path, actor: &Actor) -> Result<Stopped, BackupError> {
    for (table, expected) in &content.rows {
        let found = tx.count_rows(table).await?;
        if found != *expected {
            return Err(BackupError::Count {
                table: table.clone(),
                found,
                expected: *expected,
            });
        }
    }
    tx.migrate(MIGRATIONS).await?;
    let now = Clock::System.now();
    let reason = format!(
        "restored from a backup on {}; may have been sent since the backup",
        now.format("%Y-%m-%d %H:%M UTC")
    );
    let stopped = tx.stop_everything(&reason, now).await?;
    tx.add_audit_entry(&AuditEntry {
        id: AuditEntryId(Rng::System.uuid(now)),
        at: now,
        operator_id: actor.operator_id,
        actor: actor.name.clone(),
        way: actor.way,
        action: AuditAction::DatabaseRestored,
        object_kind: AuditAction::DatabaseRestored.object_kind().to_owned(),
        object_name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        old_values: None,
        new_values: Some(json!(stopped).to_string()),
    })
    .await?;
    Ok(stopped)
}

/// Fails unless the file of the database does not exist or is empty. A write-ahead log that an earlier database left would be applied to
/// the restored one.
fn require_empty(database: &Path) -> Result<(), BackupError> {
    let not_empty = |path: &Path| {
        let found = format!("{} has content", path.display());
        let place = format!("sqlite:{}", database.display());
        Err(BackupError::NotEmpty { place, found })
    };
    let has_content = |path: &Path| path.symlink_metadata().is_ok_and(|file| file.len() > 0);
    if has_content(database) {
        return not_empty(database);
    }
    match SQLITE_SUFFIXES
        .map(|suffix| with_suffix(database, suffix))
        .iter()
        .find(|path| has_content(path))
    {
        Some(beside) => not_empty(beside),
        None => Ok(()),
    }
}
