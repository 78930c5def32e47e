//! Reads CSV files as other systems write them, with the line numbers that an editor shows.
//!
//! The `csv` crate reads a quote that is never closed as one field up to the end of the file, and so swallows every row
//! after it. This reader works line by line: it refuses the line that opened the quote and goes on with the next one.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use super::encoding::{PROBE_BYTES, Utf8};
use crate::domain::address::EmailAddress;

/// A quoted field may hold this many line breaks. With more, its quote counts as not closed.
const MAX_LINES_IN_A_FIELD: usize = 100;
/// The longest line that is read, in bytes. It bounds the memory that a file without line breaks can take.
const MAX_LINE_BYTES: usize = 1 << 20;

/// One row and the line it begins on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// 1-based line in the file.
    pub(super) line: u64,
    /// Its fields, trimmed, or why the line is not a row.
    pub(super) fields: Result<Vec<String>, RowFault>,
    /// What stands in the address column of a row that is refused, where the row has one.
    pub(super) address: Option<String>,
}

/// Why a line is not a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RowFault {
    #[error(
        "a quote is opened here and is not closed at the end of its field; close it, or double it if it belongs to the text"
    )]
    OpenQuote,
    #[error("it is not UTF-8; save the file as UTF-8")]
    NotUtf8,
    #[error("it is longer than 1 MiB; is this file a CSV?")]
    TooLong,
    #[error("it has {found} fields and the header has {expected}; a field that contains the separator needs quotes")]
    FieldCount { found: usize, expected: usize },
}

/// A table that is read row by row.
pub(super) struct Table<R> {
    lines: Lines<R>,
    separator: u8,
    /// The names of the columns, as written.
    pub(super) header: Vec<String>,
    /// The index of the address column, once it is known.
    address: Option<usize>,
}

