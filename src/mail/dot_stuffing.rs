//! Dot-stuffing and its removal, by which the end of a message is distinguished from its text
//! ([RFC 5321 §4.5.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.2)).

/// The dot-stuffed message with the final dot, as DATA carries it.
pub(super) fn stuff(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 64 + 5);
    for line in message.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !message.is_empty() && !message.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

/// Removes the dots that [`stuff`] added.
pub(super) fn unstuff(wire: &[u8]) -> Vec<u8> {
    let mut reader = DataReader::new(wire.len());
    reader.feed(wire);
    reader.into_bytes()
}

/// Whether the message contains a bare CR or LF ([RFC 5321 §2.3.8](https://www.rfc-editor.org/rfc/rfc5321#section-2.3.8)). Some servers
/// take it for a line end, and would execute commands in the text.
pub(super) fn has_bare_break(message: &[u8]) -> bool {
    let mut before = 0;
    for &byte in message {
        if (byte == b'\n') != (before == b'\r') {
            return true;
        }
        before = byte;
    }
    before == b'\r'
}

/// Reads the input after DATA up to CRLF dot CRLF, and removes the stuffing.
#[derive(Debug)]
pub(super) struct DataReader {
    state: State,
    limit: usize,
    line: usize,
    bytes: Vec<u8>,
    /// Whether the message exceeds the limit. The rest was read and discarded.
    pub(super) too_large: bool,
    /// Whether the message contains a bare CR or LF.
    pub(super) bare_break: bool,
    /// Whether a line is longer than 998 octets.
    pub(super) long_line: bool,
}

#[derive(Debug, Clone, Copy)]
enum State {
    LineStart,
    Dot,
    DotCr,
    Middle,
    Cr,
}

impl DataReader {
    /// Keeps at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        let state = State::LineStart;
        Self {
            state,
            limit,
            line: 0,
            bytes: Vec::new(),
            too_large: false,
            bare_break: false,
            long_line: false,
        }
    }

    /// Reads more input. Returns how many bytes belong to the message if it ends in `input`.
    pub(super) fn feed(&mut self, input: &[u8]) -> Option<usize> {
        for (at, &byte) in input.iter().enumerate() {
            self.state = match (self.state, byte) {
                (State::DotCr, b'\n') => return Some(at + 1),
                (State::LineStart, b'.') => State::Dot,
                (State::Dot, b'\r') => State::DotCr,
                (State::DotCr, _) => {
                    self.keep(b'\r');
                    self.state = State::Cr;
                    self.text(byte)
                }
                _ => self.text(byte),
            };
        }
        None
    }

    /// The message as it was before stuffing.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn text(&mut self, byte: u8) -> State {
        self.keep(byte);
        let after_cr = matches!(self.state, State::Cr);
        self.bare_break |= after_cr != (byte == b'\n');
        match byte {
            b'\n' if after_cr => {
                self.line = 0;
                State::LineStart
            }
            b'\r' => State::Cr,
            _ => {
                self.line += 1;
                self.long_line |= self.line > 998;
                State::Middle
            }
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.bytes.len() < self.limit {
            self.bytes.push(byte);
        } else {
            self.too_large = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(input: &[u8]) -> (Option<usize>, DataReader) {
        let mut reader = DataReader::new(1 << 20);
        let end = reader.feed(input);
        (end, reader)
    }

    #[test]
    fn only_crlf_dot_crlf_ends_the_message() {
        for smuggled in [
            "a\n.\nb",
            "a\r.\rb",
            "a\n.\r\nb",
            "a\r\n.\nb",
            "a\r\n.\rb",
            "a\r.\r\nb",
            "a\r\n\0.\r\nb",
        ] {
            let (end, reader) = read(smuggled.as_bytes());
            assert_eq!(end, None, "{smuggled:?}");
            assert_eq!(reader.bare_break, !smuggled.contains('\0'), "{smuggled:?}");
        }
        assert_eq!(read(b"a\r\n.\r\nQUIT\r\n").0, Some(6));
        assert_eq!(read(b".\r\n").0, Some(3));
    }

    #[test]
    fn input_over_the_limit_is_read_but_not_kept() {
        let mut reader = DataReader::new(10);
        assert_eq!(reader.feed(&stuff(&b"0123456789\r\n".repeat(50))), Some(603));
        assert!(reader.too_large);
        assert_eq!(reader.into_bytes().len(), 10);
    }

    #[test]
    fn a_line_may_have_998_octets_but_not_999() {
        assert!(!read(&stuff(&[b"x".repeat(998), b"\r\n".to_vec()].concat())).1.long_line);
        assert!(read(&stuff(&[b"x".repeat(999), b"\r\n".to_vec()].concat())).1.long_line);
    }

    proptest! {
        #[test]
        fn a_message_of_whole_lines_is_unchanged_after_stuffing_and_reading(lines in proptest::collection::vec("[.a\0é ]{0,6}", 0..20), cut in 0usize..50) {
            let message: String = lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect();
            prop_assert!(!has_bare_break(message.as_bytes()));
            let wire = stuff(message.as_bytes());
            let mut reader = DataReader::new(1 << 20);
            let cut = cut.min(wire.len() - 1);
            prop_assert_eq!(reader.feed(&wire[..cut]), None);
            prop_assert_eq!(reader.feed(&wire[cut..]), Some(wire.len() - cut));
            prop_assert!(!reader.bare_break);
            prop_assert_eq!(reader.into_bytes(), message.into_bytes());
        }

        #[test]
        fn a_bare_cr_or_lf_is_always_detected(before in "[a.]{0,3}", lone in "\r|\n|\n\r|\r\r\n", after in "[a.]{1,3}") {
            prop_assert!(has_bare_break(format!("{before}{lone}{after}\r\n").as_bytes()), "sent");
            prop_assert!(read(format!("{before}{lone}{after}\r\n").as_bytes()).1.bare_break, "received");
        }
    }
}
