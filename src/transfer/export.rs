//! Writes everything that the database holds into an archive.

use std::collections::BTreeMap;
use std::io::{Seek, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{FORMAT, MANIFEST, Manifest, TableManifest, TransferError};
use crate::store::Store;

/// Writes the archive. It shows the database at one moment, also if other processes change it meanwhile.
///
/// # Errors
/// [`TransferError`], if the database fails or the archive cannot be written.
pub(crate) async fn export(store: &Store, archive: impl Write + Seek) -> Result<Manifest, TransferError> {
    // The time in the archive is that of the format's epoch, so that equal databases give equal archives.
    let options = SimpleFileOptions::default().large_file(true);
    let mut zip = ZipWriter::new(archive);
    let mut tx = store.read_snapshot().await?;
    if tx.is_expanded().await? {
        return Err(TransferError::NewerTables);
    }
    let mut tables = BTreeMap::new();
    for table in tx.tables_to_move().await? {
        zip.start_file(format!("{}.jsonl", table.name), options)?;
        let rows = tx
            .export_rows(&table, |row| {
                serde_json::to_writer(&mut zip, &row)?;
                zip.write_all(b"\n")
            })
            .await?;
        let columns = table.column_names().into_iter().map(str::to_owned).collect();
        tables.insert(table.name.to_owned(), TableManifest { columns, rows });
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        tables,
    };
    zip.start_file(MANIFEST, options)?;
    serde_json::to_writer_pretty(&mut zip, &manifest).map_err(std::io::Error::from)?;
    zip.finish()?;
    Ok(manifest)
}
