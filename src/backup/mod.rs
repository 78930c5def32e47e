//! Backups: `create` writes the database into a file while the service runs, and `restore` puts such a file into an empty database.
//!
//! On SQLite a backup is a database file, on PostgreSQL an archive of `pg_dump`. Each is read from beginning to end after it was written,
//! and again before it is restored. After a restore nothing is sent that the backup shows as waiting, because it may have been sent since
//! the backup was made (`src/store/restored.rs`).

mod content;
mod create;
mod error;
mod local_files;
mod new_file;
mod postgres;
mod restore;

pub(crate) use content::Content;
pub(crate) use create::create;
pub(crate) use error::BackupError;
pub(crate) use local_files::local_files;
pub(crate) use postgres::Programs;
pub(crate) use restore::{Restored, restore};

pub(crate) use crate::store::restored::Stopped;
