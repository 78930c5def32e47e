//! Divides what an IMAP server sends into responses: lines, with the literals that they announce
//! ([RFC 3501 §4.3](https://www.rfc-editor.org/rfc/rfc3501#section-4.3)).

use std::io;

/// How deep lists may be nested. imap-proto parses them by recursion without a limit of its own.
const MAX_DEPTH: usize = 20;

/// The part of a response that has arrived so far.
#[derive(Debug, Default)]
pub(super) struct Framing {
    /// The most bytes of this response and the following ones.
    max_response: usize,
    bytes: Vec<u8>,
    /// Where the current line begins in `bytes`.
    line_start: usize,
    /// How many bytes of a literal are still to come.
    literal: usize,
    /// How many lists are open at the beginning of the current line.
    depth: usize,
}

impl Framing {
    pub(super) fn new(max_response: usize) -> Self {
        Self {
            max_response,
            ..Self::default()
        }
    }

    /// Changes the most bytes of a response.
    pub(super) const fn set_max_response(&mut self, bytes: usize) {
        self.max_response = bytes;
    }

    /// Takes bytes up to the end of the current response. Returns how many it took, and the response if it is complete.
    ///
    /// # Errors
    /// When the response is too large or nested too deeply.
    pub(super) fn add(&mut self, input: &[u8]) -> io::Result<(usize, Option<Vec<u8>>)> {
        let mut used = 0;
        while used < input.len() {
            let rest = &input[used..];
            if self.literal > 0 {
                let part = &rest[..self.literal.min(rest.len())];
                self.extend(part)?;
                self.literal -= part.len();
                self.line_start = self.bytes.len();
                used += part.len();
                continue;
            }
            let end = rest.iter().position(|byte| *byte == b'\n');
            let part = &rest[..end.map_or(rest.len(), |at| at + 1)];
            self.extend(part)?;
            used += part.len();
            if end.is_some() && self.is_complete()? {
                let next = Self::new(self.max_response);
                let response = std::mem::replace(self, next).bytes;
                return Ok((used, Some(response)));
            }
        }
        Ok((used, None))
    }

    /// Looks at a line that has just ended: whether it ends the response, or announces a literal after which the response goes on.
    fn is_complete(&mut self) -> io::Result<bool> {
        // The text of a status response is for a person, and may contain anything.
        if is_status(&self.bytes) {
            return Ok(true);
        }
        let line = &self.bytes[self.line_start..];
        self.depth = depth_after(self.depth, line)?;
        let Some(length) = announced_literal(line) else {
            return Ok(true);
        };
        if length > self.max_response.saturating_sub(self.bytes.len()) {
            return Err(too_large());
        }
        self.literal = length;
        self.line_start = self.bytes.len();
        Ok(false)
    }

    fn extend(&mut self, part: &[u8]) -> io::Result<()> {
        if self.bytes.len() + part.len() > self.max_response {
            return Err(too_large());
        }
        self.bytes.extend_from_slice(part);
        Ok(())
    }
}

fn too_large() -> io::Error {
    io::Error::other("the server's response is too large")
}

/// Whether a response is one of `OK`, `NO`, `BAD`, `BYE` and `PREAUTH`, tagged or not, or asks for more input.
fn is_status(response: &[u8]) -> bool {
    if response.starts_with(b"+") {
        return true;
    }
    let mut words = response.split(u8::is_ascii_whitespace);
    let status = words.nth(1).unwrap_or_default();
    ["OK", "NO", "BAD", "BYE", "PREAUTH"]
        .iter()
        .any(|name| status.eq_ignore_ascii_case(name.as_bytes()))
}

/// The length in `{123}` or `{123+}` at the end of a line.
fn announced_literal(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let line = line.strip_suffix(b"+").unwrap_or(line);
    let start = line.iter().rposition(|byte| *byte == b'{')? + 1;
    std::str::from_utf8(&line[start..]).ok()?.parse().ok()
}

/// How many lists are open after a line.
fn depth_after(mut depth: usize, line: &[u8]) -> io::Result<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for byte in line {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'(' if !is_quoted => depth += 1,
            b')' if !is_quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(io::Error::other("the server's response is nested too deeply"));
        }
    }
    Ok(depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 256 * 1024;
    const SESSION: &[u8] = b"* OK ready {5}\r\n* 3 EXISTS\r\n* 3 FETCH (UID 7 BODY[]<0> {12}\r\na (\r\n{9}\r\n)b FLAGS (\\Seen))\r\n\
                             * 4 FETCH (UID 8 BODY[]<0> {0}\r\n)\r\n* LIST () \"/\" {3}\r\nA\"B\r\n+ go on\r\na1 OK done\r\n";

    /// The responses of a stream that arrives in parts of `size` bytes.
    fn responses(stream: &[u8], size: usize) -> Vec<Vec<u8>> {
        let (mut framing, mut found) = (Framing::new(MAX), Vec::new());
        for mut part in stream.chunks(size) {
            while !part.is_empty() {
                let (used, response) = framing.add(part).expect("the stream is within the limits");
                found.extend(response);
                part = &part[used..];
            }
        }
        assert!(framing.bytes.is_empty(), "a response is incomplete");
        found
    }

    #[test]
    fn a_stream_is_divided_the_same_way_however_it_arrives() {
        let whole = responses(SESSION, SESSION.len());
        assert_eq!(whole.len(), 7);
        assert_eq!(whole.concat(), SESSION);
        assert!(whole[2].ends_with(b")b FLAGS (\\Seen))\r\n"));
        assert!(whole[3].ends_with(b"{0}\r\n)\r\n"));
        for size in 1..40 {
            assert_eq!(responses(SESSION, size), whole, "in parts of {size} bytes");
        }
    }

    #[test]
    fn a_response_beyond_the_limits_is_refused() {
        for stream in [
            b"* 1 FETCH (BODY[] {999999999}\r\n".to_vec(),
            b"* 1 FETCH (BODY[] {18446744073709551615}\r\n".to_vec(),
            [b"* LIST ".as_slice(), &b"x".repeat(MAX)].concat(),
            [b"* 1 FETCH (BODYSTRUCTURE ".as_slice(), &b"(".repeat(100_000), b"\r\n"].concat(),
        ] {
            assert!(Framing::new(MAX).add(&stream).is_err());
        }
        // The words of a person are no lists.
        let text = [b"* OK ".as_slice(), &b"(".repeat(100), b"\r\n"].concat();
        assert!(matches!(Framing::new(MAX).add(&text), Ok((_, Some(_)))));
    }
}
