//! Files beside the database that an installation needs after a restore.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::config::{Config, DatabaseUrl, Origin};

/// The settings file, and the files and folders that the settings name: keys, passwords, templates, pictures. Only those that exist, sorted.
/// A backup does not contain them.
pub(crate) fn local_files(config: &Config) -> Vec<PathBuf> {
    let mut files = BTreeSet::new();
    for setting in &config.in_force {
        if let Origin::File(settings) = &setting.origin {
            files.insert(settings.clone());
        }
        files.extend(setting.file());
    }
    if let DatabaseUrl::Sqlite(database) = &config.database.url {
        files.remove(database);
    }
    let existing = files.into_iter().filter(|file| file.exists());
    existing
        .map(|file| std::path::absolute(&file).unwrap_or(file))
        .collect()
}
