//! One SMTP session as a state machine: bytes in, replies out. Commands may arrive in any grouping
//! ([RFC 2920](https://www.rfc-editor.org/rfc/rfc2920)).

use super::faults::{Fault, Stage};
use super::shared::{AcceptedMessage, Shared};

/// The end of a message, with the line end before it
/// ([RFC 5321 §4.1.1.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.4)).
const END: &[u8] = b"\r\n.\r\n";
/// Only this many bytes of the headers are searched for the Message-ID.
const MAX_HEADER_BYTES: usize = 16 * 1024;
/// A longer command closes the connection.
const MAX_LINE_BYTES: usize = 4096;

/// What to do with the connection next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Read from it.
    Read,
    /// Close it after the replies are sent.
    Close,
    /// Keep it open, and send nothing more.
    Silence,
}

/// The state of a session.
pub struct Session {
    connection: u64,
    in_message: bool,
    /// The beginning of a command whose end has not arrived.
    line: Vec<u8>,
    recipients: Vec<String>,
    /// The return path of the envelope; empty if it is `<>` or unknown.
    return_path: String,
    /// How many bytes of [`END`] the input so far ends with.
    matched: usize,
    size: u64,
    headers: Vec<u8>,
    /// How many messages the unsent replies accept.
    pub accepted: u32,
}

impl Session {
    pub fn new(connection: u64) -> Self {
        Self {
            connection,
            in_message: false,
            line: Vec::new(),
            recipients: Vec::new(),
            return_path: String::new(),
            matched: 0,
            size: 0,
            headers: Vec::new(),
            accepted: 0,
        }
    }

    /// Processes input and appends the replies to `out`.
    pub fn feed(&mut self, mut input: &[u8], shared: &Shared, out: &mut Vec<u8>) -> Next {
        while !input.is_empty() {
            let (used, next) = if self.in_message {
                self.message(input, shared, out)
            } else {
                self.command(input, shared, out)
            };
            if next != Next::Read {
                return next;
            }
            input = &input[used..];
        }
        Next::Read
    }

    fn command(&mut self, input: &[u8], shared: &Shared, out: &mut Vec<u8>) -> (usize, Next) {
        let Some(end) = memchr::memchr(b'\n', input) else {
            self.line.extend_from_slice(input);
            let next = if self.line.len() > MAX_LINE_BYTES {
                Next::Close
            } else {
                Next::Read
            };
            return (input.len(), next);
        };
        let used = end + 1;
        let next = if self.line.is_empty() {
            self.answer(&input[..used], shared, out)
        } else {
            let mut line = std::mem::take(&mut self.line);
            line.extend_from_slice(&input[..used]);
            self.answer(&line, shared, out)
        };
        (used, next)
    }

    fn answer(&mut self, line: &[u8], shared: &Shared, out: &mut Vec<u8>) -> Next {
        if let Some(fault) = shared.faults.borrow_mut().at(Stage::Command) {
            return ends_by(fault, shared);
        }
        let mut verb = [0; 4];
        for (to, from) in verb.iter_mut().zip(line) {
            *to = from.to_ascii_uppercase();
        }
        let reply: &[u8] = match &verb {
            b"EHLO" => b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 104857600\r\n",
            b"MAIL" | b"RSET" => {
                self.recipients.clear();
                self.return_path.clear();
                if shared.reads_headers() {
                    self.return_path.push_str(&in_brackets(line).unwrap_or_default());
                }
                b"250 2.0.0 ok\r\n"
            }
            b"RCPT" => self.recipient(line, shared),
            b"DATA" if self.recipients.is_empty() => b"554 5.5.1 no valid recipients\r\n",
            b"DATA" => {
                self.in_message = true;
                self.size = 0;
                // The line end of DATA may be the one before the dot.
                self.matched = 2;
                self.headers.clear();
                b"354 go on, end with a dot\r\n"
            }
            b"HELO" | b"NOOP" => b"250 2.0.0 ok\r\n",
            b"QUIT" => {
                out.extend_from_slice(b"221 2.0.0 bye\r\n");
                return Next::Close;
            }
            _ => b"502 5.5.2 not known here\r\n",
        };
        out.extend_from_slice(reply);
        Next::Read
    }

