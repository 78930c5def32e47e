//! Shortens the texts of an XML document while it is read: a parser keeps each text in memory as a whole.

use std::io::{self, BufRead, Read};

/// How much is read at once.
const CHUNK_BYTES: usize = 64 << 10;
const CDATA: &[u8] = b"![CDATA[";

/// The part of the document at which the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Text,
    Tag,
    /// A section whose end is `]]>`.
    Cdata,
    /// A comment, whose end is `-->`.
    Comment,
}

/// The document, with at most `max_bytes` and one byte of each text, CDATA section, tag and comment. The byte more shows a parser that
/// the text was too long.
pub(super) struct ShortTexts<R> {
    input: R,
    max_bytes: usize,
    part: Part,
    /// How many bytes of the part were read.
    length: usize,
    /// The first bytes of a tag, which distinguish a CDATA section and a comment.
    beginning: Vec<u8>,
    /// The last two bytes, which may be the beginning of an end.
    last: [u8; 2],
    read: Vec<u8>,
    /// How much of `shortened` was passed on.
    passed: usize,
    shortened: Vec<u8>,
}

impl<R: Read> ShortTexts<R> {
    pub(super) fn new(input: R, max_bytes: usize) -> Self {
        Self {
            input,
            max_bytes,
            part: Part::Text,
            length: 0,
            beginning: Vec::new(),
            last: [0; 2],
            read: vec![0; CHUNK_BYTES],
            passed: 0,
            shortened: Vec::new(),
        }
    }

    fn begin(&mut self, part: Part) {
        self.part = part;
        self.length = 0;
        self.beginning.clear();
        self.last = [0; 2];
    }

    fn add(&mut self, byte: u8) {
        let is_end = byte == b'>'
            && match self.part {
                Part::Text => false,
                Part::Tag => true,
                Part::Cdata => self.last == *b"]]",
                Part::Comment => self.last == *b"--",
            };
        self.length += 1;
        if is_end {
            if self.part != Part::Tag {
                // The two bytes before this one belong to the end, and may be beyond the limit.
                let left_out = self.length.saturating_sub(self.max_bytes + 2).min(self.last.len());
                self.shortened.extend(&self.last[self.last.len() - left_out..]);
            }
            self.shortened.push(byte);
            self.begin(Part::Text);
            return;
        }
        if self.part == Part::Text && byte == b'<' {
            self.shortened.push(byte);
            self.begin(Part::Tag);
            return;
        }
        if self.length <= self.max_bytes + 1 {
            self.shortened.push(byte);
        }
        self.last = [self.last[1], byte];
        if self.part == Part::Tag && self.beginning.len() < CDATA.len() {
            self.beginning.push(byte);
            match self.beginning.as_slice() {
                CDATA => self.begin(Part::Cdata),
                b"!--" => self.begin(Part::Comment),
                _ => {}
            }
        }
    }
}

impl<R: Read> BufRead for ShortTexts<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.passed == self.shortened.len() {
            self.passed = 0;
            self.shortened.clear();
            let mut read = std::mem::take(&mut self.read);
            let count = self.input.read(&mut read);
            if let Ok(count) = count {
                read[..count].iter().for_each(|byte| self.add(*byte));
            }
            self.read = read;
            if count? == 0 {
                break;
            }
        }
        Ok(&self.shortened[self.passed..])
    }

    fn consume(&mut self, amount: usize) {
        self.passed += amount;
    }
}

impl<R: Read> Read for ShortTexts<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortened(document: &str) -> String {
        // Each read gives one byte, so every mark is cut at every place.
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let length = buffer.len().min(1);
                self.0.read(&mut buffer[..length])
            }
        }
        let mut short = String::new();
        ShortTexts::new(Slow(document.as_bytes()), 10)
            .read_to_string(&mut short)
            .expect("memory is readable");
        short
    }

    #[test]
    fn only_what_is_too_long_is_shortened() {
        let short = "<a b=\"c\">one &amp;</a><![CDATA[<b>1</b>]]><!-- c > d -->\n<d/>";
        assert_eq!(shortened(short), short);
        assert_eq!(shortened("<a>0123456789abcdef</a>"), "<a>0123456789a</a>");
        assert_eq!(
            shortened("<a><![CDATA[<p>0]]456<i>89abc]]]></a><b>c</b>"),
            "<a><![CDATA[<p>0]]456<i]]></a><b>c</b>"
        );
        assert_eq!(shortened("<!-- 123456 <b> --><c>d</c>"), "<!-- 123456 <b>--><c>d</c>");
    }
}
