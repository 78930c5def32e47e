//! Reads a sender's lines and gives it replies.

use std::io;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{Flow, Receiver, Session};

/// The longest command: a login may need it (RFC 4954 section 4).
const LONGEST_COMMAND: u64 = 12_288;
/// After so many commands that make no sense the connection is closed.
const MOST_MISTAKES: u32 = 20;

/// A line, or what came instead.
pub(super) enum Line {
    Read(String),
    /// Not ended by CRLF, too long, or no UTF-8.
    Bad,
    Closed,
    Idle,
    Shutdown,
}

impl<R: Receiver> Session<R> {
    /// A reply; LFs in the text make it one of several lines.
    pub(super) fn say(&mut self, code: u16, text: &str) -> Flow {
        let text = text.replace('\r', " ");
        let lines: Vec<_> = text.lines().collect();
        let (last, before) = lines
            .split_last()
            .map_or(("", &[][..]), |(last, before)| (*last, before));
        for line in before {
            self.out.extend_from_slice(format!("{code}-{line}\r\n").as_bytes());
        }
        self.out.extend_from_slice(format!("{code} {last}\r\n").as_bytes());
        Flow::Continue
    }

    pub(super) fn last_word(&mut self, text: &str) -> Flow {
        self.say(421, text);
        Flow::Close
    }

    pub(super) fn mistake(&mut self, code: u16, text: &str) -> Flow {
        self.mistakes += 1;
        if self.mistakes > MOST_MISTAKES {
            self.last_word("4.7.0 too many mistakes")
        } else {
            self.say(code, text)
        }
    }

    pub(super) fn too_large(&mut self) -> Flow {
        let limit = self.options.size_limit;
        self.say(552, &format!("5.3.4 the message is larger than {limit} bytes"))
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        let out = std::mem::take(&mut self.out);
        let sent = timeout(self.options.idle, async {
            self.stream.write_all(&out).await?;
            self.stream.flush().await
        });
        sent.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// The next line, its CRLF taken off. Replies are sent first, unless the next command is here already.
    pub(super) async fn read_line(&mut self) -> io::Result<Line> {
        if !self.stream.buffer().contains(&b'\n') {
            self.flush().await?;
        }
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(LONGEST_COMMAND);
        let read = tokio::select! {
            read = timeout(self.options.idle, limited.read_until(b'\n', &mut line)) => read,
            () = self.shutdown.cancelled() => return Ok(Line::Shutdown),
        };
        let Ok(length) = read else { return Ok(Line::Idle) };
        if length? == 0 {
            return Ok(Line::Closed);
        }
        let line = line.strip_suffix(b"\r\n").filter(|line| !line.contains(&b'\r'));
        Ok(line
            .and_then(|line| str::from_utf8(line).ok())
            .map_or(Line::Bad, |line| Line::Read(line.to_owned())))
    }
}