    fn recipient(&mut self, line: &[u8], shared: &Shared) -> &'static [u8] {
        let Some(address) = in_brackets(line) else {
            return b"501 5.1.3 write RCPT TO:<address>\r\n";
        };
        if shared.denies(&address) {
            shared.tally().totals.denied += 1;
            return b"451 4.4.1 the servers of this domain do not answer\r\n";
        }
        self.recipients.push(address);
        b"250 2.1.5 ok\r\n"
    }

    /// Processes a part of a message, up to its end or to the end of the input.
    fn message(&mut self, input: &[u8], shared: &Shared, out: &mut Vec<u8>) -> (usize, Next) {
        if self.size == 0
            && let Some(fault) = shared.faults.borrow_mut().at(Stage::Body)
        {
            return (input.len(), ends_by(fault, shared));
        }
        let end = self.find_end(input, shared);
        let used = end.unwrap_or(input.len());
        self.size += used as u64;
        if shared.reads_headers() && self.headers.len() < MAX_HEADER_BYTES {
            self.headers.extend_from_slice(&input[..used.min(MAX_HEADER_BYTES)]);
        }
        if end.is_none() {
            return (used, Next::Read);
        }
        self.in_message = false;
        let fault = shared.faults.borrow_mut().at(Stage::Final);
        if let Some(fault) = fault.filter(|fault| *fault != Fault::DropFinal) {
            return (used, ends_by(fault, shared));
        }
        // The final dot and its line end are not part of the message.
        let size = self.size.saturating_sub(3);
        shared.record_accepted(&AcceptedMessage {
            connection: self.connection,
            size,
            return_path: &self.return_path,
            recipients: &self.recipients,
            message_id: message_id(&self.headers),
        });
        self.recipients.clear();
        if let Some(fault) = fault {
            return (used, ends_by(fault, shared));
        }
        self.accepted += 1;
        out.extend_from_slice(b"250 2.0.0 accepted\r\n");
        (used, Next::Read)
    }

    /// The position in `input` after the end of the message. The bytes of the end may arrive in several reads.
    fn find_end(&mut self, input: &[u8], shared: &Shared) -> Option<usize> {
        // A match that began in the previous input goes on byte by byte.
        let mut at = 0;
        while self.matched > 0 && at < input.len() {
            self.matched = step(self.matched, input[at]);
            at += 1;
            if self.matched == END.len() {
                return Some(at);
            }
        }
        if let Some(found) = shared.end_of_message.find(&input[at..]) {
            return Some(at + found + END.len());
        }
        for byte in &input[at.max(input.len().saturating_sub(END.len() - 1))..] {
            self.matched = step(self.matched, *byte);
        }
        None
    }
}

/// How much of [`END`] is matched after one more byte. Only its two CRs can begin it again.
fn step(matched: usize, byte: u8) -> usize {
    if END.get(matched) == Some(&byte) {
        matched + 1
    } else {
        usize::from(byte == b'\r')
    }
}

/// The address between `<` and `>` in a command.
fn in_brackets(line: &[u8]) -> Option<String> {
    let start = memchr::memchr(b'<', line)? + 1;
    let length = memchr::memchr(b'>', &line[start..])?;
    Some(String::from_utf8_lossy(&line[start..start + length]).into_owned())
}

fn ends_by(fault: Fault, shared: &Shared) -> Next {
    let totals = &mut shared.tally().totals;
    match fault {
        Fault::HangUp => {
            totals.hung_up += 1;
            Next::Close
        }
        Fault::Silence => {
            totals.silent += 1;
            Next::Silence
        }
        Fault::DropFinal => {
            totals.dropped += 1;
            Next::Close
        }
    }
}

/// The value of the Message-ID header, which may be folded; `-` if there is none.
fn message_id(headers: &[u8]) -> &str {
    let name = b"message-id:";
    let end = memchr::memmem::find(headers, b"\r\n\r\n").unwrap_or(headers.len());
    let mut lines = headers[..end].split(|byte| *byte == b'\n');
    let is_it = |line: &[u8]| {
        line.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let Some(line) = lines.find(|line| is_it(line)) else {
        return "-";
    };
    let text = |line| std::str::from_utf8(line).map_or("-", str::trim);
    match text(&line[name.len()..]) {
        "" => lines.next().map_or("-", text),
        id => id,
    }
}
