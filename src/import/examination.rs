//! The first pass over the files of an import: it finds the role of each column, and the addresses that no row may confirm. Only when
//! all files are examined, the first row is written.

use std::collections::HashMap;
use std::io::Read;

use encoding_rs::Encoding;

use super::columns::Columns;
use super::decision::Before;
use super::encoding::legacy_encoding;
use super::held_back::HeldBack;
use super::import_error::ImportError;
use super::input::Input;
use super::options::Options;
use super::read_row::address;
use super::reported_status::ReportedStatus;
use super::table::Table;
use crate::app::{App, on_blocking_pool};
use crate::domain::tokens::Keys;

/// A file that was examined, and whose columns are understood.
#[derive(Debug)]
pub struct Examined {
    pub(super) columns: Columns,
    pub(super) encoding: Option<&'static Encoding>,
}

/// What an import remembers of all rows of its files.
#[derive(Debug, Default)]
pub struct AllRows {
    /// What the rows before would have changed in a dry run, by the address.
    pub(super) planned: HashMap<u64, Before>,
    /// The addresses that a row before or after does not report as confirmed.
    pub(super) held_back: HeldBack,
}

/// Examines one of the files of an import, and returns it. [`import_examined`](super::import_examined) comes after all were examined.
///
/// # Errors
/// [`ImportError`] if the columns are not understood, or a confirming import has no provenance.
pub async fn examine<I: Input>(
    app: &App,
    mut file: I,
    options: &Options,
    all_rows: &mut AllRows,
) -> Result<(Examined, I), ImportError> {
    if options.confirmed && options.provenance.as_deref().is_none_or(|text| text.trim().is_empty()) {
        return Err(ImportError::NoProvenance);
    }
    let (options, keys) = (options.clone(), app.keys.clone());
    let (found, mut file) = on_blocking_pool(move || (find_columns(&mut file, &options, &keys), file)).await;
    let (mut examined, held_back) = found?;
    file.restart()?;
    examined.columns.keeps_network_addresses = app.config.privacy.keep_network_addresses;
    all_rows.held_back.append(held_back);
    Ok((examined, file))
}

/// Opens a table. `encoding` is what [`legacy_encoding`] found.
pub(super) fn open<R: Read>(csv: R, encoding: Option<&'static Encoding>) -> Result<Table<R>, ImportError> {
    let table = Table::open(csv, encoding)?;
    table.ok_or_else(|| ImportError::Columns("the file is empty; its first line must name the columns".into()))
}

/// Finds the encoding and the role of each column. It stops an import that would confirm people whose consent is unclear.
fn find_columns(file: &mut impl Input, options: &Options, keys: &Keys) -> Result<(Examined, HeldBack), ImportError> {
    let encoding = legacy_encoding(&mut *file)?;
    file.restart()?;
    let mut table = open(&mut *file, encoding)?;
    let mut columns = Columns::find(&table.header, &options.ignored_columns, &options.rules)?;
    columns.set_file_name(&options.file);
    let mut held_back = HeldBack::default();
    while let Some(row) = table.next()? {
        if let Ok(fields) = &row.fields {
            columns.sample(row.line, fields);
            hold_back(&mut held_back, &columns, fields, keys);
        }
    }
    let decided = columns.decide_roles();
    if options.confirmed && !decided.unclear.is_empty() {
        return Err(ImportError::Unclear(decided.unclear));
    }
    if decided.has_more_statuses {
        // The content of a column shows only now that it is a status.
        file.restart()?;
        let mut table = open(&mut *file, encoding)?;
        while let Some(row) = table.next()? {
            if let Ok(fields) = &row.fields {
                hold_back(&mut held_back, &columns, fields, keys);
            }
        }
    }
    Ok((Examined { columns, encoding }, held_back))
}

fn hold_back(held_back: &mut HeldBack, columns: &Columns, fields: &[String], keys: &Keys) {
    let status = columns.reported_status(fields);
    if status > ReportedStatus::Active
        && let Ok((address, _)) = address(&fields[columns.address])
    {
        held_back.add(&keys.address_hash(address.key()), status);
    }
}
