//! Writes a backup while the service runs.

use std::path::Path;

use super::new_file::NewFile;
use super::{BackupError, Content, Programs};
use crate::config::{Config, DatabaseUrl};
use crate::store::{Store, StoreError};

/// Writes the database as it is at one moment into a file that does not exist, and reads it again to check it. The file is private to the
/// user of this process. If something fails, there is no file.
///
/// # Errors
/// [`BackupError`]; its message says what to do.
pub(crate) async fn create(config: &Config, file: &Path, programs: &Programs) -> Result<Content, BackupError> {
    require_new(file)?;
    let store = Store::open_existing(&config.database.store_options()).await?;
    let mut tx = store.read().await?;
    // A backup before an upgrade, or of tables that a newer program has expanded, is a good one.
    if !tx.has_migrations().await? {
        return Err(StoreError::NotSetUp.into());
    }
    let part = NewFile::beside(file)?;
    match &config.database.url {
        DatabaseUrl::Sqlite(_) => {
            drop(tx);
            store.copy_into(part.text()?).await?;
        }
        DatabaseUrl::Postgres { hosts, .. } => {
            let schema = tx.schema().await?.ok_or(BackupError::NoSchema)?;
            drop(tx);
            programs.dump(hosts, &schema, part.path()).await?;
        }
    }
    store.close().await;
    let content = Content::of(part.path(), programs).await?;
    part.finish(require_new)?;
    Ok(content)
}

fn require_new(file: &Path) -> Result<(), BackupError> {
    match file.symlink_metadata() {
        Ok(_) => Err(BackupError::Exists(file.to_owned())),
        Err(_) => Ok(()),
    }
}
