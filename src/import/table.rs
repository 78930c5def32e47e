//! Reads CSV files as other systems write them, row by row.
//!
//! The `csv` crate reads a quote that is never closed as one field up to the end of the file, so every row after it is lost. This
//! reader works line by line: it refuses the line that opened the quote, and continues with the next line.

use std::io::{self, Read};

use encoding_rs::Encoding;

use super::csv_lines::{CsvLines, MAX_LINE_BYTES};
use super::csv_record::{Split, contains_another_row, likely_separator, split};

/// A quoted field may hold this many line breaks. With more, its quote counts as not closed.
const MAX_LINES_IN_A_FIELD: usize = 100;

/// One row of the file, which may span several lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The 1-based number of its first line.
    pub(super) line: u64,
    /// Its fields without surrounding blanks, or why the line is not a row.
    pub(super) fields: Result<Vec<String>, RowFault>,
    /// The text in the address column of a row with a wrong number of fields, if it has that column.
    pub(super) address: Option<String>,
}

/// Why a line is not a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RowFault {
    #[error(
        "a quote is opened here and is not closed at the end of its field; close it, or double it if it belongs to the text"
    )]
    OpenQuote,
    #[error("it is not UTF-8, and other lines are; save the file as UTF-8")]
    NotUtf8,
    #[error("it contains a NUL character, which no text has; remove it, or export the file again")]
    Nul,
    #[error("it is longer than 1 MiB; is this file a CSV?")]
    TooLong,
    #[error("it has {found} fields and the header has {expected}; a field that contains the separator needs quotes")]
    FieldCount { found: usize, expected: usize },
}

/// A table that is read row by row.
pub(super) struct Table<R> {
    lines: CsvLines<R>,
    separator: u8,
    /// The names of the columns, as written.
    pub(super) header: Vec<String>,
    /// The 1-based number of the header's first line.
    header_line: u64,
    /// A row to return before those that follow.
    pending: Option<Row>,
    /// The index of the address column, once it is known.
    address: Option<usize>,
}

impl<R: Read> Table<R> {
    /// Reads the header. Returns `None` for a file without any row. `legacy` is the encoding if it is neither UTF-8 nor UTF-16.
    pub(super) fn open(input: R, legacy: Option<&'static Encoding>) -> io::Result<Option<Self>> {
        let mut lines = CsvLines::open(input, legacy)?;
        let mut separator = None;
        let (line, first) = loop {
            let Some((line, text)) = lines.next()? else {
                return Ok(None);
            };
            // Some systems write this line for Excel, which takes the separator from it.
            if let Some(named) = text.strip_prefix(b"sep=").and_then(|rest| rest.first())
                && separator.is_none()
            {
                separator = Some(*named);
                continue;
            }
            if !text.trim_ascii().is_empty() {
                break (line, text);
            }
        };
        let separator = separator.unwrap_or_else(|| likely_separator(&first));
        lines.put_back(line, first);
        let mut table = Self {
            lines,
            separator,
            header: Vec::new(),
            header_line: line,
            pending: None,
            address: None,
        };
        let header = match table.record()? {
            Some(Row { fields: Ok(fields), .. }) => fields,
            Some(Row {
                line,
                fields: Err(fault),
                ..
            }) => {
                return Err(io::Error::other(format!(
                    "line {line}, which names the columns: {fault}"
                )));
            }
            None => return Ok(None),
        };
        // Such as a database or an archive. Its columns would be named in the error.
        if header
            .iter()
            .any(|name| name.contains(|c: char| c.is_control() && !c.is_whitespace()))
        {
            return Err(io::Error::other(format!(
                "line {line} has control characters, so this file is not a CSV file or a list of addresses; give the file that the \
                 other system exported"
            )));
        }
        table.header = header;
        // A comma after the last name is not a column.
        while table.header.last().is_some_and(String::is_empty) && table.header.len() > 1 {
            table.header.pop();
        }
        Ok(Some(table))
    }

    /// Sets the column of addresses, so that a refused row can be named by its address.
    pub(super) fn set_address_column(&mut self, index: usize) {
        self.address = Some(index);
    }

