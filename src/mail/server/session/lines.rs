//! Reads command lines and writes replies.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout},
};

use super::{Content, Flow, Line, Receiver, Session};

/// The most bytes of a command line, which a login may need ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
const MAX_COMMAND: u64 = 12_288;
/// After this many protocol errors the connection is closed.
const MAX_PROTOCOL_ERRORS: u32 = 20;
/// How long the last reply may take after the lifetime of the connection.
const LAST_REPLY_TIMEOUT: Duration = Duration::from_secs(5);

impl<R: Receiver> Session<R> {
    /// Adds a reply. Each LF in the text begins another line of the reply.
    pub(super) fn reply(&mut self, code: u16, text: &str) -> Flow {
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

    pub(super) fn reply_and_close(&mut self, text: &str) -> Flow {
        self.reply(421, text);
        Flow::Close
    }

    pub(super) fn protocol_error(&mut self, code: u16, text: &str) -> Flow {
        self.protocol_errors += 1;
        if self.protocol_errors > MAX_PROTOCOL_ERRORS {
            self.reply_and_close("4.7.0 too many protocol errors")
        } else {
            self.reply(code, text)
        }
    }

    pub(super) fn too_large(&mut self) -> Flow {
        let text = self.too_large_text();
        self.reply(552, &text)
    }

    pub(super) fn too_large_text(&self) -> String {
        format!("5.3.4 the message is larger than {} bytes", self.options.size_limit)
    }

    /// How long the client may be silent now.
    pub(super) fn idle_timeout(&self) -> Duration {
        let idle = if self.place.are_scarce() {
            self.options.idle_when_scarce
        } else {
            self.options.idle
        };
        idle.min(self.ends_at.saturating_duration_since(Instant::now()))
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.ends_at
    }

    pub(super) fn replaced(&mut self) -> Flow {
        self.reply_and_close("4.3.2 other clients wait, and this one delivers nothing; try again later")
    }

    pub(super) fn time_out(&mut self) -> Flow {
        self.reply_and_close(if self.is_over() {
            "4.4.2 the connection lasted too long"
        } else {
            "4.4.2 silent for too long"
        })
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        let out = std::mem::take(&mut self.out);
        let limit = self.idle_timeout().max(LAST_REPLY_TIMEOUT);
        let sent = timeout(limit, async {
            self.stream.write_all(&out).await?;
            self.stream.flush().await
        });
        sent.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// The next line without its CRLF. Pending replies are sent first, unless the next command was already received.
    pub(super) async fn read_line(&mut self) -> io::Result<Line> {
        if !self.stream.buffer().contains(&b'\n') {
            self.flush().await?;
        }
        // A client that never pauses would never reach the timeout below.
        if self.is_over() {
            return Ok(Line::TimedOut);
        }
        let limit = self.idle_timeout();
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(MAX_COMMAND);
        let read = tokio::select! {
            read = timeout(limit, limited.read_until(b'\n', &mut line)) => read,
            () = self.shutdown.cancelled() => return Ok(Line::Shutdown),
            () = self.place.replaced.cancelled() => return Ok(Line::Replaced),
        };
        let Ok(length) = read else { return Ok(Line::TimedOut) };
        if length? == 0 {
            return Ok(Line::Closed);
        }
        // Bare line ends are allowed in content only. Otherwise a part of a message could pass for commands.
        let Some(line) = line.strip_suffix(b"\r\n").filter(|line| !line.contains(&b'\r')) else {
            return Ok(Line::Bad);
        };
        Ok(match (str::from_utf8(line), self.options.content) {
            (Ok(line), _) => Line::Read(line.to_owned()),
            (Err(_), Content::AsReceived) => Line::Read(String::from_utf8_lossy(line).into_owned()),
            (Err(_), Content::Strict) => Line::Bad,
        })
    }
}
