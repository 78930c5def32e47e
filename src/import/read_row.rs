//! Reads from the fields of a row who it is about and what the other system reports. This is most of an import's work outside the
//! database, so it runs on the blocking pool, for several parts of the file at once.

use super::columns::{Columns, ReportedSubscriber};
use super::table::Row;
use crate::domain::address::EmailAddress;
use crate::domain::tokens::Keys;
use crate::domain::topics::{Topics, normal_list};
use crate::store::signups::AddressHash;
use crate::text::html::clean_line;

/// A row of the file.
pub(super) struct ReadRow {
    pub(super) line: u64,
    pub(super) person: Result<Person, UnusableRow>,
}

/// The person whom a row is about.
pub(super) struct Person {
    pub(super) address: EmailAddress,
    pub(super) hash: AddressHash,
    pub(super) reported: ReportedSubscriber,
    pub(super) topics: Topics,
}

/// Why a row cannot be used.
pub(super) struct UnusableRow {
    /// The address as written, if the row could be read.
    pub(super) address: Option<String>,
    pub(super) reason: String,
}

/// Reads the rows of one file.
pub(super) struct RowReader {
    pub(super) columns: Columns,
    pub(super) keys: Keys,
    /// The topics that tags may become, normalised; none if tags become no topics.
    pub(super) offered_topics: Vec<String>,
}

impl RowReader {
    pub(super) fn read(&self, rows: Vec<Row>) -> Vec<ReadRow> {
        rows.into_iter().map(|row| self.read_row(row)).collect()
    }

    fn read_row(&self, row: Row) -> ReadRow {
        ReadRow {
            line: row.line,
            person: row
                .fields
                .map_err(|fault| UnusableRow {
                    address: row.address,
                    reason: fault.to_string(),
                })
                .and_then(|fields| self.person(&fields)),
        }
    }

    fn person(&self, fields: &[String]) -> Result<Person, UnusableRow> {
        let cell = &fields[self.columns.address];
        let (address, name) = address(cell).map_err(|reason| UnusableRow {
            address: Some(cell.clone()),
            reason,
        })?;
        let mut reported = self.columns.read(fields);
        reported.name = reported
            .name
            .or(name)
            .map(|name| clean_line(&name))
            .filter(|name| !name.is_empty());
        let mut tags = normal_list(&reported.tags);
        // A topic that the newsletter does not offer would keep all its stories from the person.
        tags.retain(|tag| self.offered_topics.contains(tag));
        Ok(Person {
            topics: Topics::normalised(&tags),
            hash: self.keys.address_hash(address.key()),
            address,
            reported,
        })
    }
}

/// The address in a cell, which may also contain `Name <address>` or `mailto:address`, and the name next to it.
pub(super) fn address(cell: &str) -> Result<(EmailAddress, Option<String>), String> {
    let cell = cell.trim();
    let (text, name) = match cell.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, text)) => (text.trim(), Some(name.trim().trim_matches('"').to_owned())),
        None => (cell, None),
    };
    let text = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &text[7..],
        _ => text,
    };
    let address = EmailAddress::parse(text).map_err(|error| error.to_string())?;
    Ok((address, name.filter(|name| !name.is_empty())))
}