    /// Makes [`Self::next`] return the first line as a row: the file has no line that names the columns.
    pub(super) fn read_header_as_row(&mut self) {
        self.pending = Some(Row {
            line: self.header_line,
            fields: Ok(self.header.clone()),
            address: None,
        });
    }

    pub(super) fn lines_read(&self) -> u64 {
        self.lines.lines_read()
    }

    /// The next rows, at most `limit`; none at the end.
    pub(super) fn next_rows(&mut self, limit: usize) -> io::Result<Vec<Row>> {
        let mut rows = Vec::with_capacity(limit);
        while rows.len() < limit {
            let Some(row) = self.next()? else { break };
            rows.push(row);
        }
        Ok(rows)
    }

    /// The next row. Blank lines and lines of separators only are not rows.
    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        if let Some(row) = self.pending.take() {
            return Ok(Some(row));
        }
        loop {
            let Some(mut row) = self.record()? else { return Ok(None) };
            if let Ok(fields) = &mut row.fields {
                if fields.iter().all(String::is_empty) {
                    continue;
                }
                let expected = self.header.len();
                while fields.len() > expected && fields.last().is_some_and(String::is_empty) {
                    fields.pop();
                }
                if fields.len() != expected {
                    row.address = self.address.and_then(|index| fields.get(index)).cloned();
                    row.fields = Err(RowFault::FieldCount {
                        found: fields.len(),
                        expected,
                    });
                }
            }
            return Ok(Some(row));
        }
    }

    /// The next record: one line, or several if a quoted field contains line breaks.
    fn record(&mut self) -> io::Result<Option<Row>> {
        let Some((line, mut text)) = self.lines.next()? else {
            return Ok(None);
        };
        if text.len() > MAX_LINE_BYTES {
            return Ok(Some(Row {
                line,
                fields: Err(RowFault::TooLong),
                address: None,
            }));
        }
        let mut following: Vec<(u64, Vec<u8>)> = Vec::new();
        let fields = loop {
            match split(&text, self.separator) {
                Split::Fields(fields) if contains_another_row(&fields, self.separator) => {
                    break Err(RowFault::OpenQuote);
                }
                Split::Fields(fields) => break decoded(fields),
                Split::StrayQuote => break Err(RowFault::OpenQuote),
                Split::OpenQuote => {}
            }
            let next = if following.len() < MAX_LINES_IN_A_FIELD {
                self.lines.next()?
            } else {
                None
            };
            let Some(next) = next else {
                break Err(RowFault::OpenQuote);
            };
            let is_too_long = text.len() + next.1.len() > MAX_LINE_BYTES;
            text.push(b'\n');
            text.extend_from_slice(&next.1);
            following.push(next);
            if is_too_long {
                break Err(RowFault::OpenQuote);
            }
        };
        if fields == Err(RowFault::OpenQuote) {
            // The following lines are rows of their own.
            for (line, text) in following.into_iter().rev() {
                self.lines.put_back(line, text);
            }
        }
        Ok(Some(Row {
            line,
            fields,
            address: None,
        }))
    }
}

fn decoded(fields: Vec<Vec<u8>>) -> Result<Vec<String>, RowFault> {
    let decoded = fields.into_iter().map(|field| match String::from_utf8(field) {
        // PostgreSQL stores no NUL in text.
        Ok(text) if text.contains('\0') => Err(RowFault::Nul),
        Ok(text) if text.trim().len() == text.len() => Ok(text),
        Ok(text) => Ok(text.trim().to_owned()),
        Err(_) => Err(RowFault::NotUtf8),
    });
    decoded.collect()
}

#[cfg(test)]
mod tests {
    use super::super::encoding::legacy_encoding;
    use super::*;

    /// The lines and fields of all rows, or the fault instead of the fields.
    fn rows(csv: &[u8]) -> Vec<(u64, String)> {
        let encoding = legacy_encoding(csv).expect("memory is readable");
        let Some(mut table) = Table::open(csv, encoding).expect("the header is read") else {
            return Vec::new();
        };
        let address = table.header.iter().position(|name| name.eq_ignore_ascii_case("email"));
        table.set_address_column(address.expect("a column of addresses"));
        let mut rows = Vec::new();
        while let Some(row) = table.next().expect("memory is readable") {
            let text = row
                .fields
                .map_or_else(|fault| format!("{fault:?}"), |fields| fields.join("|"));
            rows.push((row.line, text));
        }
        rows
    }

