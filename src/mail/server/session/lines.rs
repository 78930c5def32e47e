//! Reads command lines and writes replies.

use std::io;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{Flow, Line, Receiver, Session};

/// The most bytes of a command line, which a login may need ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
const MAX_COMMAND: u64 = 12_288;
/// After this many protocol errors the connection is closed.
const MAX_PROTOCOL_ERRORS: u32 = 20;

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
        let limit = self.options.size_limit;
        self.reply(552, &format!("5.3.4 the message is larger than {limit} bytes"))
    }

    pub(super) async fn flush(&mut self) -> io::Result<()> {
        let out = std::mem::take(&mut self.out);
        let sent = timeout(self.options.idle, async {
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
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(MAX_COMMAND);
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