impl<R: Read> Table<R> {
    /// Reads the header. Returns `None` for a file without any row.
    pub(super) fn open(input: R) -> io::Result<Option<Self>> {
        let mut lines = Lines::open(input)?;
        let mut separator = None;
        let (line, first) = loop {
            let Some((line, text)) = lines.next()? else {
                return Ok(None);
            };
            // Excel takes the separator from such a line, and some systems write it.
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

    /// Lines read so far.
    pub(super) fn lines_read(&self) -> u64 {
        self.lines.number
    }

    /// The next row; blank lines and lines of separators are not rows.
    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
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

    /// The next record, of one line or, with quotes, of several.
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
        let mut taken: Vec<(u64, Vec<u8>)> = Vec::new();
        let fields = loop {
            match split(&text, self.separator) {
                Split::Fields(fields) if swallowed_a_row(&fields, self.separator) => break Err(RowFault::OpenQuote),
                Split::Fields(fields) => break decoded(fields),
                Split::StrayQuote => break Err(RowFault::OpenQuote),
                Split::OpenQuote => {}
            }
            let next = if taken.len() < MAX_LINES_IN_A_FIELD {
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
            taken.push(next);
            if is_too_long {
                break Err(RowFault::OpenQuote);
            }
        };
        if fields == Err(RowFault::OpenQuote) {
            // The following lines are rows of their own.
            for (line, text) in taken.into_iter().rev() {
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

/// Whether a field with line breaks holds an address between separators or line ends: most likely the rest of another row,
/// swallowed by a quote that is not closed.
fn swallowed_a_row(fields: &[Vec<u8>], separator: u8) -> bool {
    let mut parts = fields
        .iter()
        .filter(|field| field.contains(&b'\n'))
        .flat_map(|field| field.split(move |byte| *byte == separator || *byte == b'\n'));
    parts.any(|part| EmailAddress::parse(String::from_utf8_lossy(part).trim().trim_matches('"')).is_ok())
}

/// What a line is made of.
enum Split {
    Fields(Vec<Vec<u8>>),
    /// It ends inside quotes.
    OpenQuote,
    /// Something follows a closing quote within the field.
    StrayQuote,
}

/// Splits a record at its separators ([RFC 4180 §2](https://www.rfc-editor.org/rfc/rfc4180#section-2)).
fn split(text: &[u8], separator: u8) -> Split {
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        while at < text.len() && text[at] == b' ' {
            at += 1;
        }
        let mut field = Vec::new();
        if text.get(at) == Some(&b'"') {
            at += 1;
            loop {
                match (text.get(at), text.get(at + 1)) {
                    (None, _) => return Split::OpenQuote,
                    (Some(b'"'), Some(b'"')) => {
                        field.push(b'"');
                        at += 2;
                    }
                    (Some(b'"'), _) => {
                        at += 1;
                        break;
                    }
                    (Some(byte), _) => {
                        field.push(*byte);
                        at += 1;
                    }
                }
            }
            while at < text.len() && text[at] != separator {
                if !text[at].is_ascii_whitespace() {
                    return Split::StrayQuote;
                }
                at += 1;
            }
        } else {
            let end = text[at..].iter().position(|byte| *byte == separator);
            let end = end.map_or(text.len(), |end| at + end);
            field.extend_from_slice(&text[at..end]);
            at = end;
        }
        fields.push(field);
        if at >= text.len() {
            return Split::Fields(fields);
        }
        at += 1;
    }
}

fn decoded(fields: Vec<Vec<u8>>) -> Result<Vec<String>, RowFault> {
    let decoded = fields.into_iter().map(|field| match String::from_utf8(field) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(_) => Err(RowFault::NotUtf8),
    });
    decoded.collect()
}

/// The most frequent separator in the header outside quotes; a comma if there is none.
fn likely_separator(header: &[u8]) -> u8 {
    let count = |separator: u8| {
        let mut quoted = false;
        let outside = header.iter().filter(|byte| {
            quoted ^= **byte == b'"';
            !quoted && **byte == separator
        });
        outside.count()
    };
    let candidates = [b'|', b'\t', b';', b','];
    let best = candidates.into_iter().max_by_key(|separator| count(*separator));
    best.filter(|best| count(*best) > 0).unwrap_or(b',')
}

/// The lines of a file, in UTF-8, without their ends, and with their numbers.
struct Lines<R> {
    input: BufReader<Utf8<R>>,
    /// What ends a line: CR alone in files of old systems, else LF with or without a CR before it.
    end: u8,
    number: u64,
    waiting: VecDeque<(u64, Vec<u8>)>,
}

impl<R: Read> Lines<R> {
    fn open(input: R) -> io::Result<Self> {
        let mut input = BufReader::with_capacity(PROBE_BYTES, Utf8::open(input)?);
        let probe = input.fill_buf()?;
        let end = if probe.contains(&b'\r') && !probe.contains(&b'\n') {
            b'\r'
        } else {
            b'\n'
        };
        Ok(Self {
            input,
            end,
            number: 0,
            waiting: VecDeque::new(),
        })
    }

    fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        // One byte more than allowed tells the caller that the line is too long; the rest of the line is skipped.
        let mut limited = (&mut self.input).take(MAX_LINE_BYTES as u64 + 2);
        if limited.read_until(self.end, &mut line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if line.last() == Some(&self.end) {
            line.pop();
            if self.end == b'\n' && line.last() == Some(&b'\r') {
                line.pop();
            }
        } else if line.len() > MAX_LINE_BYTES {
            self.input.skip_until(self.end)?;
        }
        Ok(Some((self.number, line)))
    }

    fn put_back(&mut self, number: u64, line: Vec<u8>) {
        self.waiting.push_front((number, line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines and fields; a fault stands as its text.
    fn rows(csv: &[u8]) -> Vec<(u64, String)> {
        let Some(mut table) = Table::open(csv).expect("the header is read") else {
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
    fn a_quote_that_is_not_closed_costs_its_own_line_only() {
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
        assert_eq!(
            rows(b"email,name\na@x.example,Zo\xeb\nb@x.example,B\n")[0],
            (2, "NotUtf8".to_owned())
        );
    }
}