    #[test]
    fn line_numbers_are_those_of_an_editor_for_every_line_end() {
        for end in ["\n", "\r\n", "\r"] {
            let csv = [
                "email,name",
                "a@x.example,A",
                "",
                "bad,B",
                "\"c@x.example\",\"two",
                "lines\"",
                "d@x.example,D",
            ]
            .join(end);
            let lines: Vec<_> = rows(csv.as_bytes()).into_iter().map(|row| row.0).collect();
            assert_eq!(lines, [2, 4, 5, 7], "{end:?}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_loses_only_its_own_line() {
        let cases: [&[u8]; 5] = [
            b"email,name\na@x.example,\"A\nb@x.example,B\nc@x.example,C\n",
            b"email,name\n\"a@x.example,A\nb@x.example,B\nc@x.example,C\n",
            // A later quote seems to close it.
            b"email,name\n\"a@x.example,A\nb@x.example,B\nc@x.example,\"C\"\n",
            b"email,name\na@x.example,\"A\" B\nb@x.example,B\nc@x.example,C\n",
            // The rows that it swallows are whole, and it is closed like a right one.
            b"email,name\na@x.example,\"A,unsubscribed\nb@x.example,B\nc@x.example,C\nx\"\n",
        ];
        for csv in cases {
            let good = [(3, "b@x.example|B".to_owned()), (4, "c@x.example|C".to_owned())];
            let rows = rows(csv);
            assert_eq!(rows[0], (2, "OpenQuote".to_owned()));
            assert_eq!(rows[1..3], good, "{}", String::from_utf8_lossy(csv));
        }
    }

    #[test]
    fn a_quoted_field_may_hold_separators_quotes_and_line_breaks() {
        let csv = b"email,note\na@x.example,\"one, \"\"two\"\"\nthree@home\"\n";
        assert_eq!(rows(csv), [(2, "a@x.example|one, \"two\"\nthree@home".to_owned())]);
    }

    #[test]
    fn a_row_of_another_length_than_the_header_is_refused() {
        let csv = b"email,name,unsubscribed\na@x.example,A,false\nb@x.example,Smith, Bob,true\nc@x.example,C\n,,\nd@x.example,D,false,,\n";
        assert_eq!(
            rows(csv),
            [
                (2, "a@x.example|A|false".to_owned()),
                (3, "FieldCount { found: 4, expected: 3 }".to_owned()),
                (4, "FieldCount { found: 2, expected: 3 }".to_owned()),
                (6, "d@x.example|D|false".to_owned()),
            ]
        );
    }

    #[test]
    fn every_usual_separator_and_encoding_is_read() {
        let expected = [(2, "a@x.example|Zoë".to_owned())];
        let texts = [
            "email,name\na@x.example,Zoë\n",
            "email;name\na@x.example;Zoë\n",
            "email\tname\na@x.example\tZoë\n",
        ];
        for text in texts {
            assert_eq!(rows(text.as_bytes()), expected);
            let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
            assert_eq!(rows(&marked), expected);
            for mark in [&[][..], &[0xFF, 0xFE]] {
                let little: Vec<_> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                assert_eq!(rows(&[mark, &little].concat()), expected);
            }
            for mark in [&[][..], &[0xFE, 0xFF]] {
                let big: Vec<_> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
                assert_eq!(rows(&[mark, &big].concat()), expected);
            }
        }
        assert_eq!(rows(b"sep=;\r\nemail;name\r\na@x.example;\"Zo\xc3\xab\"\r\n")[0].0, 3);
        assert_eq!(rows(b"email,name\na@x.example,Zo\xeb\nb@x.example,B\n")[0], expected[0]);
        // Only one of the lines is not UTF-8.
        let damaged = b"email,name\na@x.example,Zo\xeb\nb@x.example,Zo\xc3\xab\n";
        assert_eq!(rows(damaged)[0], (2, "NotUtf8".to_owned()));
    }
}
