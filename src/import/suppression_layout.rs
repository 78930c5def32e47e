//! Where a list of suppressions has its values: addresses or their hashes, reasons, times and evidence.

use std::io::Read;

use data_encoding::HEXLOWER_PERMISSIVE;
use encoding_rs::Encoding;

use super::columns::Columns;
use super::decision::suppression_reason;
use super::encoding::legacy_encoding;
use super::examination::open;
use super::import_error::ImportError;
use super::input::Input;
use super::read_row::address;
use super::reported_status::interpret_status;
use super::table::Table;
use super::word_list::{WordList, fold};
use crate::app::App;
use crate::bounce::read::codes;
use crate::domain::states::SuppressionReason;
use crate::domain::tokens::Keys;

/// The columns of our own export. A row has no address if its subscriber was erased or never existed; then the hash names it.
pub(crate) const HASH_COLUMNS: [&str; 6] = ["address", "address_hash", "hash_key", "reason", "since", "evidence"];
const ADDRESS_HASH: &str = "addresshash";
const HASH_KEY: &str = "hashkey";
const EVIDENCE: &str = "evidence";
/// Columns with the reason as a word, the most certain first.
const REASON: WordList = WordList("reason suppressionreason recordtype event bouncetype type status state category");
/// Columns with the time of the suppression, the most certain first.
const SINCE: WordList = WordList("since suppressedat cleantime bouncedat complainedat unsubtime unsubscribedat");
/// Columns with a time that may be another one, such as that of the sign-up. They count only in a file without one of [`SINCE`].
const POSSIBLY_SINCE: WordList =
    WordList("createdat created date time timestamp lastupdatetime updatedat changedat lastchanged");
/// Columns whose text is evidence.
const DETAILS: WordList = WordList(
    "reason suppressionreason error code status description details diagnosticcode bouncetype bouncesubtype type origin source event \
     response smtpreply cleancampaigntitle unsubcampaigntitle unsubreason unsubreasonother",
);
/// The longest cell that can be a reason. Longer ones are replies of servers.
const MAX_WORD_BYTES: usize = 40;
/// A cell that begins with one of these is a formula to a spreadsheet program.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Identifies the key of the address hashes. A hash of another installation cannot be compared with ours.
pub(crate) fn hash_key(keys: &Keys) -> String {
    data_encoding::HEXLOWER.encode(&keys.limit_key("suppression export", &[]))
}

/// How the cells of our own export are written: a cell that a spreadsheet program would take for a formula begins with an apostrophe.
pub(crate) struct Cells;

impl Cells {
    /// The cell as it is written.
    pub(crate) fn guarded(cell: &str) -> String {
        let needs_guard = cell.starts_with(FORMULA_STARTS) || cell.starts_with('\'');
        if needs_guard {
            format!("'{cell}")
        } else {
            cell.to_owned()
        }
    }

    /// The cell that [`Self::guarded`] wrote.
    fn unguarded(cell: &str) -> &str {
        match cell.strip_prefix('\'') {
            Some(rest) if rest.starts_with(FORMULA_STARTS) || rest.starts_with('\'') => rest,
            _ => cell,
        }
    }
}

/// Where in a row the values are.
pub(super) struct Layout {
    encoding: Option<&'static Encoding>,
    pub(super) columns: Columns,
    pub(super) names: Vec<String>,
    /// Whether the first line is a row and names no columns.
    has_no_header: bool,
    /// Whether this program wrote the file.
    pub(super) is_own: bool,
    hash: Option<usize>,
    hash_key: Option<usize>,
    our_hash_key: String,
    reason: Option<usize>,
    /// The columns with the time of the suppression, the most certain first. In an export of all readers a row has one of them.
    since: Vec<usize>,
    pub(super) evidence: Option<usize>,
}

impl Layout {
    /// First pass: finds the columns by their names, and lets their content decide where the names do not.
    pub(super) fn find(file: &mut impl Input, app: &App) -> Result<Self, ImportError> {
        let encoding = legacy_encoding(&mut *file)?;
        file.restart()?;
        let mut table = open(file, encoding)?;
        let address_cell = table.header.iter().position(|cell| address(cell).is_ok());
        let names: Vec<String> = match address_cell {
            Some(index) => (0..table.header.len())
                .map(|column| {
                    if column == index {
                        "email".to_owned()
                    } else {
                        format!("column {}", column + 1)
                    }
                })
                .collect(),
            None => table.header.clone(),
        };
        let mut columns = Columns::find(&names, &[], &[])?;
        table.set_address_column(columns.address);
        if address_cell.is_some() {
            table.read_header_as_row();
        }
        while let Some(row) = table.next()? {
            if let Ok(fields) = &row.fields {
                columns.sample(row.line, fields);
            }
        }
        columns.decide_roles();
        let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
        let position = |name: &str| folded.iter().position(|folded| folded == name);
        let all_of = |list: &WordList| {
            let known = folded.iter().enumerate();
            let mut known: Vec<_> = known
                .filter_map(|(index, name)| Some((list.position(name)?, index)))
                .collect();
            known.sort_unstable();
            known.into_iter().map(|(_, index)| index).collect::<Vec<_>>()
        };
        let mut since = all_of(&SINCE);
        if since.is_empty() {
            since.extend(all_of(&POSSIBLY_SINCE).first());
        }
        Ok(Self {
            encoding,
            has_no_header: address_cell.is_some(),
            is_own: position(HASH_KEY).is_some() && position(ADDRESS_HASH).is_some(),
            hash: position(ADDRESS_HASH),
            hash_key: position(HASH_KEY),
            our_hash_key: hash_key(&app.keys),
            reason: all_of(&REASON).first().copied(),
            since,
            evidence: position(EVIDENCE),
            columns,
            names,
        })
    }

