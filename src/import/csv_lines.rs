//! Reads a file line by line, with the line numbers that an editor shows.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::Encoding;

use super::encoding::{PROBE_BYTES, Utf8};

/// The longest line that is read, in bytes. It bounds the memory that a file without line breaks can take.
pub(super) const MAX_LINE_BYTES: usize = 1 << 20;

/// The lines of a file, in UTF-8 and without their line ends.
pub(super) struct CsvLines<R> {
    input: BufReader<Utf8<R>>,
    /// The byte that ends a line: CR in files of old systems, else LF, which may follow a CR.
    end: u8,
    lines_read: u64,
    /// Lines that were put back, to be read again.
    put_back: VecDeque<(u64, Vec<u8>)>,
}

impl<R: Read> CsvLines<R> {
    /// `legacy` is the encoding if it is neither UTF-8 nor UTF-16.
    pub(super) fn open(input: R, legacy: Option<&'static Encoding>) -> io::Result<Self> {
        let mut input = BufReader::with_capacity(PROBE_BYTES, Utf8::open(input, legacy)?);
        let probe = input.fill_buf()?;
        let end = if probe.contains(&b'\r') && !probe.contains(&b'\n') {
            b'\r'
        } else {
            b'\n'
        };
        Ok(Self {
            input,
            end,
            lines_read: 0,
            put_back: VecDeque::new(),
        })
    }

    /// The next line, with its 1-based number. A line that is too long has more than [`MAX_LINE_BYTES`] bytes, and its rest is skipped.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        if let Some(line) = self.put_back.pop_front() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        // The longest allowed line has at most two bytes for its line end.
        let mut limited = (&mut self.input).take(MAX_LINE_BYTES as u64 + 2);
        if limited.read_until(self.end, &mut line)? == 0 {
            return Ok(None);
        }
        self.lines_read += 1;
        if line.last() == Some(&self.end) {
            line.pop();
            if self.end == b'\n' && line.last() == Some(&b'\r') {
                line.pop();
            }
        } else if line.len() > MAX_LINE_BYTES {
            self.input.skip_until(self.end)?;
        }
        Ok(Some((self.lines_read, line)))
    }

    /// Makes [`Self::next`] return this line again.
    pub(super) fn put_back(&mut self, number: u64, line: Vec<u8>) {
        self.put_back.push_front((number, line));
    }

    pub(super) fn lines_read(&self) -> u64 {
        self.lines_read
    }
}
