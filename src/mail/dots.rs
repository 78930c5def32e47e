//! Dot-stuffing, both ways: how a message's end is told from its text (RFC 5321 section 4.5.2).

/// The message as DATA carries it, ending in the final dot.
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

/// The message in what [`stuff`] made of it.
pub(super) fn unstuff(wire: &[u8]) -> Vec<u8> {
    let mut reader = Unstuffer::new(wire.len());
    reader.feed(wire);
    reader.into_bytes()
}

/// A CR or LF that stands alone: some servers would take it for a line end, and read commands out of the text.
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

/// Reads DATA up to CRLF dot CRLF, and nothing else, taking the stuffing out.
#[derive(Debug)]
pub(super) struct Unstuffer {
    state: State,
    limit: usize,
    line: usize,
    bytes: Vec<u8>,
    /// More came than the limit; the rest was read and thrown away.
    pub(super) too_large: bool,
    /// A CR or LF stood alone.
    pub(super) bare_break: bool,
    /// A line was longer than 998 octets.
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

impl Unstuffer {
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

    /// Takes in what has come; how many bytes were used if the end is among them.
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

    fn read(input: &[u8]) -> (Option<usize>, Unstuffer) {
        let mut reader = Unstuffer::new(1 << 20);
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
    fn what_is_over_the_limit_is_read_but_not_kept() {
        let mut reader = Unstuffer::new(10);
        assert_eq!(reader.feed(&stuff(&b"0123456789\r\n".repeat(50))), Some(603));
        assert!(reader.too_large);
        assert_eq!(reader.into_bytes().len(), 10);
    }

    #[test]
    fn a_line_of_998_is_allowed_and_one_more_is_not() {
        assert!(!read(&stuff(&[b"x".repeat(998), b"\r\n".to_vec()].concat())).1.long_line);
        assert!(read(&stuff(&[b"x".repeat(999), b"\r\n".to_vec()].concat())).1.long_line);
    }

    proptest! {
        #[test]
        fn any_message_of_whole_lines_comes_through_exactly(lines in proptest::collection::vec("[.a\0é ]{0,6}", 0..20), cut in 0usize..50) {
            let message: String = lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect();
            prop_assert!(!has_bare_break(message.as_bytes()));
            let wire = stuff(message.as_bytes());
            let mut reader = Unstuffer::new(1 << 20);
            let cut = cut.min(wire.len() - 1);
            prop_assert_eq!(reader.feed(&wire[..cut]), None);
            prop_assert_eq!(reader.feed(&wire[cut..]), Some(wire.len() - cut));
            prop_assert!(!reader.bare_break);
            prop_assert_eq!(reader.into_bytes(), message.into_bytes());
        }

        #[test]
        fn a_lone_cr_or_lf_is_always_noticed(before in "[a.]{0,3}", lone in "\r|\n|\n\r|\r\r\n", after in "[a.]{1,3}") {
            prop_assert!(has_bare_break(format!("{before}{lone}{after}\r\n").as_bytes()), "sent");
            prop_assert!(read(format!("{before}{lone}{after}\r\n").as_bytes()).1.bare_break, "received");
        }
    }
}