    pub(super) fn open<R: Read>(&self, csv: R) -> Result<Table<R>, ImportError> {
        let mut table = open(csv, self.encoding)?;
        table.set_address_column(self.columns.address);
        if self.has_no_header {
            table.read_header_as_row();
        }
        Ok(table)
    }

    pub(super) fn cell<'a>(&self, fields: &'a [String], index: Option<usize>) -> &'a str {
        let cell = index.map_or("", |index| fields[index].as_str());
        if self.is_own { Cells::unguarded(cell) } else { cell }
    }

    /// The name and the content of the cell with the time of the suppression; `None` if the row has none.
    pub(super) fn since<'a>(&'a self, fields: &'a [String]) -> Option<(&'a str, &'a str)> {
        let cells = self
            .since
            .iter()
            .map(|index| (self.names[*index].as_str(), self.cell(fields, Some(*index))));
        cells.into_iter().find(|(_, cell)| !cell.is_empty())
    }

    /// The keyed hash of the row's address, or why there is none.
    pub(super) fn hash(&self, app: &App, fields: &[String]) -> Result<[u8; 32], String> {
        let cell = self.cell(fields, Some(self.columns.address));
        let hash = self.cell(fields, self.hash);
        if !cell.is_empty() || hash.is_empty() {
            let (address, _) = address(cell)?;
            return Ok(app.keys.address_hash(address.key()));
        }
        if self.cell(fields, self.hash_key) != self.our_hash_key {
            return Err(
                "it has no address, and its hash was made by another installation, which this one cannot compare; import it \
                 there, or give the address"
                    .to_owned(),
            );
        }
        let decoded = HEXLOWER_PERMISSIVE.decode(hash.as_bytes()).ok();
        decoded.and_then(|decoded| decoded.try_into().ok()).ok_or_else(|| {
            "its address_hash is not 64 hexadecimal digits, as `daywire suppression export` writes it".to_owned()
        })
    }

    /// The reason that the row names; `None` if it names none.
    pub(super) fn reason(&self, fields: &[String]) -> Option<SuppressionReason> {
        let named = self.cell(fields, self.reason);
        if let Ok(own) = named.parse() {
            return Some(own);
        }
        // A server's reply may contain any word, such as "blocked as spam".
        let is_word = |cell: &&str| cell.len() <= MAX_WORD_BYTES && !cell.contains(|c: char| c.is_ascii_digit());
        let meaning = |cell: &str| suppression_reason(interpret_status(cell));
        let unnamed = fields.iter().map(String::as_str).filter(|_| self.has_no_header);
        let mut words = std::iter::once(named).chain(unnamed).filter(is_word);
        let by_column = || suppression_reason(self.columns.read(fields).status).filter(|_| !self.has_reply(fields));
        words.find_map(meaning).or_else(by_column)
    }

    /// Whether a cell of the row is a reply of a server.
    pub(super) fn has_reply(&self, fields: &[String]) -> bool {
        self.details(fields).any(|(_, cell)| {
            let (code, status) = codes(cell);
            code.is_some_and(|code| code >= 400) || status.is_some_and(|(class, ..)| class >= 4)
        })
    }

    pub(super) fn details<'a>(&'a self, fields: &'a [String]) -> impl Iterator<Item = (&'a str, &'a str)> {
        let cells = self.names.iter().zip(fields);
        cells
            .filter(|(name, cell)| (self.has_no_header || DETAILS.contains(&fold(name))) && !cell.is_empty())
            .filter(|(name, _)| **name != self.names[self.columns.address])
            .map(|(name, cell)| (name.as_str(), cell.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_looks_like_a_formula_is_written_as_text_and_read_back() {
        for cell in ["=1+1", "+49", "-x", "@a", "'=x", "''", "it's", "plain", ""] {
            let written = Cells::guarded(cell);
            assert!(!written.starts_with(FORMULA_STARTS), "{written}");
            assert_eq!(Cells::unguarded(&written), cell);
        }
    }
}
